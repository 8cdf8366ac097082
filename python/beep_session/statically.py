"""What an object has, read from the dictionaries of its type and its own, without running code of the user's.

No attribute is asked for: `__getattr__`, properties, descriptors and `__dir__` stay where they are. Keys are compared
only where they are exactly `str`, since a lookup would run the `__eq__` of another key with the same hash.
"""

from __future__ import annotations

from itertools import islice
from types import (
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    ModuleType,
)
from typing import Any, Dict, FrozenSet, Iterable, List, Optional, Tuple

from beep_session.own import BUILTINS as __builtins__  # noqa: F401

# So many entries of one dictionary are looked at, and so many classes of one object.
MAX_ENTRIES = 50_000
_MAX_CLASSES = 200


class _Nothing:
    """Stands for what cannot be known without running code."""


NOTHING: Any = _Nothing()

Entries = List[Tuple[Any, Any]]

_class_entries = type.__dict__["__dict__"].__get__
_class_mro = type.__dict__["__mro__"].__get__
_class_name = type.__dict__["__name__"].__get__
_class_qualname = type.__dict__["__qualname__"].__get__
_class_module = type.__dict__["__module__"].__get__
_class_flags = type.__dict__["__flags__"].__get__
_HEAP_TYPE = 1 << 9
_static_function = staticmethod.__dict__["__func__"].__get__
_class_function = classmethod.__dict__["__func__"].__get__
_read_getset = GetSetDescriptorType.__get__
_read_member = MemberDescriptorType.__get__
_dict_items, _dict_keys, _list_iter = dict.items, dict.keys, list.__iter__

# A method of C's that all objects have, and a type's own slots as objects.
_SLOT_WRAPPER = type(object.__init__)
_CLASS_METHOD_DESCRIPTOR = type(dict.__dict__["fromkeys"])


def ids(*kinds: type) -> FrozenSet[int]:
    """For `id(kind) in`: a class may have a metaclass whose `__eq__` and `__hash__` are the user's."""
    return frozenset(map(id, kinds))


_INERT = ids(FunctionType, MethodDescriptorType, _SLOT_WRAPPER, _CLASS_METHOD_DESCRIPTOR, type(len))


def first(entries: Iterable[Any], count: int = MAX_ENTRIES) -> List[Any]:
    """The first of them; other threads may change what is walked."""
    for _ in range(3):
        try:
            return list(islice(entries, count))
        except RuntimeError:
            continue
    return []


def items_of(mapping: Dict[Any, Any], count: int = MAX_ENTRIES) -> Entries:
    """Entries of a dictionary, also of a subclass whose methods say something else."""
    for _ in range(3):
        try:
            return list(islice(_dict_items(mapping), count))
        except RuntimeError:
            continue
    return []


def keys_of(mapping: Dict[Any, Any], count: int = MAX_ENTRIES) -> List[Any]:
    """Keys of a dictionary, likewise."""
    for _ in range(3):
        try:
            return list(islice(_dict_keys(mapping), count))
        except RuntimeError:
            continue
    return []


def entries_of_list(values: Any, count: int = MAX_ENTRIES) -> List[Any]:
    """Entries of a list, also of a subclass whose methods say something else."""
    return first(_list_iter(values), count) if issubclass(type(values), list) else []


def find(mapping: Dict[Any, Any], name: str) -> Any:
    """The value under a name, or NOTHING."""
    return _find_in(items_of(mapping), name)


def classes_of(kind: type) -> Tuple[type, ...]:
    """A class and all that it inherits from."""
    mro = _class_mro(kind)
    return mro[:_MAX_CLASSES] if type(mro) is tuple else (kind,)


def entries_of_class(kind: type) -> Entries:
    """What the class itself defines."""
    return first(_class_entries(kind).items())


def find_in_class(kind: type, name: str) -> Tuple[Any, Any]:
    """What a class defines or inherits under a name, and the class that it comes from; NOTHING twice otherwise."""
    for owner in classes_of(kind):
        found = _find_in(entries_of_class(owner), name)
        if found is not NOTHING:
            return found, owner
    return NOTHING, NOTHING


def own_entries(value: Any) -> Optional[Dict[Any, Any]]:
    """The dictionary of an object that is no class, if it has one."""
    found, _ = find_in_class(type(value), "__dict__")
    try:
        if type(found) is GetSetDescriptorType:
            entries = _read_getset(found, value)
        elif type(found) is MemberDescriptorType:
            entries = _read_member(found, value)
        else:
            return None
    except (AttributeError, TypeError):
        return None
    return entries if issubclass(type(entries), dict) else None


def is_class(value: Any) -> bool:
    """Whether it is a class, by its type alone."""
    return issubclass(type(value), type)


def is_module(value: Any) -> bool:
    """Whether it is a module, by its type alone."""
    return issubclass(type(value), ModuleType)


def attribute(value: Any, name: str) -> Any:
    """What `value.name` is, where that can be told without running code; else NOTHING."""
    if is_class(value):
        found, _ = find_in_class(value, name)
        return _unwrapped(found) if found is not NOTHING else _of_instance(value, None, name)
    return _of_instance(value, own_entries(value), name)


def of_an_instance(kind: type, name: str) -> Any:
    """What `name` is of some instance of a class."""
    found, _ = find_in_class(kind, name)
    return _unwrapped(found)


def attribute_names(value: Any) -> List[Tuple[str, Any]]:
    """Names of the attributes, each with what stands in the dictionary, which may be a descriptor."""
    named: Dict[str, Any] = {}
    if is_class(value):
        _add_classes(named, classes_of(value))
    else:
        _add(named, items_of(own_entries(value) or {}))
    _add_classes(named, classes_of(type(value)))
    return list(named.items())


def instance_names(kind: type) -> List[Tuple[str, Any]]:
    """Names of the attributes that every instance of a class has."""
    named: Dict[str, Any] = {}
    _add_classes(named, classes_of(kind))
    return list(named.items())


def name_of_class(kind: type) -> str:
    """Qualified name of a class; a builtin's is bare."""
    name = _class_qualname(kind)
    if type(name) is not str:
        name = _class_name(kind)
    module = module_of_class(kind)
    return name if module in ("builtins", "") else f"{module}.{name}"


def module_of_class(kind: type) -> str:
    """Name of the module that a class says it is from, or nothing."""
    # A type of C's has it in its name; of one that Python made it is an entry like any other.
    is_made = _class_flags(kind) & _HEAP_TYPE
    module = _find_in(entries_of_class(kind), "__module__") if is_made else _class_module(kind)
    return module if type(module) is str else ""


def _add_classes(named: Dict[str, Any], classes: Tuple[type, ...]) -> None:
    for kind in classes:
        _add(named, entries_of_class(kind))


def _add(named: Dict[str, Any], entries: Entries) -> None:
    for name, found in entries:
        if type(name) is str and name not in named:
            named[name] = found


def _find_in(entries: Entries, name: str) -> Any:
    for key, found in entries:
        if type(key) is str and key == name:
            return found
    return NOTHING


def _of_instance(value: Any, entries: Optional[Dict[Any, Any]], name: str) -> Any:
    found, owner = find_in_class(type(value), name)
    kind = type(found)
    if kind is MemberDescriptorType:
        try:
            return _read_member(found, value)  # a slot: memory that is read
        except (AttributeError, TypeError):
            return NOTHING
    if kind is GetSetDescriptorType or kind is property:
        return NOTHING
    if found is NOTHING or not _has(kind, "__set__"):
        own = NOTHING if entries is None else find(entries, name)
        if own is not NOTHING:
            return own
    return _unwrapped(found)


def _unwrapped(found: Any) -> Any:
    """What a descriptor stands for, where that is plain."""
    kind = type(found)
    if kind is staticmethod:
        return _static_function(found)
    if kind is classmethod:
        return _class_function(found)
    if found is NOTHING or id(kind) in _INERT or not _has(kind, "__get__"):
        return found
    return NOTHING


def _has(kind: type, name: str) -> bool:
    return find_in_class(kind, name)[0] is not NOTHING
