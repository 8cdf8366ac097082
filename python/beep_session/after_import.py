"""Something to do right after a certain module of the user's was imported, whenever that is."""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any, Callable, Dict, Optional

from beep_session.own import BUILTINS as __builtins__  # noqa: F401

Action = Callable[[ModuleType], None]


class AfterImport:
    """A finder that finds nothing itself: it hands the named modules' loaders on with an action added."""

    def __init__(self, actions: Dict[str, Action]) -> None:
        self._actions = actions

    def install(self) -> None:
        """Watch imports from now on; for modules that are there already, act at once."""
        for name in list(self._actions):
            if name in sys.modules:
                self._actions.pop(name)(sys.modules[name])
        sys.meta_path.insert(0, self)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Optional[ModuleSpec]:
        """Called for every import that is not in `sys.modules`."""
        action = self._actions.get(name)
        if action is None:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None:
            return None
        spec.loader = _Loader(spec.loader, action)  # type: ignore[assignment]
        return spec


class _Loader:
    def __init__(self, loader: Any, action: Action) -> None:
        self._loader = loader
        self._action = action

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> Optional[ModuleType]:
        module: Optional[ModuleType] = self._loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        # The module shall look as if we had never been there.
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        try:
            self._action(module)
        except Exception:
            pass  # another version than we know: it works without us
