"""Days and times as people here write them, in Chinese and English; always as seen on the wall clock of the bases."""

from datetime import date, datetime, time, timedelta

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from core import clock

WEEKDAYS = (_l("Mon"), _l("Tue"), _l("Wed"), _l("Thu"), _l("Fri"), _l("Sat"), _l("Sun"))
WEEKDAYS_LONG = (
    _l("Monday"),
    _l("Tuesday"),
    _l("Wednesday"),
    _l("Thursday"),
    _l("Friday"),
    _l("Saturday"),
    _l("Sunday"),
)
MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MIDNIGHT = time(0)


def english() -> bool:
    """Say whether the reader reads English."""
    locale = get_locale()
    return locale is not None and locale.language == "en"


def _date(value: date | datetime) -> date:
    return clock.local(value).date() if isinstance(value, datetime) else value


def short_day(value: date | datetime) -> str:
    """Return a day without its weekday, 12月8日; with the year when it is not this year's."""
    day = _date(value)
    other_year = day.year != clock.today().year
    if english():
        return f"{day.day} {MONTHS_EN[day.month - 1]}" + (f" {day.year}" if other_year else "")
    return (f"{day.year}年" if other_year else "") + f"{day.month}月{day.day}日"


def weekday(value: date | datetime) -> str:
    """Return the short name of a day's weekday, 周二."""
    return str(WEEKDAYS[_date(value).weekday()])


def month(value: date | datetime) -> str:
    """Return the short name of a day's month, 12月."""
    number = _date(value).month
    return MONTHS_EN[number - 1] if english() else f"{number}月"


def month_of_year(value: date | datetime) -> str:
    """Return a day's month with its year, 2026年12月."""
    return str(_("%(year)s, %(month)s", year=_date(value).year, month=month(value)))


def day(value: date | datetime) -> str:
    """Return a day with its weekday, 12月8日（周二）."""
    if english():
        return f"{weekday(value)} {short_day(value)}"
    return f"{short_day(value)}（{weekday(value)}）"


def long_day(value: date | datetime) -> str:
    """Return a day for a heading, 11月24日 星期二."""
    name = str(WEEKDAYS_LONG[_date(value).weekday()])
    return f"{name} {short_day(value)}" if english() else f"{short_day(value)} {name}"


def hour(value: datetime | time) -> str:
    """Return the time of day at the bases, 09:00."""
    return (clock.local(value) if isinstance(value, datetime) else value).strftime("%H:%M")


def moment(value: datetime) -> str:
    """Return day and time of something to come, 12月8日（周二）09:00."""
    return f"{day(value)}{', ' if english() else ''}{hour(value)}"


def ago(value: datetime) -> str:
    """Return when something happened: 今天 10:31, 昨天 16:20, 11月20日 09:05."""
    return f"{recent_day(value)} {hour(value)}"


def recent_day(value: date | datetime) -> str:
    """Return a past day as people say it: 今天, 昨天, 11月20日."""
    ago = (clock.today() - _date(value)).days
    if ago == 0:
        return str(_("today"))
    if ago == 1:
        return str(_("yesterday"))
    return short_day(value)


def span(start: datetime, end: datetime) -> str:
    """Return a span of time, 12月8日（周二）09:00–11:30; whole days are named without times.

    Args:
        start: aware moment at which it begins.
        end: aware moment at which it is over (half-open).
    """
    first, last = clock.local(start), clock.local(end)
    whole = first.time() == last.time() == MIDNIGHT
    last_day = (last - timedelta(microseconds=1)).date()
    if whole and first.date() == last_day:
        return day(start)
    if whole:
        return str(_("%(start)s to %(end)s", start=day(start), end=day(last_day)))
    if first.date() == last.date():
        return f"{moment(start)}–{hour(end)}"
    return str(_("%(start)s to %(end)s", start=moment(start), end=moment(end)))


def hours(start: datetime, end: datetime) -> str:
    """Return a span beside a date tile that already shows its first day: 09:00–11:30, or 12月7日–12月11日."""
    first, last = clock.local(start), clock.local(end)
    last_day = (last - timedelta(microseconds=1)).date()
    if first.date() == last_day:
        return str(_("all day")) if first.time() == last.time() else f"{hour(start)}–{hour(end)}"
    return f"{short_day(start)}–{short_day(last_day)}"


def day_number(value: date | datetime) -> int:
    """Return the number of a day in its month, at the bases."""
    return _date(value).day


def iso(value: datetime | date) -> str:
    """Return a moment or day for a `datetime` attribute."""
    return clock.local(value).isoformat(timespec="minutes") if isinstance(value, datetime) else value.isoformat()
