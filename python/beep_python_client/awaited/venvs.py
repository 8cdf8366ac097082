"""Virtual environments and their packages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Mapping, Optional, Sequence, Tuple

from beep_python_client.awaited.calls import AsyncCalls
from beep_python_client.awaited.work import AsyncWork
from beep_python_client.contract import venv_pb2
from beep_python_client.environments import PackageInfo, Plan, VenvChange, VenvInfo, VenvProblem
from beep_python_client.records import records_of
from beep_python_client.requests import index_options, venv_spec

if TYPE_CHECKING:
    from typing import Literal

    from typing_extensions import Unpack

    from beep_python_client.options import IndexOptions, VenvOptions


class AsyncVenvs:
    """The environments of the gateway's machine; where a name may be left out, that is the default environment."""

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls

    def ensure(
        self,
        name: str = "",
        *,
        provider: str = "",
        model: str = "",
        accelerator: str = "",
        **options: Unpack[VenvOptions],
    ) -> AsyncWork[VenvChange]:
        """Have the environment that is described, making or changing it only where needed; what others put in stays."""
        request = venv_pb2.EnsureVenvRequest(
            name=name, provider=provider, model=model, accelerator=accelerator, spec=venv_spec(options)
        )
        return AsyncWork(self._calls, "EnsureVenv", request, VenvChange.of)

    def create(self, name: str, **options: Unpack[VenvOptions]) -> AsyncWork[VenvChange]:
        """Make a new one. Raises VenvExists where the name is taken."""
        request = venv_pb2.CreateVenvRequest(name=name, spec=venv_spec(options))
        return AsyncWork(self._calls, "CreateVenv", request, VenvChange.of, is_repeatable=False)

    def clone(self, name: str, new_name: str) -> AsyncWork[VenvChange]:
        """Make a copy under another name."""
        request = venv_pb2.CloneVenvRequest(name=name, new_name=new_name)
        return AsyncWork(self._calls, "CloneVenv", request, VenvChange.of, is_repeatable=False)

    async def get(self, name: str = "") -> VenvInfo:
        """One of them. Raises VenvNotFound."""
        return VenvInfo.of(await self._calls.again("GetVenv", venv_pb2.GetVenvRequest(name=name)))

    async def list(self, *, labels: Optional[Mapping[str, str]] = None) -> Tuple[VenvInfo, ...]:
        """All of them, also broken ones, or those that have all of these labels."""
        answer = await self._calls.again("ListVenvs", venv_pb2.ListVenvsRequest(labels=labels or {}))
        return tuple(VenvInfo.of(venv) for venv in answer.venvs)

    async def delete(self, name: str, *, force: bool = False) -> int:
        """Remove one; refused while sessions use it, unless `force` closes them. Gives the bytes that are free now."""
        answer = await self._calls.call("DeleteVenv", venv_pb2.DeleteVenvRequest(name=name, force=force))
        return int(answer.freed_bytes)

    async def rollback(self, name: str, generation: int = 0) -> VenvInfo:
        """Put an earlier generation in force again: the one before, unless named."""
        request = venv_pb2.RollbackVenvRequest(name=name, generation=generation)
        return VenvInfo.of(await self._calls.call("RollbackVenv", request))

    def install(
        self,
        name: str,
        packages: Sequence[str] = (),
        *,
        requirements: str = "",
        upgrade: bool = False,
        index: Optional[IndexOptions] = None,
    ) -> AsyncWork[VenvChange]:
        """Add packages; those that are there already stay as they are where they can."""
        request = venv_pb2.InstallPackagesRequest(
            name=name, packages=packages, requirements=requirements, upgrade=upgrade, index=index_options(index)
        )
        return AsyncWork(self._calls, "InstallPackages", request, VenvChange.of)

    def uninstall(self, name: str, packages: Sequence[str]) -> AsyncWork[VenvChange]:
        """Remove packages, not what they required."""
        request = venv_pb2.UninstallPackagesRequest(name=name, packages=packages)
        return AsyncWork(self._calls, "UninstallPackages", request, VenvChange.of)

    def sync(self, name: str, requirements: str, *, index: Optional[IndexOptions] = None) -> AsyncWork[VenvChange]:
        """Make it hold exactly what a lock says, or what a requirements text says and what that needs."""
        request = venv_pb2.SyncVenvRequest(name=name, requirements=requirements, index=index_options(index))
        return AsyncWork(self._calls, "SyncVenv", request, VenvChange.of)

    async def plan(
        self,
        name: str,
        packages: Sequence[str] = (),
        *,
        requirements: str = "",
        upgrade: bool = False,
        index: Optional[IndexOptions] = None,
    ) -> Plan:
        """What adding packages would do, without doing it."""
        request = venv_pb2.PlanPackagesRequest(
            name=name, packages=packages, requirements=requirements, upgrade=upgrade, index=index_options(index)
        )
        return Plan.of(await self._calls.again("PlanPackages", request))

    async def packages(self, name: str = "") -> Tuple[PackageInfo, ...]:
        """The installed packages."""
        answer = await self._calls.again("ListPackages", venv_pb2.ListPackagesRequest(name=name))
        return records_of(PackageInfo, answer.packages)

    async def check(
        self,
        name: str = "",
        level: Literal["interpreter", "dependencies", "files", "imports"] = "interpreter",
        modules: Sequence[str] = (),
    ) -> Tuple[VenvProblem, ...]:
        """What is wrong with it; each level includes those before it. Empty: nothing.

        `modules` are to be imported at the last; unless named, all that the packages asked for by name hold.
        """
        request: Any = venv_pb2.CheckVenvRequest(name=name, level=f"CHECK_LEVEL_{level.upper()}", modules=modules)
        answer = await self._calls.again("CheckVenv", request)
        return records_of(VenvProblem, answer.problems)

    async def export(self, name: str = "", format: Literal["requirements", "pylock"] = "requirements") -> str:
        """It as the text of a requirements file, or of a pylock.toml with hashes."""
        request: Any = venv_pb2.ExportVenvRequest(name=name, format=f"EXPORT_FORMAT_{format.upper()}")
        answer = await self._calls.again("ExportVenv", request)
        return str(answer.text)
