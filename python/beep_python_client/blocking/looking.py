# Made from awaited/looking.py by scripts/generate/client_blocking.py; edit that one.
"""Looking into a session, also while its code runs; that is no use of it, and moves no expiry."""

from __future__ import annotations

from typing import Any, Optional

from beep_python_client.blocking.calls import Calls
from beep_python_client.contract import execute_pb2
from beep_python_client.looked import Completeness, Completions, Inspection, Stacks, Variables
from beep_python_client.records import record_of


class Looking:
    """What can be seen of a session."""

    id: str
    _calls: Calls

    def complete(self, code: str, cursor: Optional[int] = None) -> Completions:
        """What could stand at a place of some code; at its end, unless a cursor is named."""
        request = execute_pb2.CompleteRequest(session_id=self.id, code=code, cursor=_place(code, cursor))
        return Completions.of(self._calls.again("Complete", request))

    def check_complete(self, code: str) -> Completeness:
        """Whether code can be run as it is, or more has to follow."""
        request = execute_pb2.CheckCompleteRequest(session_id=self.id, code=code)
        return record_of(Completeness, self._calls.again("CheckComplete", request))

    def inspect(self, code: str, cursor: Optional[int] = None) -> Optional[Inspection]:
        """What stands at a place of some code; at its end, unless a cursor is named. None: nothing that is known."""
        request = execute_pb2.InspectRequest(session_id=self.id, code=code, cursor=_place(code, cursor))
        return Inspection.of(self._calls.again("Inspect", request))

    def variables(self, *, include_private: bool = False) -> Variables:
        """Its variables; those that begin with an underscore where they are asked for."""
        request = execute_pb2.ListVariablesRequest(session_id=self.id, include_private=include_private)
        return Variables.of(self._calls.again("ListVariables", request))

    def stacks(self) -> Stacks:
        """Where every thread of it is."""
        request: Any = execute_pb2.DumpStacksRequest(session_id=self.id)
        return Stacks.of(self._calls.again("DumpStacks", request))


def _place(code: str, cursor: Optional[int]) -> int:
    return len(code) if cursor is None else cursor
