"""Holds: a place that is kept for some minutes while the form is filled in. Charged and told to nobody.

A hold is a booking in state `held` without an answer. `making.book` makes the booking of it; otherwise it ends when it
is released, replaced by another of the same person, or has lapsed.
"""

from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core import audit, clock, db, errors
from core.accounts.models import User
from core.bases.models import Base
from core.booking import machine, making, quotas, retries, workflow
from core.booking.allocation import claim, lapsed, lock, taken_by
from core.booking.errors import TooLate
from core.booking.inquiry import ask, plan_for
from core.booking.legs import Picks, ids_of
from core.booking.models import Allocation, Booking
from core.booking.references import add_with_reference
from core.booking.rules import made_under
from core.intake.answers import Cleaned
from core.organisations.models import Organisation
from core.plugins.declarations import BookingKind

MOST = 5
"""Places that one organisation can hold at the same time, all its contacts together: nobody holds everything."""

KEPT = timedelta(days=1)
"""How long a hold that has ended stays to be looked at."""


def hold(
    *,
    actor: User,
    organisation_id: int,
    base: Base,
    kind: BookingKind,
    training_id: int | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    picks: Picks | None = None,
    units: int = 1,
    retry_key: str | None = None,
) -> Booking:
    """Keep a place while the form is filled in; all is checked as for `making.book` but what the form says.

    The actor's earlier hold of the same kind ends; if the new place is not to be had, it stays.

    Args are those of `making.book`; `units` is how many are expected.

    Returns:
        The booking, `held` until its `lapses_at`.

    Raises:
        errors.NotFound: this cannot be booked, or places of this kind are not held.
        errors.Invalid: as for `book`, or the organisation holds too much at the same time.
        errors.Forbidden, OutsideHours, TooLate, NotBookable, AgreementMissing, QuotaExceeded, ResourceTaken,
        SessionFull, OthersWait: as for `book`.
    """
    picks = dict(picks or {})
    chosen = sorted((position, sorted(ids_of(ids))) for position, ids in picks.items())
    route = f"hold:{base.slug}/{kind.slug}"
    mark = retries.fingerprint(
        {
            "organisation": organisation_id,
            "training": training_id,
            "span": [start, end],
            "picks": chosen,
            "units": units,
        }
    )
    with db.write() as session:
        making.may_book(actor, base, organisation_id)
        # One after another for each person and each organisation: these are counted, and there is no row to lock yet.
        session.execute(select(User.id).where(User.id == actor.id).with_for_update(key_share=True))
        if retry_key:
            known = retries.earlier(session, actor=actor, route=route, key=retry_key, mark=mark)
            if known is not None:
                return session.scalars(select(Booking).where(Booking.ref == known["ref"])).one()
        session.execute(
            select(Organisation.id).where(Organisation.id == organisation_id).with_for_update(key_share=True)
        )
        asking = ask(session, base, kind.slug, organisation_id, None)
        if not asking.rules.hold_for:
            raise errors.NotFound
        making.units_of(asking.kind, Cleaned(), units)
        before = _of(session, actor.id, asking.row.id)
        if before is not None:
            lock(session, taken_by(session, before) | making.could_take(session, asking, training_id))
            before = workflow.locked(session, before.ref)
            if before.state == "held":
                machine.advance(session, before, "expire", actor_id=actor.id)
        _check_number(session, organisation_id)
        plan, _warnings = plan_for(
            session, actor, asking, training_id=training_id, start=start, end=end, picks=picks, units=units
        )
        refused = quotas.outlook(
            quotas.use(
                asking.rules,
                organisation_id=organisation_id,
                base=base,
                kind=kind.slug,
                start=plan.start,
                end=plan.end,
                units=units,
            )
        ).refusal
        if refused is not None:
            raise refused
        booking = Booking(state="held", rules=making.kept_rules(asking))
        making.enter(booking, asking, plan, actor=actor, picks=picks)
        booking.lapses_at = min(clock.now() + asking.rules.hold_for, plan.end)
        add_with_reference(session, booking)
        claim(session, plan.wants, booking=booking)
        machine.enter(session, booking, action="hold", actor_id=actor.id)
        if retry_key:
            retries.remember(session, actor=actor, route=route, key=retry_key, mark=mark, answer={"ref": booking.ref})
    return booking


def extend(*, actor: User, ref: str) -> Booking:
    """Keep a held place as long again, from now on; once.

    Raises:
        errors.NotFound: the actor holds nothing of this reference.
        errors.StateChanged: it has been extended before.
        TooLate: it has lapsed.
    """
    with db.write() as session:
        booking = workflow.locked(session, ref)
        if booking.made_by_id != actor.id or booking.state not in {"held", "expired"}:
            raise errors.NotFound
        if booking.lapses_at is None or booking.lapses_at <= clock.now():
            raise TooLate(_("The place is no longer kept for you. Please look whether it is still free."))
        if not can_extend(booking):
            raise errors.StateChanged(_("The time was extended before. Please send the form soon."))
        booking.lapses_at = min(clock.now() + made_under(booking.rules["kind"]).hold_for, booking.end_at)
        booking.rules = booking.rules | {"extended": True}
        audit.record(session, actor_id=actor.id, action="booking.extend", subject=f"booking:{booking.id}")
    return booking


def can_extend(booking: Booking) -> bool:
    """Say whether a hold can be extended (again)."""
    return not booking.rules.get("extended", False)


def release(*, actor: User, ref: str) -> None:
    """Give a held place back; nothing happens if it is no longer held.

    Raises:
        errors.NotFound: the actor has held nothing of this reference.
    """
    with db.write() as session:
        booking = workflow.locked(session, ref)
        if booking.made_by_id != actor.id or booking.answer_id is not None:
            raise errors.NotFound
        if booking.state == "held":
            machine.advance(session, booking, "expire", actor_id=actor.id)


def mine(actor: User, kind_id: int) -> Booking | None:
    """Return what somebody holds of a kind now, or None."""
    found = _of(db.db.session(), actor.id, kind_id)
    return found if found and found.lapses_at and found.lapses_at > clock.now() else None


def forget() -> None:
    """Remove holds that ended long ago without becoming a booking: forms that were begun and left (the worker)."""
    with db.write() as session:
        over = select(Booking.id).where(
            Booking.answer_id.is_(None), Booking.state == "expired", Booking.created_at < clock.now() - KEPT
        )
        ids = session.scalars(over.limit(500)).all()
        session.execute(delete(Allocation).where(Allocation.booking_id.in_(ids)))
        session.execute(delete(Booking).where(Booking.id.in_(ids)))


def _of(session: Session, actor_id: int, kind_id: int) -> Booking | None:
    return session.scalar(
        select(Booking)
        .where(Booking.made_by_id == actor_id, Booking.kind_id == kind_id, Booking.state == "held")
        .order_by(Booking.id.desc())
        .limit(1)
    )


def _check_number(session: Session, organisation_id: int) -> None:
    number = session.scalar(
        select(func.count()).where(Booking.organisation_id == organisation_id, Booking.state == "held", ~lapsed())
    )
    if (number or 0) >= MOST:
        raise errors.Invalid(
            {"": _("Your organisation keeps %(most)s places already. Please send one of these forms first.", most=MOST)}
        )
