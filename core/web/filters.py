"""What templates can call: dates as people here write them, looks of states, errors of a form, the frame of a page."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Flask, request
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from wtforms import FieldList, Form, FormField
from wtforms.fields.core import Field

from core import clock
from core.booking.models import Kind
from core.plugins.facade import plugins
from core.web import appearance, chrome
from core.web.assets import asset

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


def _english() -> bool:
    locale = get_locale()
    return locale is not None and locale.language == "en"


def _date(value: date | datetime) -> date:
    return clock.local(value).date() if isinstance(value, datetime) else value


def short_day(value: date | datetime) -> str:
    """Return a day without its weekday, 12月8日; with the year when it is not this year's."""
    day = _date(value)
    other_year = day.year != clock.today().year
    if _english():
        return f"{day.day} {MONTHS_EN[day.month - 1]}" + (f" {day.year}" if other_year else "")
    return (f"{day.year}年" if other_year else "") + f"{day.month}月{day.day}日"


def weekday(value: date | datetime) -> str:
    """Return the short name of a day's weekday, 周二."""
    return str(WEEKDAYS[_date(value).weekday()])


def month(value: date | datetime) -> str:
    """Return the short name of a day's month, 12月."""
    number = _date(value).month
    return MONTHS_EN[number - 1] if _english() else f"{number}月"


def day(value: date | datetime) -> str:
    """Return a day with its weekday, 12月8日（周二）."""
    if _english():
        return f"{weekday(value)} {short_day(value)}"
    return f"{short_day(value)}（{weekday(value)}）"


def long_day(value: date | datetime) -> str:
    """Return a day for a heading, 11月24日 星期二."""
    name = str(WEEKDAYS_LONG[_date(value).weekday()])
    return f"{name} {short_day(value)}" if _english() else f"{short_day(value)} {name}"


def hour(value: datetime | time) -> str:
    """Return the time of day at the bases, 09:00."""
    return (clock.local(value) if isinstance(value, datetime) else value).strftime("%H:%M")


def moment(value: datetime) -> str:
    """Return day and time of something to come, 12月8日（周二）09:00."""
    return f"{day(value)}{', ' if _english() else ''}{hour(value)}"


def ago(value: datetime) -> str:
    """Return when something happened: 今天 10:31, 昨天 16:20, 11月20日 09:05."""
    return f"{recent_day(value)} {hour(value)}"


def recent_day(value: date | datetime) -> str:
    """Return a past day as people say it: 今天, 昨天, 11月20日."""
    ago = (clock.today() - _date(value)).days
    if ago == 0:
        return _("today")
    if ago == 1:
        return _("yesterday")
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
        return _("%(start)s to %(end)s", start=day(start), end=day(last_day))
    if first.date() == last.date():
        return f"{moment(start)}–{hour(end)}"
    return _("%(start)s to %(end)s", start=moment(start), end=moment(end))


def hours(start: datetime, end: datetime) -> str:
    """Return a span beside a date tile that already shows its first day: 09:00–11:30, or 12月7日–12月11日."""
    first, last = clock.local(start), clock.local(end)
    last_day = (last - timedelta(microseconds=1)).date()
    if first.date() == last_day:
        return _("all day") if first.time() == last.time() else f"{hour(start)}–{hour(end)}"
    return f"{short_day(start)}–{short_day(last_day)}"


def day_number(value: date | datetime) -> int:
    """Return the number of a day in its month, at the bases."""
    return _date(value).day


def iso(value: datetime | date) -> str:
    """Return a moment or day for a `datetime` attribute."""
    return clock.local(value).isoformat(timespec="minutes") if isinstance(value, datetime) else value.isoformat()


def form_problems(form: Form) -> list[tuple[str, str]]:
    """Return every error of a form, rows of nested lists included, as (id of the field, message); "" is the form."""
    problems = [("", str(message)) for message in form.form_errors]
    for field in form:
        problems += _problems(field)
    return problems


def _problems(field: Field) -> Iterator[tuple[str, str]]:
    if isinstance(field, FormField):
        for inner in field.form:
            yield from _problems(inner)
        return
    if isinstance(field, FieldList):
        for entry in field.entries:
            yield from _problems(entry)
    # A list's own errors are texts; what its rows say comes as lists and was told above.
    yield from ((field.id, str(message)) for message in field.errors if not isinstance(message, list | tuple | dict))


def language() -> str:
    """Return the language of the page, `zh` or `en`."""
    return "en" if _english() else "zh"


def _here(**change: object) -> str:
    query: dict[str, Any] = request.args.to_dict(flat=False)
    query.update(change)
    return f"{request.path}?{urlencode(query, doseq=True)}"


def language_url(name: str) -> str:
    """Return the address of the present page in another language."""
    return _here(lang=name)


def page_url(number: int) -> str:
    """Return the address of another page of the present list."""
    return _here(page=number)


def calendar_url(view: str, on: date) -> str:
    """Return the address of the present calendar in a view (`month`, `week`, `list`) on a day."""
    return _here(view=view, date=on.isoformat())


@dataclass(frozen=True)
class Look:
    """How a state is shown: its word and the name of its icon."""

    label: object
    icon: str


STATES = {
    # bookings
    "submitted": Look(_l("Submitted"), "send"),
    "returned": Look(_l("Returned for change"), "bell-fill"),
    "confirmed": Look(_l("Confirmed"), "check-circle-fill"),
    "completed": Look(_l("Completed"), "check2-all"),
    "no_show": Look(_l("Not attended"), "person-x"),
    "rejected": Look(_l("Refused"), "x-octagon"),
    "cancelled": Look(_l("Cancelled"), "slash-circle"),
    "expired": Look(_l("Expired"), "clock-history"),
    # sessions and announcements
    "draft": Look(_l("Draft"), "pencil"),
    "published": Look(_l("Published"), "broadcast"),
    "archived": Look(_l("Archived"), "archive"),
}


def state_look(state: str) -> Look:
    """Return word and icon of the state of a booking, session or announcement.

    Raises:
        KeyError: there is no such state.
    """
    return STATES[state]


CONSORTIUM = _l("West Chongqing Technician-Education Consortium")


def region(name: str, base: str) -> Markup:
    """Return what plugins add at a named place of a base's page."""
    return plugins().render_region(name, base)


def unit_of(kind: Kind) -> str:
    """Return what one seat of a booking kind is called (人, 队); the plain word when its plugin is not active."""
    declared = plugins().kind(kind.base.slug, kind.slug)
    return str(declared.units_label) if declared else _("people")


FILTERS: dict[str, Callable[..., Any]] = {
    "ago": ago,
    "day": day,
    "day_number": day_number,
    "form_problems": form_problems,
    "hour": hour,
    "iso": iso,
    "long_day": long_day,
    "moment": moment,
    "month": month,
    "recent_day": recent_day,
    "short_day": short_day,
    "span": span,
    "weekday": weekday,
}
GLOBALS: dict[str, Callable[..., Any]] = {
    "appearance_version": appearance.version,
    "asset": asset,
    "calendar_url": calendar_url,
    "can": chrome.can,
    "chrome": chrome.chrome,
    "hours": hours,
    "language": language,
    "language_url": language_url,
    "manage_nav": chrome.manage_nav,
    "now": clock.now,
    "page_url": page_url,
    "region": region,
    "span": span,
    "state_look": state_look,
    "today": clock.today,
    "unit_of": unit_of,
}


def init_app(app: Flask) -> None:
    """Make the filters and functions known to the app's templates."""
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(GLOBALS, consortium=CONSORTIUM)
