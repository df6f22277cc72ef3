"""What people write into the cells of a table, as values: days, times, numbers, names, in the ways usual here."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

from flask_babel import gettext as _

from core import clock
from core.booking.models import Resource
from core.booking.sheets import Formula, plain, text

YEARS = range(2000, 2100)
MIDNIGHT = timedelta(hours=24)
LONGEST_LABEL, LONGEST_FACT, MOST_FACTS = 60, 200, 30
_DAY = re.compile(r"(?:(\d{4})\s*[-/.年]\s*)?(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_TIME = re.compile(r"(\d{1,2})\s*[:点时]\s*(\d{1,2})?\s*分?(?::\d{2})?")
_BETWEEN = re.compile(r"[、,;/\n]")


class Unusable(ValueError):
    """A cell whose value cannot be used; the message says why and how to mend it."""


def checked(value: object) -> object:
    """Return a cell's value unless it is a formula.

    Raises:
        Unusable: it is one, or an error of the spreadsheet program.
    """
    if isinstance(value, Formula):
        raise Unusable(_("This is a formula. Please put the value itself."))
    if isinstance(value, str) and re.fullmatch(r"#[A-Z/0!?]+", value):
        raise Unusable(_("The spreadsheet shows an error here. Please put the value."))
    return value


def day(value: object) -> date | None:
    """Return the day of a cell: a date, “2026-12-08”, or “12月8日” for the next such day; None: it is empty."""
    value = checked(value)
    if isinstance(value, datetime):
        found: date | None = value.date()
    elif isinstance(value, date):
        found = value
    elif not plain(value):
        return None
    else:
        found = _written_day(plain(value))
    if found is None or found.year not in YEARS:
        raise Unusable(_("“%(text)s” is no day. Please write 2026-12-08 or 12月8日.", text=plain(value)[:30]))
    return found


def moment(value: object) -> timedelta | None:
    """Return the time of day of a cell since midnight: a time, “9:00”, “24:00”, “9点半”; None: empty."""
    value = checked(value)
    if isinstance(value, datetime):
        value = value.time()
    if isinstance(value, time):
        return timedelta(hours=value.hour, minutes=value.minute)
    if isinstance(value, timedelta):
        if timedelta() <= value <= MIDNIGHT:
            return value - value % timedelta(minutes=1)
    elif not plain(value):
        return None
    elif (found := _written_time(plain(value))) is not None:
        return found
    raise Unusable(_("“%(text)s” is no time. Please write 09:00.", text=plain(value)[:30]))


def whole(value: object, *, least: int, most: int) -> int | None:
    """Return the whole number of a cell; None: empty."""
    value = checked(value)
    written = plain(value)
    if not written:
        return None
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,9}", written) or not least <= int(written) <= most:
        message = _("Please write a whole number from %(least)s to %(most)s.", least=least, most=most)
        raise Unusable(message)
    return int(written)


def words(value: object, *, most: int) -> str:
    """Return the text of a cell."""
    written = text(checked(value))
    if len(written) > most:
        raise Unusable(_("This is longer than %(most)s characters. Please shorten it.", most=most))
    return written


def named(value: object, resources: Mapping[int, Resource]) -> list[int]:
    """Return the ids of the resources that a cell names, by name or slug, parted by commas or 、."""
    names = [part.strip() for part in _BETWEEN.split(plain(checked(value))) if part.strip()]
    return list(dict.fromkeys(_one(name, resources) for name in names))


def chosen(value: object, choices: Mapping[str, Sequence[str]]) -> str | None:
    """Return the key whose words a cell says; None: empty."""
    written = plain(checked(value)).casefold()
    if not written:
        return None
    for key, possible in choices.items():
        if written in {plain(word).casefold() for word in (key, *possible)}:
            return key
    shown = _(", ").join(possible[0] for possible in choices.values())
    raise Unusable(_("Please write one of these: %(names)s.", names=shown))


def facts(value: object) -> list[tuple[str, str]]:
    """Return the pairs of a cell: “label: value”, one to a line or parted by semicolons."""
    found = []
    for line in filter(None, map(str.strip, re.split(r"[\n;；]", text(checked(value))))):
        label, _colon, said = line.replace("：", ":", 1).partition(":")
        if not label.strip() or not said.strip() or len(label) > LONGEST_LABEL or len(said) > LONGEST_FACT:
            raise Unusable(_("Please write what it is, a colon, and the value: %(text)s", text=line[:40]))
        found.append((label.strip(), said.strip()))
    if len(found) > MOST_FACTS:
        raise Unusable(_("%(most)s lines at most, please.", most=MOST_FACTS))
    return found


def _one(name: str, resources: Mapping[int, Resource]) -> int:
    wanted = name.casefold()
    found = [row.id for row in resources.values() if plain(row.name).casefold() == wanted]
    found = found or [row.id for row in resources.values() if row.slug == wanted]
    if len(found) == 1:
        return found[0]
    if found:
        message = _("Several resources are called “%(name)s”. Please give them different names first.", name=name[:40])
        raise Unusable(message)
    raise Unusable(_("There is no resource “%(name)s” at this base. Please write its name as listed.", name=name[:40]))


def _written_day(written: str) -> date | None:
    match = _DAY.fullmatch(written.removesuffix(" 00:00:00"))
    if match is None:
        return None
    year, month, number = match.groups()
    try:
        if year:
            return date(int(year), int(month), int(number))
        today = clock.today()
        return next(
            (one for one in (date(today.year + ahead, int(month), int(number)) for ahead in (0, 1)) if one >= today),
            None,
        )
    except ValueError:
        return None


def _written_time(written: str) -> timedelta | None:
    match = _TIME.fullmatch(written.replace("半", "30分"))
    if match is None:
        return None
    found = timedelta(hours=int(match[1]), minutes=int(match[2] or 0))
    return found if int(match[2] or 0) < 60 and found <= MIDNIGHT else None
