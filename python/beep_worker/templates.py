"""The worker's templates, one for each key, started when first wanted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from beep_worker.environment import SINGLE_THREADED, start_environment, template_environment
from beep_worker.reaper import Reaper
from beep_worker.spares import Spares
from beep_worker.template import TemplateKey, TemplateProcess

# A template that nobody has used for so long ends, but for those that are kept.
UNUSED_S = 600.0

# A caller who asked just before an environment changed still gets the session that is being forked.
_IDLE_CHECK_S = 0.5


class Templates:
    """Concurrent first callers wait for the same start."""

    def __init__(self, reaper: Reaper, on_change: Callable[[TemplateProcess], None]) -> None:
        self.spares = Spares(reaper)
        self._on_change = on_change
        self._reaper = reaper
        self._starting: dict[TemplateKey, asyncio.Task[TemplateProcess]] = {}
        self._running: dict[TemplateKey, TemplateProcess] = {}
        self._kept: set[TemplateKey] = set()

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter([template for template in self._running.values() if template.is_alive])

    def keep(self, key: TemplateKey) -> None:
        """This one stays however long it is unused."""
        self._kept.add(key)

    async def get(self, key: TemplateKey) -> TemplateProcess:
        """The running template of a key. Raises TemplateError."""
        template = self._running.get(key)
        if template is not None and template.is_alive:
            return template
        task = self._starting.get(key)
        if task is None:
            environment = {**SINGLE_THREADED, **template_environment(key.python_path)}
            task = asyncio.create_task(TemplateProcess.start(key, environment, self._reaper))
            self._starting[key] = task
            task.add_done_callback(lambda done: self._on_started(key, done))
        return await asyncio.shield(task)

    def restock(self, key: TemplateKey) -> None:
        """Makes a session ahead of the next caller who wants one of this kind."""
        template = self._running.get(key)
        if template is not None:
            self.spares.restock(template)

    async def get_own(self, key: TemplateKey, environment: dict[str, str]) -> TemplateProcess:
        """A process of one's own that can become a session. Raises TemplateError."""
        template = await TemplateProcess.start(key, start_environment(environment), self._reaper)
        template.spawn_reason = template.spawn_reason or "a process of its own was asked for"
        return template

    def close_unused(self) -> None:
        """Ends those that nobody has used for a while."""
        oldest = time.monotonic() - UNUSED_S
        for key, template in list(self._running.items()):
            if key not in self._kept and template.used_at < oldest:
                del self._running[key]
                self.spares.drop(template)
                template.close()

    def release(self, venv: str, kept_generation: int) -> None:
        """Ends those of other generations of an environment: nobody asks for them again."""

        def is_former(key: TemplateKey) -> bool:
            return key.venv == venv and key.venv_generation != kept_generation

        self._kept = {key for key in self._kept if not is_former(key)}
        for key in [key for key in self._running if is_former(key)]:
            template = self._running.pop(key)
            self.spares.drop(template)
            self._close_when_idle(template)

    def _close_when_idle(self, template: TemplateProcess) -> None:
        if template.is_forking:
            asyncio.get_running_loop().call_later(_IDLE_CHECK_S, self._close_when_idle, template)
        else:
            template.close()

    def _on_started(self, key: TemplateKey, task: asyncio.Task[TemplateProcess]) -> None:
        del self._starting[key]
        if not task.cancelled() and task.exception() is None:
            former = self._running.get(key)
            if former is not None:
                self.spares.drop(former)
            template = self._running[key] = task.result()
            template.on_ended = self._on_change
            self._on_change(template)
