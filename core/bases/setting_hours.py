"""What managers set about hours, for a base and (through `booking.resource_hours`) for a resource alike."""

from collections.abc import Callable, Sequence
from datetime import date, time, timedelta
from typing import Any, Protocol

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from core import audit, clock, errors
from core.accounts import roles
from core.accounts.models import User
from core.bases.hours import Spans, by_day, close_text
from core.bases.models import Base, OpeningHours, SpecialDay
from core.db import write

LONGEST = 366
"""Days that can be set at once, at most."""

PERMISSION = "base.settings"


class Opens(Protocol):
    """What has weekly hours and special days: a base, or a resource."""

    hours: Any
    special_days: Any


def set_week(*, actor: User, base_id: int, week: Sequence[Spans], keeps_holidays: bool) -> Base:
    """Set a base's weekly hours, and whether it keeps to the working calendar.

    Args:
        actor: a manager of the base.
        base_id: the base.
        week: spans of each weekday, Monday first; all empty, or as declared: the declared ones.
        keeps_holidays: closed on holidays, open on make-up days.

    Raises:
        errors.Forbidden, errors.NotFound: the actor may not, or there is no such base.
    """
    with write() as session:
        base = _base(session, actor, base_id)
        declared = bool(base.declared.get("keeps_holidays", True))
        base.keeps_holidays_set = None if keeps_holidays is declared else keeps_holidays
        replace_week(session, base, OpeningHours, week)
        audit.record(session, actor_id=actor.id, action="base.hours", subject=f"base:{base.id}")
    return base


def set_days(*, actor: User, base_id: int, first: date, last: date, spans: Spans, note: str) -> None:
    """Set how a base opens from one day to another, whatever the week and the holidays say.

    Args:
        actor: a manager of the base.
        base_id: the base.
        first, last: the days, both included.
        spans: when it is open; none: closed.
        note: why; public.

    Raises:
        errors.Forbidden, errors.NotFound: the actor may not, or there is no such base.
        errors.Invalid: the days make no sense.
    """
    check_days(first, last)
    with write() as session:
        base = _base(session, actor, base_id)
        replace_days(session, base, SpecialDay, first=first, last=last, spans=spans, note=note)
        audit.record(session, actor_id=actor.id, action="base.special_days", subject=f"base:{base.id}")


def remove_days(*, actor: User, base_id: int, first: date, last: date) -> None:
    """Let a base open as usual from one day to another.

    Raises:
        errors.Forbidden, errors.NotFound: the actor may not, or there is no such base.
    """
    with write() as session:
        base = _base(session, actor, base_id)
        drop_days(session, base, first, last)
        audit.record(session, actor_id=actor.id, action="base.usual_days", subject=f"base:{base.id}")


def check_days(first: date, last: date) -> None:
    """Refuse days that run backwards, are over, or are too many.

    Raises:
        errors.Invalid: the fields are `first_day` and `last_day`.
    """
    if last < first:
        raise errors.Invalid({"last_day": _("The last day lies before the first.")})
    if last < clock.today():
        raise errors.Invalid({"first_day": _("This day is over. Please choose one to come.")})
    if (last - first).days >= LONGEST:
        raise errors.Invalid({"last_day": _("At most %(count)s days at once, please.", count=LONGEST)})


def replace_week(session: Session, owner: Opens, row: Callable[..., Any], week: Sequence[Spans]) -> None:
    """Put a manager's weekly hours in the place of those set before; all empty, or as declared: the declared ones.

    Args:
        session: the session of the open `db.write()`, which holds the owner locked.
        owner: the base or resource.
        row: the class of its rows of hours.
        week: spans of each weekday, Monday first.
    """
    declared = [span for span in owner.hours if span.declared]
    for span in [span for span in owner.hours if not span.declared]:
        owner.hours.remove(span)
    session.flush()  # the old rows must be gone before new ones of the same times come
    if not any(week) or list(week) == by_day(declared):
        return
    for weekday, spans in enumerate(week):
        for opens, closes in spans:
            owner.hours.append(row(weekday=weekday, opens=opens, closes=closes, declared=False))


def replace_days(
    session: Session, owner: Opens, row: Callable[..., Any], *, first: date, last: date, spans: Spans, note: str
) -> None:
    """Set the special days of a base or resource from one day to another; arguments as for `replace_week`."""
    drop_days(session, owner, first, last)
    texts = [_texts(*span) for span in spans]
    for number in range((last - first).days + 1):
        owner.special_days.append(row(day=first + timedelta(days=number), spans=texts, note=note.strip()))


def drop_days(session: Session, owner: Opens, first: date, last: date) -> None:
    """Remove the special days of a base or resource from one day to another."""
    for special in [special for special in owner.special_days if first <= special.day <= last]:
        owner.special_days.remove(special)
    session.flush()


def _texts(opens: time, closes: time) -> list[str]:
    return [f"{opens:%H:%M}", close_text(closes)]


def _base(session: Session, actor: User, base_id: int) -> Base:
    base = session.get(Base, base_id, with_for_update={"key_share": True})
    if base is None:
        raise errors.NotFound
    roles.require(actor, PERMISSION, base_id=base.id)
    return base
