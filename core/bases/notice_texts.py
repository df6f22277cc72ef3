"""Reading holidays as people have them: the paragraphs of the State Council's notice, or a line for each holiday.

A line begins with the holiday's name, then come its days; the days of a part that says 上班 are worked for it:
“春节：2月15日至23日；2月14日、2月28日上班”. A row out of a table will do as well: name, first day, last day, days
worked.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from core.bases.notices import Holiday

WORKED = ("上班", "补班")
_NUMBERING = re.compile(r"^\s*(?:[一二三四五六七八九十]+|\d+)[、.]\s*")
_LINE = re.compile(r"^(?P<name>[^\d:,\t。;]{1,30}?)\s*(?::|[,\t ]\s*(?=\d))\s*(?P<rest>.*\d.*)$")
_ASIDE = re.compile(r"\([^()]*\)")
_DATE = re.compile(
    r"(?P<year>\d{4})[年/.-](?P<month>\d{1,2})[月/.-](?P<day>\d{1,2})日?"
    r"|(?P<month2>\d{1,2})[月/.-](?P<day2>\d{1,2})[日号]?"
    r"|(?P<day3>\d{1,2})[日号]"
)


@dataclass(frozen=True)
class Reading:
    """What a text was understood to say.

    Attributes:
        holidays: those that were read, in the text's order.
        problems: what is wrong with lines that name a holiday, in words.
        ignored: lines that name none.
    """

    holidays: tuple[Holiday, ...]
    problems: tuple[str, ...]
    ignored: tuple[str, ...]


class _Unreadable(Exception):
    """A line that names a holiday but whose days make no sense; the message says why."""


def read(text: str, year: int) -> Reading:
    """Return the holidays that a text names; days without a year lie in `year`."""
    holidays: list[Holiday] = []
    problems: list[str] = []
    ignored: list[str] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        plain = _NUMBERING.sub("", _ASIDE.sub("", unicodedata.normalize("NFKC", line)))
        match = _LINE.match(plain)
        if match is None:
            ignored.append(line)
            continue
        try:
            holidays.append(_holiday(match["name"].strip(), match["rest"], year))
        except _Unreadable as error:
            problems.append(_("“%(line)s”: %(problem)s", line=line[:40], problem=error))
    return Reading(tuple(holidays), tuple(problems), tuple(ignored))


def write(holidays: Sequence[Holiday]) -> str:
    """Return holidays as lines that `read` understands."""
    return "\n".join(map(_line, holidays))


def _line(holiday: Holiday) -> str:
    days = _day(holiday.first) if holiday.first == holiday.last else f"{_day(holiday.first)}至{_day(holiday.last)}"
    worked = "、".join(map(_day, holiday.made_up))
    return f"{holiday.name}：{days}" + (f"；{worked}上班" if worked else "")


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _holiday(name: str, rest: str, year: int) -> Holiday:
    off: list[date] = []
    worked: list[date] = []
    known = (year, 0)
    for part in re.split(r"[。;,\t]", rest):
        for day in _dates(part, known):
            known = (day.year, day.month)
            (worked if any(word in part for word in WORKED) else off).append(day)
    # Behind the first and the last day nothing but days worked can come, even if a comma cuts them off from their word.
    off, worked = off[:2], [*off[2:], *worked]
    if not off:
        raise _Unreadable(_("please write the first and the last day off, and 上班 behind the days that are worked."))
    return Holiday(name, off[0], off[-1], tuple(worked))


def _dates(text: str, known: tuple[int, int]) -> Iterator[date]:
    """Yield the days of a text; a day alone lies in the month named before it."""
    year, month = known
    for match in _DATE.finditer(text):
        year = int(match["year"] or year)
        month = int(match["month"] or match["month2"] or month)
        number = int(match["day"] or match["day2"] or match["day3"])
        try:
            yield date(year, month, number)
        except ValueError as error:
            raise _Unreadable(_("there is no day %(day)s.", day=match[0])) from error
