"""The periods of a base that can be booked: lessons (节次) and shifts (班次), declared by its plugin or its own."""

from collections.abc import Mapping, Sequence
from datetime import time
from uuid import uuid4

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from core import audit, errors
from core.accounts import roles
from core.accounts.models import User
from core.bases.models import Base, BasePeriod
from core.bases.setting_hours import PERMISSION
from core.db import write

LONGEST_LABEL = 60


def find(base: Base, slug: str) -> BasePeriod:
    """Return a period of a base.

    Raises:
        errors.NotFound: there is none, or it is no longer declared.
    """
    return _find(base, slug)


def offered(base: Base, kind: str, declared: Sequence[str]) -> list[BasePeriod]:
    """Return the periods that a booking kind offers, in order: those it declares (slugs) and the base's own for it."""
    return [
        period
        for period in base.periods
        if period.archived_at is None and not period.off and (period.slug in declared or kind in period.kinds)
    ]


def save(
    *,
    actor: User,
    base_id: int,
    label: str,
    starts: time,
    ends: time,
    kinds: Sequence[str] = (),
    slug: str | None = None,
) -> BasePeriod:
    """Add a period, or change one. Bookings made for the old times keep them.

    Args:
        actor: a manager of the base.
        base_id: the base.
        label: what people call it.
        starts, ends: wall-clock times; one that ends at or before its start ends on the next day.
        kinds: (own periods) slugs of the booking kinds that offer it.
        slug: the period to change; None for a new one.

    Raises:
        errors.Forbidden, errors.NotFound: the actor may not, or there is no such base or period.
        errors.Invalid: it has no name, nothing offers it, or another one has the name or the times.
    """
    label = label.strip()
    with write() as session:
        base = _base(session, actor, base_id)
        period = BasePeriod(slug=f"own-{uuid4().hex[:8]}", declared={}) if slug is None else _find(base, slug)
        _check(base, period, label=label, times=(starts, ends), kinds=kinds)
        if period.declared:
            _override(period, label, starts, ends)
        else:
            period.label_set, period.starts_set, period.ends_set, period.kinds = label, starts, ends, list(kinds)
        if slug is None:
            period.position = 1 + max((other.position for other in base.periods), default=0)
            base.periods.append(period)
        session.flush()
        audit.record(session, actor_id=actor.id, action="base.period", subject=f"base_period:{period.id}", label=label)
    return period


def switch(*, actor: User, base_id: int, slug: str, off: bool, booked_by: Mapping[str, Sequence[str]]) -> None:
    """Take a period out of what can be booked, or put it back.

    Args:
        actor: a manager of the base.
        base_id: the base.
        slug: the period.
        off: whether it is taken out.
        booked_by: the kinds that are booked by periods, each with the slugs of those it declares; one has to remain.

    Raises:
        errors.Forbidden, errors.NotFound: the actor may not, or there is no such base or period.
        errors.Invalid: it is the last one that something can be booked by.
    """
    with write() as session:
        base = _base(session, actor, base_id)
        period = _find(base, slug)
        period.off = off
        if off and any(not offered(base, kind, declared) for kind, declared in booked_by.items()):
            raise errors.Invalid(
                {"": _("This is the last period by which something is booked. Add another one first.")}
            )
        audit.record(session, actor_id=actor.id, action="base.period", subject=f"base_period:{period.id}", off=off)


def _override(period: BasePeriod, label: str, starts: time, ends: time) -> None:
    """Keep what differs from the declaration, and nothing else."""
    period.label_set = period.starts_set = period.ends_set = None
    if label != period.label:
        period.label_set = label
    if starts != period.starts:
        period.starts_set = starts
    if ends != period.ends:
        period.ends_set = ends


def _check(base: Base, period: BasePeriod, *, label: str, times: tuple[time, time], kinds: Sequence[str]) -> None:
    if not 0 < len(label) <= LONGEST_LABEL:
        raise errors.Invalid(
            {"label": _("Please give the period a name, at most %(max)d characters.", max=LONGEST_LABEL)}
        )
    if not period.declared and not kinds:
        raise errors.Invalid({"kinds": _("Please choose what can be booked by this period.")})
    new = not (period.declared or period.label_set)
    renamed, moved = new or period.label != label, new or (period.starts, period.ends) != times
    for other in base.periods:
        if other is period or other.archived_at is not None:
            continue
        if renamed and other.label == label:
            raise errors.Invalid({"label": _("There is a period of this name already.")})
        if moved and (other.starts, other.ends) == times and not other.off and not period.off:
            raise errors.Invalid({"starts": _("“%(label)s” has the same times already.", label=other.label)})


def _find(base: Base, slug: str) -> BasePeriod:
    period = next((row for row in base.periods if row.slug == slug and row.archived_at is None), None)
    if period is None:
        raise errors.NotFound
    return period


def _base(session: Session, actor: User, base_id: int) -> Base:
    base = session.get(Base, base_id, with_for_update={"key_share": True}, populate_existing=True)
    if base is None:
        raise errors.NotFound
    roles.require(actor, PERMISSION, base_id=base.id)
    return base
