"""Checks that what a hook returned is what its specification asks for, down to the last field.

A plugin is not type-checked by us; a wrong value found here names plugin, hook, place, what was got and what expected,
instead of breaking a page weeks later.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from core.plugins.errors import PluginError


def expect(hook: str, value: object, wanted: Any) -> Any:
    """Return the value when it is of the wanted type.

    Args:
        hook: name of the hook that returned it.
        value: what was returned.
        wanted: a type as annotations write it; sequences and mappings are looked into, dataclasses field by field.

    Raises:
        PluginError: names the place in the value, what was got and what was expected.
    """
    for place, got, expected in _wrong(f"{hook}()", value, wanted):
        raise PluginError(f"hook {hook}: {place} is {_shown(got)}, expected {_name(expected)}")
    return value


Wrong = Iterator[tuple[str, object, Any]]


def _wrong(place: str, value: object, wanted: Any) -> Wrong:
    """Yield each place where the value is not what is wanted: the place, what was got, what was expected."""
    if wanted is not object and wanted is not Any:
        yield from _CHECKS.get(get_origin(wanted), _plain)(place, value, wanted)


def _plain(place: str, value: object, wanted: Any) -> Wrong:
    if not _is(value, wanted):
        yield place, value, wanted
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        hints = get_type_hints(type(value))
        for field in dataclasses.fields(value):
            yield from _wrong(f"{place}.{field.name}", getattr(value, field.name), hints[field.name])


def _either(place: str, value: object, wanted: Any) -> Wrong:
    if all(any(True for _ in _wrong(place, value, option)) for option in get_args(wanted)):
        yield place, value, wanted


def _literal(place: str, value: object, wanted: Any) -> Wrong:
    if value not in get_args(wanted):
        yield place, value, wanted


def _class(place: str, value: object, wanted: Any) -> Wrong:
    if not (isinstance(value, type) and issubclass(value, get_args(wanted)[0])):
        yield place, value, wanted


def _tuple(place: str, value: object, wanted: Any) -> Wrong:
    kinds = get_args(wanted)
    if not isinstance(value, tuple):
        yield place, value, wanted
    elif kinds[1:] == (Ellipsis,):
        yield from _items(place, value, kinds[0])
    elif len(value) != len(kinds):
        yield place, value, wanted
    else:
        for position, (item, kind) in enumerate(zip(value, kinds, strict=True)):
            yield from _wrong(f"{place}[{position}]", item, kind)


def _set(place: str, value: object, wanted: Any) -> Wrong:
    if isinstance(value, frozenset):
        yield from _items(place, sorted(value, key=repr), get_args(wanted)[0])
    else:
        yield place, value, wanted


def _sequence(place: str, value: object, wanted: Any) -> Wrong:
    # A text is a sequence of texts to Python, and never what is meant here.
    if isinstance(value, list | tuple):
        yield from _items(place, value, get_args(wanted)[0])
    else:
        yield place, value, wanted


def _mapping(place: str, value: object, wanted: Any) -> Wrong:
    if not isinstance(value, Mapping):
        yield place, value, wanted
        return
    of_keys, of_items = get_args(wanted)
    for key, item in value.items():
        yield from _wrong(f"{place} key {key!r}", key, of_keys)
        yield from _wrong(f"{place}[{key!r}]", item, of_items)


def _items(place: str, value: Sequence[object], wanted: Any) -> Wrong:
    for position, item in enumerate(value):
        yield from _wrong(f"{place}[{position}]", item, wanted)


_CHECKS: dict[Any, Callable[[str, object, Any], Wrong]] = {
    Union: _either,
    UnionType: _either,
    Literal: _literal,
    type: _class,
    tuple: _tuple,
    frozenset: _set,
    Sequence: _sequence,
    Mapping: _mapping,
}


def _is(value: object, wanted: Any) -> bool:
    if wanted is None:
        return value is None
    # True and False are numbers to Python; a plugin that writes them for a number has made a mistake.
    return isinstance(value, wanted) and not (wanted is int and isinstance(value, bool))


def _shown(value: object) -> str:
    text = repr(value)
    return f"{text if len(text) <= 60 else text[:57] + '…'} ({type(value).__name__})"


def _name(wanted: Any) -> str:
    return wanted.__name__ if isinstance(wanted, type) else str(wanted).replace("core.plugins.", "")
