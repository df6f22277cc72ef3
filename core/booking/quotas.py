"""Agreements and quotas as they bind bookings: what covers one, what it uses, and giving that back.

The rows of quotas are locked last of all, at the very end of the transaction and in the order of their ids: whoever
holds one waits for nobody. A CHECK (used <= granted) has the last word.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session, selectinload

from core import clock, events
from core.booking.errors import AgreementMissing, QuotaExceeded
from core.booking.models import Booking, Charge
from core.booking.rules import Rules
from core.organisations.models import Agreement, Organisation, Quota

PENDING = "quotas"


class _Due:
    """Changes of `used` by quota, made when the transaction ends."""

    def __init__(self) -> None:
        self.changes: Counter[int] = Counter()

    def __call__(self, session: Session) -> None:
        session.flush()
        for quota_id, change in sorted(self.changes.items()):
            fits = Quota.used + change <= Quota.granted if change > 0 else Quota.id == quota_id
            changed = session.execute(
                update(Quota)
                .where(Quota.id == quota_id, fits)
                .values(used=Quota.used + change)
                .execution_options(synchronize_session=False)
            )
            if not changed.rowcount:  # type: ignore[attr-defined]
                raise QuotaExceeded(session.get_one(Quota, quota_id, populate_existing=True), asked=change)


def cover(
    session: Session,
    organisation: Organisation,
    *,
    base_slug: str,
    base_id: int,
    kind: str,
    start: datetime,
    rules: Rules,
) -> Agreement | None:
    """Return the agreement under which an organisation books, or None where none is needed and none binds.

    Args:
        base_slug, base_id, kind: what is booked; the agreement's scope has to cover it.
        start: the agreement has to be valid on its day.
        rules: the kind's rules for the organisation.

    Raises:
        AgreementMissing: the kind asks for one, and none covers this on that day.
    """
    if not rules.agreement and not rules.charges:
        return None
    day = clock.local(start).date()
    found = [entry for entry in _valid(session, organisation.id, day) if covers(entry, base_slug, kind)]
    if found:
        # The first that still has room; where none has, the first says what is used up.
        asked = 1
        return next((entry for entry in found if _room(entry, rules, base_id, day, asked)), found[0])
    if rules.agreement:
        raise AgreementMissing(_last_day(session, organisation.id, base_slug, kind, day))
    return None


def charge(session: Session, booking: Booking, rules: Rules, agreement: Agreement | None) -> None:
    """Let a booking use its organisation's quotas, as its kind says.

    Raises:
        QuotaExceeded: less is left; at the latest when the transaction ends.
    """
    if agreement is None or not rules.charges:
        return
    amount = cost(rules, booking.start_at, booking.end_at, booking.units)
    day = clock.local(booking.start_at).date()
    for quota in bound_by(agreement, rules.charges, booking.base_id, day):
        if quota.used + _due().changes[quota.id] + amount > quota.granted:
            raise QuotaExceeded(quota, asked=amount)
        session.add(Charge(booking=booking, quota_id=quota.id, amount=amount))
        _due().changes[quota.id] += amount


def give_back(session: Session, booking: Booking) -> None:
    """Give back all that a booking uses of quotas."""
    standing = session.scalars(select(Charge).where(Charge.booking_id == booking.id, Charge.given_back_at.is_(None)))
    for entry in standing.all():
        entry.given_back_at = clock.now()
        _due().changes[entry.quota_id] -= entry.amount


def cost(rules: Rules, start: datetime, end: datetime, units: int) -> int:
    """Return what a booking uses of a quota: minutes of booked time, or person-times."""
    return int((end - start).total_seconds()) // 60 if rules.charges == "minutes" else units


def covers(agreement: Agreement, base: str, kind: str) -> bool:
    """Say whether an agreement's scope covers a kind of a base (slugs)."""
    return not agreement.scope or base in agreement.scope or f"{base}/{kind}" in agreement.scope


def bound_by(agreement: Agreement, unit: str, base_id: int, day: date) -> list[Quota]:
    """Return the quotas of an agreement that count in a unit, at a base, on a day; by id."""
    return sorted(
        (
            quota
            for quota in agreement.quotas
            if quota.unit == unit and quota.base_id in {None, base_id} and quota.valid_from <= day <= quota.valid_until
        ),
        key=lambda quota: quota.id,
    )


def _due() -> _Due:
    due = events.pending(PENDING)
    if not isinstance(due, _Due):
        due = _Due()
        events.just_before_commit(PENDING, due)
    return due


def _room(agreement: Agreement, rules: Rules, base_id: int, day: date, asked: int) -> bool:
    return all(quota.used + asked <= quota.granted for quota in bound_by(agreement, rules.charges, base_id, day))


def _valid(session: Session, organisation_id: int, day: date) -> Sequence[Agreement]:
    return session.scalars(
        select(Agreement)
        .where(
            Agreement.organisation_id == organisation_id,
            Agreement.ended_at.is_(None),
            Agreement.valid_from <= day,
            Agreement.valid_until >= day,
        )
        .options(selectinload(Agreement.quotas))
        .order_by(Agreement.valid_until, Agreement.id)
        .execution_options(populate_existing=True)
    ).all()


def _last_day(session: Session, organisation_id: int, base: str, kind: str, day: date) -> date | None:
    """Return until when the latest agreement that covered this was valid, if there ever was one."""
    every = session.scalars(
        select(Agreement).where(Agreement.organisation_id == organisation_id, Agreement.valid_until < day)
    )
    return max((entry.valid_until for entry in every if covers(entry, base, kind)), default=None)
