"""Agreements and quotas as they bind bookings: what covers one, what it uses, and giving that back.

The rows of quotas are locked last of all, at the very end of the transaction and in the order of their ids: whoever
holds one waits for nobody. A CHECK (used <= granted) has the last word.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import inspect, select, update
from sqlalchemy.orm import Session, selectinload

from core import clock, events
from core.bases.models import Base
from core.booking.errors import AgreementMissing, NothingGranted, QuotaExceeded
from core.booking.models import Booking, Charge, Kind
from core.booking.rules import Rules, made_under
from core.booking.states import OPEN
from core.db import db, writing
from core.errors import DomainError
from core.organisations.models import Agreement, Quota

PENDING = "quotas"


@dataclass(frozen=True)
class Use:
    """What a booking would use of its organisation's quotas.

    Attributes:
        organisation_id: whose.
        base_id, base, kind: where and what (slugs).
        day: the day on which it begins, at the bases: agreement and quota are those of this day.
        needed: whether the kind asks for an agreement.
        unit: of `core/organisations/models.UNITS`; "" where the kind charges nothing.
        amount: in `unit`; 0 while it is not known.
    """

    organisation_id: int
    base_id: int
    base: str
    kind: str
    day: date
    needed: bool
    unit: str
    amount: int


@dataclass(frozen=True)
class Standing:
    """How a quota stands, beside what one booking uses of it; amounts in the quota's unit.

    Attributes:
        quota: the quota, with its label, unit and base.
        granted, used: what is granted, and what all bookings use now.
        amount: what this booking uses, or would use.
        counted: whether `amount` is part of `used` already.
    """

    quota: Quota
    granted: int
    used: int
    amount: int
    counted: bool

    @property
    def left(self) -> int:
        """What is left now."""
        return max(0, self.granted - self.used)

    @property
    def left_after(self) -> int:
        """What is left once this booking is counted; negative where it does not fit."""
        return self.granted - self.used - (0 if self.counted else self.amount)


@dataclass(frozen=True)
class Outlook:
    """How an organisation stands before it books.

    Attributes:
        agreement: the one it would book under; None where none is needed or none is there.
        quotas: those that would be charged.
        refusal: why it would be refused as things stand, or None.
    """

    agreement: Agreement | None
    quotas: Sequence[Standing]
    refusal: DomainError | None


@dataclass
class _Due:
    """Changes of `used`, made when the transaction ends.

    They are read off the charges themselves: those that a savepoint has undone do not count.
    """

    made: list[Charge] = field(default_factory=list)
    returned: list[Charge] = field(default_factory=list)

    def changes(self) -> dict[int, int]:
        """Return by how much each quota's `used` changes."""
        found: dict[int, int] = {}
        for entry in self.made:
            if inspect(entry).session is not None:
                found[entry.quota_id] = found.get(entry.quota_id, 0) + entry.amount
        for entry in self.returned:
            if entry.given_back_at is not None:
                found[entry.quota_id] = found.get(entry.quota_id, 0) - entry.amount
        return found

    def __call__(self, session: Session) -> None:
        session.flush()
        for quota_id, change in sorted(self.changes().items()):
            if not change:
                continue
            fits = Quota.used + change <= Quota.granted if change > 0 else Quota.id == quota_id
            changed = session.execute(
                update(Quota)
                .where(Quota.id == quota_id, fits)
                .values(used=Quota.used + change)
                .execution_options(synchronize_session=False)
            )
            if not changed.rowcount:  # type: ignore[attr-defined]
                quota = session.get_one(Quota, quota_id, populate_existing=True)
                raise QuotaExceeded(quota, used=quota.used, asked=change)


def take(session: Session, booking: Booking, rules: Rules) -> Agreement | None:
    """Let a written booking use its organisation's quotas, every one that binds it or none.

    Args:
        session: the session of the open `db.write()`.
        booking: the booking, with its time and units as they will be.
        rules: those of its kind for its organisation.

    Returns:
        The agreement it is made under; None where none is needed and none covers it.

    Raises:
        AgreementMissing: the kind asks for an agreement, and none covers this on that day.
        NothingGranted: the agreement has quotas, and none for that day.
        QuotaExceeded: less is left; at the latest when the transaction ends.
    """
    session.flush()
    use = _use_of(session, booking, rules)
    agreement = cover(session, use)
    for quota in [] if agreement is None else _room(agreement, use):
        entry = Charge(booking=booking, quota_id=quota.id, amount=use.amount)
        session.add(entry)
        _due().made.append(entry)
    session.flush()
    return agreement


def give_back(session: Session, booking: Booking) -> None:
    """Give back all that a booking uses of quotas."""
    standing = session.scalars(select(Charge).where(Charge.booking_id == booking.id, Charge.given_back_at.is_(None)))
    for entry in standing.all():
        entry.given_back_at = clock.now()
        _due().returned.append(entry)


def use(
    rules: Rules, *, organisation_id: int, base: Base, kind: str, start: datetime, end: datetime | None, units: int
) -> Use:
    """Return what a booking would use of quotas.

    Args:
        rules: those of its kind for the organisation.
        kind: slug.
        start, end: the booked span, set-up and clean-up not included; no end while it is not chosen.
        units: how many seats or people; 0 while it is not known.
    """
    minutes = 0 if end is None else max(0, -(-int((end - start).total_seconds()) // 60))
    return Use(
        organisation_id=organisation_id,
        base_id=base.id,
        base=base.slug,
        kind=kind,
        day=clock.local(start).date(),
        needed=rules.agreement,
        unit=rules.charges,
        amount=0 if not rules.charges else minutes if rules.charges == "minutes" else units,
    )


def cover(session: Session, use: Use) -> Agreement | None:
    """Return the agreement under which an organisation books, or None where none is needed and none binds.

    Of several that cover it, it is the one with room that ends first; where none has room, the one that ends first.

    Raises:
        AgreementMissing: the kind asks for one, and none covers this on that day.
    """
    if not use.needed and not use.unit:
        return None
    found = [
        entry for entry in _valid(session, use.organisation_id, use.day) if covers(entry.scope, use.base, use.kind)
    ]
    if found:
        return next((entry for entry in found if _has_room(entry, use)), found[0])
    if use.needed:
        raise AgreementMissing(_last_day(session, use))
    return None


def outlook(use: Use) -> Outlook:
    """Return how an organisation stands before it books; nothing is taken and nothing is promised."""
    try:
        agreement = cover(db.session(), use)
    except AgreementMissing as error:
        return Outlook(None, (), error)
    if agreement is None or not use.unit:
        return Outlook(agreement, (), None)
    quotas = tuple(_stands(quota, use.amount, counted=False) for quota in _bound_by(agreement, use))
    try:
        _room(agreement, use)
    except DomainError as error:
        return Outlook(agreement, quotas, error)
    return Outlook(agreement, quotas, None)


def standing(booking: Booking) -> list[Standing]:
    """Return how the quotas stand that a booking uses, or that it would use once it takes its place.

    For whoever decides on it: what it uses is part of `used` where `counted`. Empty for what is over and was given
    back.
    """
    session = db.session()
    counting = session.scalars(
        select(Charge)
        .where(Charge.booking_id == booking.id, Charge.given_back_at.is_(None))
        .options(selectinload(Charge.quota).selectinload(Quota.base))
        .order_by(Charge.quota_id)
        .execution_options(populate_existing=True)
    ).all()
    if counting:
        return [_stands(entry.quota, entry.amount, counted=True) for entry in counting]
    if booking.state not in OPEN or "kind" not in booking.rules:
        return []
    return list(outlook(_use_of(session, booking, made_under(booking.rules["kind"]))).quotas)


def covers(scope: Sequence[str], base: str, kind: str) -> bool:
    """Say whether an agreement's scope covers a kind of a base (slugs)."""
    return not scope or base in scope or f"{base}/{kind}" in scope


def _use_of(session: Session, booking: Booking, rules: Rules) -> Use:
    return use(
        rules,
        organisation_id=booking.organisation_id,
        base=session.get_one(Base, booking.base_id),
        kind=session.get_one(Kind, booking.kind_id).slug,
        start=booking.start_at,
        end=booking.end_at,
        units=booking.units,
    )


def _stands(quota: Quota, amount: int, *, counted: bool) -> Standing:
    return Standing(quota, quota.granted, quota.used, amount, counted)


def _bound_by(agreement: Agreement, use: Use) -> list[Quota]:
    """Return the quotas of an agreement that bind a use on its day; by id."""
    return [quota for quota in _of_its_kind(agreement, use) if quota.valid_from <= use.day <= quota.valid_until]


def _of_its_kind(agreement: Agreement, use: Use) -> list[Quota]:
    """Return the quotas of an agreement in the unit of a use, at its base, whenever they are valid; by id."""
    found = (quota for quota in agreement.quotas if quota.unit == use.unit and quota.base_id in {None, use.base_id})
    return sorted(found, key=lambda quota: quota.id)


def _room(agreement: Agreement, use: Use) -> list[Quota]:
    """Return the quotas that a use has to be charged to, all of which have room for it.

    An agreement without a quota in the unit sets no limit. One with quotas for other days only grants nothing on this
    one: else whoever books ahead of the next term's quota would never be counted.

    Raises:
        NothingGranted: there are quotas, and none for the day.
        QuotaExceeded: one of them has less left.
    """
    if not use.unit:
        return []
    found, every = _bound_by(agreement, use), _of_its_kind(agreement, use)
    if every and not found:
        raise NothingGranted(every, day=use.day)
    changes = _due().changes() if writing() else {}
    for quota in found:
        used = quota.used + changes.get(quota.id, 0)
        if used + use.amount > quota.granted:
            raise QuotaExceeded(quota, used=used, asked=use.amount)
    return found


def _has_room(agreement: Agreement, use: Use) -> bool:
    try:
        _room(agreement, use)
    except (NothingGranted, QuotaExceeded):
        return False
    return True


def _due() -> _Due:
    due = events.pending(PENDING)
    if not isinstance(due, _Due):
        due = _Due()
        events.just_before_commit(PENDING, due)
    return due


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


def _last_day(session: Session, use: Use) -> date | None:
    """Return until when the latest agreement that covered this was valid, if there ever was one before the day."""
    every = session.scalars(select(Agreement).where(Agreement.organisation_id == use.organisation_id))
    ends = (
        entry.valid_until if entry.ended_at is None else min(entry.valid_until, clock.local(entry.ended_at).date())
        for entry in every
        if covers(entry.scope, use.base, use.kind) and entry.valid_from <= use.day
    )
    return max((day for day in ends if day <= use.day), default=None)
