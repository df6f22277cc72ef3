"""What a calendar-query asks for (CALDAV:filter, RFC 4791, 9.7).

The outer time-range goes to the index of the database; the rest is asked of each VEVENT that it finds, of which only
the lines are read that are asked about.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from xml.etree.ElementTree import Element

from icalendar import Component, Event

from core.calendars.caldav import files
from core.calendars.caldav.refusals import Refused
from core.calendars.caldav.xml import CAL, element
from core.clock import ZONE

Test = Callable[[Component], bool]

_MOMENT = re.compile(r"\d{8}T\d{6}Z", re.ASCII)

_TIMED = frozenset({"DTSTART", "DTEND", "DTSTAMP", "LAST-MODIFIED", "CREATED"})


@dataclass(frozen=True)
class Filter:
    """What is to be let through.

    Attributes:
        start, end: the entry ends after the one and starts before the other; None: any time.
        tests: what its VEVENT must pass, each with the property that it looks at.
        nothing: whether no entry can match, as none has such components.
    """

    start: datetime | None = None
    end: datetime | None = None
    tests: tuple[tuple[str, Test], ...] = ()
    nothing: bool = False

    def lets_through(self, data: Callable[[], bytes]) -> bool:
        """Say whether a VEVENT, which is asked for if need be, passes all tests."""
        if not self.tests:
            return True
        event = Event.from_ical(files.only(data(), {name.encode(): False for name, _test in self.tests}))
        return all(test(event) for _name, test in self.tests)


def read(root: Element) -> Filter:
    """Return the filter of a calendar-query.

    Raises:
        Refused: 403, there is none, it is none, or it asks for what is not here.
    """
    _check(root)
    found = root.findall(f"{CAL}filter/{CAL}comp-filter")
    if len(found) != 1 or _name(found[0]) != "VCALENDAR":
        raise _invalid("one comp-filter of VCALENDAR is needed")
    outer = found[0]
    if _is_not(outer):
        return Filter(nothing=True)
    nothing = not all(_test(prop)[1](_FRAME) for prop in outer.findall(f"{CAL}prop-filter"))
    chosen = Filter(nothing=nothing)
    for comp in outer.findall(f"{CAL}comp-filter"):
        chosen = _and(chosen, _of_component(comp))
    return chosen


_INSIDE: Mapping[str, str] = {
    "filter": "comp-filter",
    "comp-filter": "comp-filter prop-filter time-range is-not-defined",
    "prop-filter": "param-filter text-match time-range is-not-defined",
    "param-filter": "text-match is-not-defined",
    "text-match": "",
    "time-range": "",
    "is-not-defined": "",
}
INSIDE = {f"{CAL}{name}": frozenset(f"{CAL}{inner}" for inner in told.split()) for name, told in _INSIDE.items()}
"""What can stand in what (RFC 4791, 9.7): whatever else is asked is refused, or its answer would be too much."""


def _check(root: Element) -> None:
    for outer in root.iterfind(f"{CAL}filter"):
        for part in outer.iter():
            known = INSIDE[part.tag]  # the filter itself, or let through with what it stands in
            if not known.issuperset(inner.tag for inner in part):
                raise _refused("supported-filter", "a part of the filter is not known")


_FRAME = Component()
_FRAME["VERSION"] = "2.0"
_FRAME["CALSCALE"] = "GREGORIAN"


def _and(one: Filter, other: Filter) -> Filter:
    starts = [start for start in (one.start, other.start) if start]
    ends = [end for end in (one.end, other.end) if end]
    tests = one.tests + other.tests
    return Filter(max(starts, default=None), min(ends, default=None), tests, one.nothing or other.nothing)


def _of_component(comp: Element) -> Filter:
    name, absent = _name(comp), _is_not(comp)
    if name == "VTIMEZONE":
        if len(comp) > absent:
            raise _refused("supported-filter", "nothing is asked of time zones but whether they are there")
        return Filter(nothing=absent)
    if name != "VEVENT":
        return Filter(nothing=not absent)
    if absent:
        return Filter(nothing=True)
    start, end = _range(comp.find(f"{CAL}time-range"))
    tests = tuple(_test(prop) for prop in comp.findall(f"{CAL}prop-filter"))
    inner = comp.findall(f"{CAL}comp-filter")  # of alarms, which no entry has
    return Filter(start, end, tests, nothing=not all(_is_not(one) for one in inner))


def _test(prop: Element) -> tuple[str, Test]:
    """Return a property, and the test of its prop-filter: it is there, and one of its values passes."""
    name = _name(prop)
    if _is_not(prop):
        return name, lambda component: name not in component
    matches = [_match(one) for one in prop.findall(f"{CAL}text-match")]
    params = [_param(one) for one in prop.findall(f"{CAL}param-filter")]
    start, end = _range(prop.find(f"{CAL}time-range"))
    if (start or end) and name not in _TIMED:
        raise _refused("supported-filter", "a time-range is asked of times only")

    def passes(value: object) -> bool:
        told = _text(value)
        return (
            all(match(told) for match in matches) and all(param(value) for param in params) and _in(value, start, end)
        )

    return name, lambda component: any(map(passes, _values(component, name)))


def _values(component: Component, name: str) -> list[object]:
    value = component.get(name)
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    write = getattr(value, "to_ical", None)
    return str(write(), "utf-8") if write else str(value)


def _in(value: object, start: datetime | None, end: datetime | None) -> bool:
    if not start and not end:
        return True
    moment = getattr(value, "dt", None)
    if not isinstance(moment, date):
        return False
    if not isinstance(moment, datetime):  # a day begins where the site is
        moment = datetime.combine(moment, time(), ZONE)
    return (start is None or moment >= start) and (end is None or moment < end)


def _param(one: Element) -> Callable[[object], bool]:
    name = _name(one)
    if _is_not(one):
        return lambda value: name not in getattr(value, "params", {})
    matches = [_match(match) for match in one.findall(f"{CAL}text-match")]

    def passes(value: object) -> bool:
        params = getattr(value, "params", {})
        return name in params and all(match(str(params[name])) for match in matches)

    return passes


def _match(one: Element) -> Callable[[str], bool]:
    """Return whether a text holds another, as the collation compares them (RFC 4791, 7.5; RFC 4790)."""
    fold = FOLDS.get(one.get("collation", "i;ascii-casemap"))
    if fold is None:
        raise _refused("supported-collation", "the collation is not known")
    wanted, negated = fold(one.text or ""), one.get("negate-condition") == "yes"
    return lambda told: (wanted in fold(told)) is not negated


def _lower(text: str) -> str:
    return text.translate(_ASCII)


_ASCII = {number: number + 32 for number in range(ord("A"), ord("Z") + 1)}

FOLDS: dict[str, Callable[[str], str]] = {"i;ascii-casemap": _lower, "i;octet": str, "i;unicode-casemap": str.casefold}
"""What makes texts equal that a collation takes for the same."""


def _range(found: Element | None) -> tuple[datetime | None, datetime | None]:
    if found is None:
        return None, None
    start, end = time_range(found)
    if start is None and end is None:
        raise _invalid("a time-range has a start or an end")
    return start, end


def time_range(found: Element) -> tuple[datetime | None, datetime | None]:
    """Return the moments of CALDAV:time-range; None where one is not told.

    Raises:
        Refused: 403, they are not times in UTC, or not in their order.
    """
    start, end = _moment(found.get("start")), _moment(found.get("end"))
    if start and end and start >= end:
        raise _invalid("a time-range ends after its start")
    return start, end


def _moment(written: str | None) -> datetime | None:
    if written is None:
        return None
    try:
        if not _MOMENT.fullmatch(written):
            raise ValueError
        return datetime.strptime(written, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise _invalid("a time-range is told in UTC, like 20261201T000000Z") from None


def _name(found: Element) -> str:
    name = str(found.get("name", "")).upper()
    if not name:
        raise _invalid("a filter has a name")
    return name


def _is_not(found: Element) -> bool:
    return found.find(f"{CAL}is-not-defined") is not None


def _invalid(reason: str) -> Refused:
    return _refused("valid-filter", reason)


def _refused(condition: str, reason: str) -> Refused:
    return Refused(403, reason, element(f"{CAL}{condition}"))
