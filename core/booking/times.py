"""Rules about when something can be booked: the kind's steps and lengths, opening hours, notice."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from flask_babel import gettext as _

from core import clock, dates, errors
from core.bases.hours import write
from core.bases.models import Base
from core.bases.opening import Timetable, timetable
from core.bases.workdays import whole_before
from core.booking.errors import NotBookable, OutsideHours, TooLate
from core.booking.rules import Rules
from core.plugins.declarations import BookingKind, Period


def check_slot(kind: BookingKind, start: datetime | None, end: datetime | None) -> tuple[datetime, datetime]:
    """Return the span of a slot booking if the kind can be booked for it.

    Raises:
        errors.Invalid: it cannot; the fields are `start` and `end`.
    """
    if start is None or end is None:
        raise errors.Invalid({"start": _("Please choose a time.")})
    if end <= start:
        raise errors.Invalid({"end": _("The end must be later than the start.")})
    if kind.periods:
        _check_period(kind, start, end)
    else:
        _check_length(kind, start, end)
    return start, end


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """Return the moments at which a day begins and ends at the bases."""
    return clock.at(day, time.min), clock.at(day + timedelta(days=1), time.min)


def period_span(period: Period, day: date) -> tuple[datetime, datetime]:
    """Return from when to when a period lasts that starts on a day; one that passes midnight ends on the next."""
    last = day if period.ends > period.starts else day + timedelta(days=1)
    return clock.at(day, period.starts), clock.at(last, period.ends)


def check_hours(base: Base, start: datetime, end: datetime) -> None:
    """Refuse a time at which the base is not open.

    Raises:
        OutsideHours: it says when the base is open on that day.
    """
    check_open(timetable(base, start, end), start, end)


def check_open(known: Timetable, start: datetime, end: datetime) -> None:
    """Refuse a time at which a base is not open, by its timetable; raises as `check_hours`."""
    if known.is_open(start, end):
        return
    day = clock.local(start).date()
    spans = known.on(day)
    if spans:
        raise OutsideHours(
            _("On this day the base is open %(hours)s. Please choose a time within these hours.", hours=write(spans))
        )
    why = known.why(day)
    if why:
        raise OutsideHours(_("The base is closed on this day (%(why)s). Please choose another one.", why=why))
    raise OutsideHours(_("The base is closed on this day. Please choose another one."))


def book_until(rules: Rules, start: datetime) -> datetime:
    """Return until when something that begins at a moment can be booked."""
    return min(start - rules.notice, whole_before(start, rules.notice_workdays))


def check_notice(rules: Rules, start: datetime) -> None:
    """Refuse what begins too soon to be booked, has begun, lies too far ahead, or is not for this organisation.

    Raises:
        TooLate: it says until when it could be booked.
        NotBookable: it says from when it can be.
    """
    now = clock.now()
    if not rules.open:
        raise NotBookable(_("Your organisation cannot book this at present. Please call the base."))
    if start <= now:
        raise TooLate(_("This time has begun or passed. Please choose a later one."))
    if rules.window is not None and start > now + rules.window:
        raise NotBookable(
            _(
                "This can be booked %(days)s days ahead at most: from %(day)s on. Please choose an earlier time.",
                days=rules.window.days,
                day=dates.day(start - rules.window),
            )
        )
    until = book_until(rules, start)
    if until < now:
        raise TooLate(
            _(
                "This could be booked until %(moment)s. Please choose a later time, or call the base.",
                moment=dates.moment(until),
            )
        )


def check_not_over(end: datetime) -> None:
    """Refuse what is over; all that binds those who manage the base.

    Raises:
        TooLate: it is.
    """
    if end <= clock.now():
        raise TooLate(_("This time has begun or passed. Please choose a later one."))


def nearby(kind: BookingKind, start: datetime, end: datetime, *, days: int = 4) -> Iterator[tuple[datetime, datetime]]:
    """Yield the other spans of the same length that the kind allows, nearest first, within some days."""
    spans = _periods_near(kind, start, days) if kind.periods else _steps_near(kind, start, end, days)
    return (span for span in spans if span != (start, end))


def _steps_near(kind: BookingKind, start: datetime, end: datetime, days: int) -> Iterator[tuple[datetime, datetime]]:
    for number in range(1, int(timedelta(days=days) / kind.step) + 1):
        for shift in (kind.step * number, -kind.step * number):
            yield start + shift, end + shift


def _periods_near(kind: BookingKind, start: datetime, days: int) -> Iterator[tuple[datetime, datetime]]:
    day = clock.local(start).date()
    spans = [
        period_span(period, day + timedelta(days=shift)) for shift in range(-days, days + 1) for period in kind.periods
    ]
    return iter(sorted(spans, key=lambda span: (abs(span[0] - start), span[0])))


def _check_period(kind: BookingKind, start: datetime, end: datetime) -> None:
    day = clock.local(start).date()
    if (start, end) not in [period_span(period, day) for period in kind.periods]:
        names = " / ".join(str(period.label) for period in kind.periods)
        raise errors.Invalid({"start": _("Only these periods can be booked: %(names)s.", names=names)})


def _check_length(kind: BookingKind, start: datetime, end: datetime) -> None:
    step = kind.step
    if any(_since_midnight(moment) % step for moment in (start, end)):
        raise errors.Invalid(
            {"start": _("Start and end lie on multiples of %(minutes)s minutes.", minutes=_minutes(step))}
        )
    if end - start < kind.shortest:
        raise errors.Invalid(
            {"end": _("The booked time lasts %(minutes)s minutes at least.", minutes=_minutes(kind.shortest))}
        )
    if end - start > kind.longest:
        raise errors.Invalid(
            {"end": _("The booked time lasts %(minutes)s minutes at most.", minutes=_minutes(kind.longest))}
        )


def _since_midnight(moment: datetime) -> timedelta:
    wall = clock.local(moment)
    return wall.replace(tzinfo=None) - datetime.combine(wall.date(), time.min)


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds()) // 60
