"""On which days something repeats: a rule, and the days it names. Pure: no database, no clock.

There are two ways to say it: an RRULE (a part of RFC 5545, 3.3.10), and weekdays in some teaching weeks of a term. Both
can mind the Chinese working calendar (`bases.workdays`): leave statutory holidays out, and give a make-up day the
lesson of the weekday it follows.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from typing import Any, NamedTuple, Protocol

from dateutil.rrule import rrulestr
from flask_babel import gettext as _

from core import clock, dates, errors

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
"""The weekdays of RFC 5545, Monday first."""

SKIP, FOLLOW, IGNORE = "skip", "follow", "ignore"
HOLIDAYS = (SKIP, FOLLOW, IGNORE)
"""What becomes of a holiday: `skip` leaves it out; `follow` does too, and gives a make-up day the lesson of the weekday
it follows; `ignore` changes nothing."""

MOST = 200
"""Days one rule may name, at most."""

LONGEST = timedelta(days=3 * 366)
"""From the first day of a rule to its last, at most."""

WEEK = timedelta(days=7)

_PART = re.compile(r"(\d{1,2})(?:-(\d{1,2}))?(单|双|odd|even)?", re.IGNORECASE)
_BYDAY = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")


class Calendar(Protocol):
    """The working calendar, as far as rules read it: `bases.workdays.Workdays`."""

    def is_published(self, day: date) -> bool:
        """Say whether the holidays of a day's year have been announced."""

    def holiday(self, day: date) -> str:
        """Return the name of the statutory holiday on a day, or ""."""

    def weekday(self, day: date) -> int | None:
        """Return the weekday whose timetable a day follows; None on a holiday."""


class Dated(NamedTuple):
    """A day that a rule names.

    Attributes:
        day: the day.
        left_out: why nothing takes place on it (a holiday, or it follows another weekday); "" when it does.
        follows: the weekday whose lesson a make-up day gets; None on all other days.
        published: whether the holidays of its year are known, where the rule minds them.
    """

    day: date
    left_out: str = ""
    follows: int | None = None
    published: bool = True


@dataclass(frozen=True)
class ByRRule:
    """A rule as an RRULE.

    Attributes:
        rrule: the rule, normalised (`FREQ=WEEKLY;BYDAY=TU;COUNT=18`), bounded by COUNT or UNTIL.
        first: from which day on; only days that the rule names count.
        holidays: one of `HOLIDAYS`.
    """

    rrule: str
    first: date
    holidays: str = SKIP

    def dates(self, calendar: Calendar) -> list[Dated]:
        """Return the days in order, those left out among them."""
        plain = self._plain()
        return _dated(plain, self._makeup(plain, calendar), self.holidays, calendar)

    def span(self) -> tuple[date, date]:
        """Return the first day and the last day it can name, for reading the calendar."""
        plain = self._plain()
        return self.first, max([self.first, *plain, *filter(None, [_until(_parts(self.rrule))])])

    def last(self) -> date:
        """Return the last day it can name."""
        return self.span()[1]

    def as_json(self) -> dict[str, Any]:
        """Return the rule as a row keeps it; `read` reads it."""
        return {"rrule": self.rrule, "first": self.first.isoformat(), "holidays": self.holidays}

    def _plain(self) -> list[date]:
        rule = rrulestr(_engine(self.rrule), dtstart=datetime.combine(self.first, time()))
        return [moment.date() for moment in islice(rule, MOST + 1)]

    def _makeup(self, plain: list[date], calendar: Calendar) -> list[date]:
        """Return the days of the weeks of the rule that could be make-up days."""
        if self.holidays != FOLLOW or not plain:
            return []
        parts = _parts(self.rrule)
        every = timedelta(days=7 * int(parts.get("INTERVAL", "1")))
        until = _until(parts) or plain[-1]
        weekdays = self._weekdays(parts)
        monday = _monday(self.first)
        weeks = (monday + every * number for number in range((until - monday) // every + 1))
        return [day for day in _days_of(weeks) if self.first <= day <= until and _follows(day, weekdays, calendar)]

    def _weekdays(self, parts: Mapping[str, str]) -> set[int]:
        named = parts.get("BYDAY")
        return {WEEKDAYS.index(name) for name in named.split(",")} if named else {self.first.weekday()}


@dataclass(frozen=True)
class ByWeeks:
    """Weekdays in some teaching weeks of a term.

    Attributes:
        term_id, term: the term, and its name.
        first_day: the Monday on which teaching week 1 begins, as it was when the rule was made.
        of_weeks: how many weeks the term has.
        weekdays: Monday is 0.
        weeks: numbers of teaching weeks.
        holidays: one of `HOLIDAYS`. A make-up day belongs to the week it lies in.
    """

    term_id: int
    term: str
    first_day: date
    of_weeks: int
    weekdays: tuple[int, ...]
    weeks: tuple[int, ...]
    holidays: str = SKIP

    def dates(self, calendar: Calendar) -> list[Dated]:
        """Return the days in order, those left out among them."""
        plain = [day for day in self._all() if day.weekday() in self.weekdays]
        follow = self.holidays == FOLLOW
        makeup = [day for day in self._all() if follow and _follows(day, set(self.weekdays), calendar)]
        return _dated(plain, makeup, self.holidays, calendar)

    def span(self) -> tuple[date, date]:
        """Return the first day and the last day it can name, for reading the calendar."""
        days = list(self._all())
        return days[0], days[-1]

    def as_json(self) -> dict[str, Any]:
        """Return the rule as a row keeps it; `read` reads it."""
        return {
            "term": self.term_id,
            "name": self.term,
            "first_day": self.first_day.isoformat(),
            "of_weeks": self.of_weeks,
            "weekdays": [WEEKDAYS[number] for number in self.weekdays],
            "weeks": write_weeks(self.weeks),
            "holidays": self.holidays,
        }

    def week_of(self, day: date) -> int:
        """Return the number of the teaching week a day lies in."""
        return (day - self.first_day) // WEEK + 1

    def _all(self) -> Iterator[date]:
        return _days_of(self.first_day + WEEK * (number - 1) for number in self.weeks)


Rule = ByRRule | ByWeeks


def read(values: Mapping[str, Any]) -> Rule:
    """Return the rule that JSON values say, checked.

    Args:
        values: `rrule`, `first` (ISO day) and `holidays`; or what `ByWeeks.as_json` returns.

    Raises:
        errors.Invalid: it cannot be understood, by field: `rrule`, `first`, `weekdays`, `weeks`, `holidays`, `term`.
    """
    holidays = values.get("holidays", SKIP)
    if holidays not in HOLIDAYS:
        raise errors.Invalid({"holidays": _("Holidays: please say skip, follow or ignore.")})
    if "rrule" in values:
        rule: Rule = _read_rrule(str(values["rrule"]), _day(values.get("first"), "first"), holidays)
    else:
        rule = _read_weeks(values, holidays)
    first, last = rule.span()
    if last - first > LONGEST:
        raise errors.Invalid({_field(rule): _("A series runs over three years at most. Please end it earlier.")})
    return rule


def dates_of(rule: Rule, calendar: Calendar) -> list[Dated]:
    """Return the days of a rule, those left out among them.

    Raises:
        errors.Invalid: there is none that takes place, or there are too many.
    """
    found = rule.dates(calendar)
    if not any(not entry.left_out for entry in found):
        raise errors.Invalid(
            {_field(rule): _("On none of these days would anything take place. Please change the rule.")}
        )
    if len(found) > MOST:
        raise errors.Invalid(
            {_field(rule): _("A series has at most %(most)s dates. Please end it earlier.", most=MOST)}
        )
    return found


def parse_weeks(text: str, of_weeks: int) -> tuple[int, ...]:
    """Return the teaching weeks that a text names: “3-18”, “1-8,10-16”, “1-17单”, “2-16双”.

    Args:
        of_weeks: how many weeks the term has.

    Raises:
        errors.Invalid: it cannot be read, or names a week the term does not have; the field is `weeks`.
    """
    tight = re.sub(r"\s+|第|周|[()（）]", "", text)
    parts = [part for part in re.split(r"[,，、;；]", re.sub("[–—~～至到]", "-", tight)) if part]
    if not parts:
        raise errors.Invalid({"weeks": _("Please say which teaching weeks, such as 3-18 or 1-8,10-16.")})
    found: set[int] = set()
    for part in parts:
        match = _PART.fullmatch(part)
        if match is None:
            raise errors.Invalid(
                {"weeks": _("“%(text)s” are no weeks. Please write 3-18, or 1-8,10-16, or 1-17单.", text=part[:40])}
            )
        start, end, which = int(match[1]), int(match[2] or match[1]), (match[3] or "").lower()
        if not 1 <= start <= end <= of_weeks:
            raise errors.Invalid(
                {"weeks": _("“%(text)s” lies outside the term: it has weeks 1 to %(last)s.", text=part, last=of_weeks)}
            )
        found |= set(of_parity(range(start, end + 1), which))
    if not found:
        raise errors.Invalid({"weeks": _("No week is left. Please choose other weeks.")})
    return tuple(sorted(found))


def of_parity(weeks: Iterable[int], which: str) -> list[int]:
    """Return the odd (`odd`, 单) or even (`even`, 双) ones of some weeks; all of them for anything else."""
    rest = {"odd": 1, "单": 1, "even": 0, "双": 0}.get(which)
    return [number for number in weeks if rest is None or number % 2 == rest]


def write_weeks(weeks: Iterable[int]) -> str:
    """Return weeks as text, as `parse_weeks` reads it; odd or even ones in a row stay short."""
    found = sorted(set(weeks))
    odd_or_even = len(found) > 2 and all(later - earlier == 2 for earlier, later in pairwise(found))
    if odd_or_even:
        return f"{found[0]}-{found[-1]}{'单' if found[0] % 2 else '双'}"
    runs: list[list[int]] = []
    for number in found:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ",".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def describe(rule: Rule) -> str:
    """Return a rule in words, for people."""
    if isinstance(rule, ByWeeks):
        days = _names(rule.weekdays)
        text = _("%(term)s, weeks %(weeks)s, every %(days)s", term=rule.term, weeks=write_weeks(rule.weeks), days=days)
    else:
        text = _describe_rrule(rule)
    told = {
        SKIP: _("not on holidays"),
        FOLLOW: _("not on holidays, made up on make-up days"),
        IGNORE: _("on holidays too"),
    }
    return f"{text}{_(', ')}{told[rule.holidays]}"


def _describe_rrule(rule: ByRRule) -> str:
    parts = _parts(rule.rrule)
    every = int(parts.get("INTERVAL", "1"))
    named = parts.get("BYDAY", "")
    days = (
        _names(WEEKDAYS.index(name) for name in named.split(","))
        if named and named.isascii() and _plain_days(named)
        else named
    )
    words = {
        "DAILY": _("every day") if every == 1 else _("every %(count)s days", count=every),
        "WEEKLY": _("every week") if every == 1 else _("every %(count)s weeks", count=every),
        "MONTHLY": _("every month") if every == 1 else _("every %(count)s months", count=every),
    }
    until = _until(parts)
    ends = _("until %(day)s", day=dates.short_day(until)) if until else _("%(count)s times", count=parts["COUNT"])
    pieces = [_("from %(day)s", day=dates.short_day(rule.first)), words[parts["FREQ"]], days, ends]
    return str(_(", ")).join(str(piece) for piece in pieces if piece)


def _plain_days(named: str) -> bool:
    return all(name in WEEKDAYS for name in named.split(","))


def _names(weekdays: Iterable[int]) -> str:
    return str(_(" and ")).join(str(dates.WEEKDAYS[number]) for number in weekdays)


def _field(rule: Rule) -> str:
    return "rrule" if isinstance(rule, ByRRule) else "weeks"


def _read_rrule(text: str, first: date, holidays: str) -> ByRRule:
    parts = _parts(text)
    unknown = parts.keys() - {"FREQ", "INTERVAL", "BYDAY", "COUNT", "UNTIL", "WKST"}
    if unknown or parts.get("WKST", "MO") != "MO":
        raise _no_rule(_("%(name)s is not understood here.", name=min(unknown, default="WKST")[:20]))
    if parts.get("FREQ") not in {"DAILY", "WEEKLY", "MONTHLY"}:
        raise _no_rule(_("FREQ has to be DAILY, WEEKLY or MONTHLY."))
    if not _number(parts.get("INTERVAL", "1"), 1, 99):
        raise _no_rule(_("INTERVAL has to be a number from 1 to 99."))
    if ("COUNT" in parts) == ("UNTIL" in parts):
        raise _no_rule(_("It needs an end: COUNT or UNTIL, one of them."))
    if "COUNT" in parts and not _number(parts["COUNT"], 1, MOST):
        raise _no_rule(_("COUNT has to be a number from 1 to %(most)s.", most=MOST))
    until = _until(parts)
    if until is not None and until < first:
        raise _no_rule(_("It ends before it begins."))
    _check_days(parts)
    if holidays == FOLLOW and parts["FREQ"] != "WEEKLY":
        raise errors.Invalid({"holidays": _("Only a weekly series can follow make-up days. Please skip holidays.")})
    if until is not None:
        parts["UNTIL"] = f"{until:%Y%m%d}"
    kept = {name: parts[name] for name in ("FREQ", "INTERVAL", "BYDAY", "COUNT", "UNTIL") if name in parts}
    return ByRRule(";".join(f"{name}={value}" for name, value in kept.items()), first, holidays)


def _check_days(parts: Mapping[str, str]) -> None:
    if "BYDAY" not in parts:
        return
    names = [_BYDAY.fullmatch(name) for name in parts["BYDAY"].split(",")]
    if not all(names) or len(names) > 7 * 11:
        raise _no_rule(_("BYDAY names weekdays: MO, TU, WE, TH, FR, SA, SU."))
    if any(match and match[1] for match in names) and parts["FREQ"] != "MONTHLY":
        raise _no_rule(_("Only a monthly series can name the second Tuesday (2TU)."))


def _read_weeks(values: Mapping[str, Any], holidays: str) -> ByWeeks:
    try:
        term, name, of_weeks = int(values["term"]), str(values["name"]), int(values["of_weeks"])
    except (KeyError, TypeError, ValueError):
        raise errors.Invalid({"term": _("Please choose a term, or give a rule.")}) from None
    named = values.get("weekdays")
    numbers = {_weekday(entry) for entry in named} if isinstance(named, list | tuple) else {None}
    weekdays = tuple(sorted(number for number in numbers if number is not None))
    if None in numbers or not weekdays:
        raise errors.Invalid({"weekdays": _("Please choose at least one weekday.")})
    weeks = parse_weeks(str(values.get("weeks") or ""), of_weeks)
    return ByWeeks(term, name, _day(values.get("first_day"), "term"), of_weeks, weekdays, weeks, holidays)


def _weekday(entry: object) -> int | None:
    return WEEKDAYS.index(entry) if isinstance(entry, str) and entry in WEEKDAYS else None


def _day(value: object, field: str) -> date:
    try:
        day = date.fromisoformat(str(value))
    except ValueError:
        day = date.min
    if not 2000 <= day.year < 2100:
        raise errors.Invalid({field: _("Please choose a day, such as 2026-12-08.")})
    return day


def _parts(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for piece in filter(None, text.strip().upper().removeprefix("RRULE:").split(";")):
        name, equals, value = piece.partition("=")
        if not equals or not value or name in found:
            raise _no_rule(_("It consists of NAME=VALUE with a semicolon between, each name once."))
        found[name] = value
    return found


def _until(parts: Mapping[str, str]) -> date | None:
    """Return the last day of a rule that has one; a moment in UTC counts as the day it is at the bases."""
    text = parts.get("UNTIL")
    if text is None:
        return None
    for form in ("%Y%m%d", "%Y%m%dT%H%M%SZ", "%Y%m%dT%H%M%S"):
        try:
            moment = datetime.strptime(text, form)  # noqa: DTZ007 - the zone follows
        except ValueError:
            continue
        if not 2000 <= moment.year < 2100:
            break
        return clock.local(moment.replace(tzinfo=UTC)).date() if form.endswith("Z") else moment.date()
    raise _no_rule(_("UNTIL is a day, such as 20261231."))


def _engine(rrule: str) -> str:
    """Return a rule as dateutil wants it: weeks begin on Monday, as they do here."""
    return f"{rrule};WKST=MO"


def _no_rule(why: str) -> errors.Invalid:
    return errors.Invalid({"rrule": _("This rule cannot be used. %(why)s", why=why)})


def _number(text: str, least: int, most: int) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 5 and least <= int(text) <= most


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _days_of(mondays: Iterable[date]) -> Iterator[date]:
    return (monday + timedelta(days=number) for monday in mondays for number in range(7))


def _follows(day: date, weekdays: set[int], calendar: Calendar) -> bool:
    """Say whether a day gets the lesson of one of these weekdays though it is none of its own."""
    followed = calendar.weekday(day)
    return followed is not None and followed != day.weekday() and followed in weekdays


def _dated(plain: list[date], makeup: list[date], holidays: str, calendar: Calendar) -> list[Dated]:
    every = sorted({*plain, *makeup})
    return [_one(day, day in makeup, holidays, calendar) for day in every]


def _one(day: date, makeup: bool, holidays: str, calendar: Calendar) -> Dated:
    published = calendar.is_published(day)
    if makeup:
        return Dated(day, "", calendar.weekday(day), published)
    if holidays == IGNORE:
        return Dated(day)
    followed = calendar.weekday(day)
    if followed is None:
        return Dated(day, calendar.holiday(day) or str(_("holiday")), None, published)
    if holidays == FOLLOW and followed != day.weekday():
        why = _("make-up day with the timetable of %(day)s", day=dates.WEEKDAYS_LONG[followed])
        return Dated(day, str(why), None, published)
    return Dated(day, published=published)
