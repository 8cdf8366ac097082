"""What keeps our code apart from the user's: builtins of our own, and the test whether a frame is ours."""

from __future__ import annotations

import builtins
import os.path
from types import CodeType

# Every module of this package starts with `from beep_session.own import BUILTINS as __builtins__`: functions take the
# builtins of the globals they are made in, so `builtins.len = None` in a cell does not reach ours.
BUILTINS = dict(vars(builtins))

FOLDER = os.path.dirname(os.path.abspath(__file__)) + os.sep


def is_ours(code: CodeType) -> bool:
    """Whether the code belongs to this package."""
    return code.co_filename.startswith(FOLDER)
