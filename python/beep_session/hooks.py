"""What is set in modules of the user's when they are imported."""

from __future__ import annotations

import os
from types import ModuleType

from beep_session import display
from beep_session.after_import import AfterImport
from beep_session.own import BUILTINS as __builtins__  # noqa: F401
from beep_session.stdin import ask_password

MPL_BACKEND = "module://beep_session.mpl_backend"


def install() -> None:
    """Watch for the modules that we have something to set in."""
    AfterImport(
        {
            "matplotlib": _on_matplotlib,
            "IPython.core.display_functions": _on_ipython,
            "IPython.core.display": _on_ipython,
            "getpass": _on_getpass,
        }
    ).install()


def _on_matplotlib(module: ModuleType) -> None:
    # Not by MPLBACKEND in the environment: child processes would inherit the name of a module they do not have.
    if not os.environ.get("MPLBACKEND"):
        module.rcParams["backend"] = MPL_BACKEND


def _on_ipython(module: ModuleType) -> None:
    for name in ("display", "update_display", "clear_output", "DisplayHandle"):
        if hasattr(module, name):
            setattr(module, name, getattr(display, name))


def _on_getpass(module: ModuleType) -> None:
    module.getpass = ask_password  # type: ignore[attr-defined]
