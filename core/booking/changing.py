"""Moving a booking that stands: to another time or session (`reschedule`), or to another machine (`relocate`).

Either it gets its new place or it keeps the old one, whatever happens on the way: what it has is given back, the new
place looked for and taken, and quotas charged anew, all in one transaction.

Locks: the resources of the old place and of every new one that may serve come first, the booking after them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock, dates, db, errors
from core.accounts import roles
from core.accounts.models import User
from core.booking import families, kinds, legs, making, planning, retries, workflow
from core.booking.allocation import Want, claim, conflicts, lock, release, taken_by
from core.booking.errors import Alternative, OutsideHours, ResourceTaken, RuleBroken, TooLate
from core.booking.machine import advance
from core.booking.models import SEATS_SLUG, Allocation, Booking, Resource, TrainingSession
from core.booking.planning import Asking, Plan
from core.booking.rules import made_under
from core.booking.states import MOVES
from core.intake import answers
from core.plugins.declarations import BookingKind, Leg

MOST_NAMED = 5
"""How many other resources are named when one is taken."""


@dataclass(frozen=True)
class Aim:
    """Where a booking is to go.

    Attributes:
        start, end: (slot kinds) the new time; None: as it is.
        training_id: (session kinds) the session.
        picks: what is chosen for each leg; a leg that is not in it keeps what it has if that is free, and gets any
            free one otherwise. None: each leg that can be picked keeps what it has.
        units: None: as many as now.
    """

    start: datetime | None = None
    end: datetime | None = None
    training_id: int | None = None
    picks: legs.Picks | None = None
    units: int | None = None


@dataclass(frozen=True)
class Standing:
    """A booking that was vacated: its place for the history, and the allocations it had (no covering ones)."""

    booking: Booking
    place: dict[str, Any]
    allocations: tuple[Allocation, ...]

    def picked(self) -> dict[int, tuple[int, ...]]:
        """Return the resources of each leg that are still in service."""
        found: dict[int, tuple[int, ...]] = {}
        for entry in self.allocations:
            if entry.leg is not None and entry.resource.archived_at is None:
                found[entry.leg] = (*found.get(entry.leg, ()), entry.resource_id)
        return found


def reschedule(
    *,
    actor: User,
    ref: str,
    aim: Aim,
    reason: str = "",
    version: int | None = None,
    retry_key: str | None = None,
) -> Booking:
    """Move a booking to another time, session or resources: it gets the new place, or keeps the old one.

    Args:
        actor: a manager of the base; or a contact of the organisation, as long as nobody has confirmed the booking, or
            where its kind needs no approval until the time limit for cancelling. Opening hours, notice and window do
            not bind a manager.
        aim: where it is to go.
        reason: told to the other side; a manager owes one.
        version: the version the actor saw; None to skip the comparison.
        retry_key: makes sending twice safe.

    Returns:
        The booking; `submitted` again if it was being reviewed: those who had approved are asked anew.

    Raises:
        errors.NotFound: there is none, or the actor may not know of it.
        errors.Forbidden: the actor may see it but not move it.
        errors.StateChanged: somebody else was faster, or it cannot be moved in its state.
        TooLate: a contact moves it after the time limit.
        errors.Invalid: the reason is missing, the aim cannot be used, or it is where the booking is.
        ResourceTaken, SessionFull, OutsideHours, NotBookable, RuleBroken, PluginFailed, AgreementMissing,
        QuotaExceeded: as for `making.book`. The old place is kept.
    """
    with db.write() as session:
        seen = visible(session, actor, ref)
        mark = retries.fingerprint({"aim": repr(aim), "reason": reason})
        if retry_key and retries.earlier(session, actor=actor, route=f"{ref}/move", key=retry_key, mark=mark):
            return seen
        lock(session, affected(session, seen, aim))
        booking = workflow.locked(session, ref)
        workflow.check_version(booking, version)
        check_movable(actor, booking)
        owed(actor, booking, reason)
        standing = vacate(session, booking)
        settle(session, actor, standing, aim, reason=reason)
        if retry_key:
            retries.remember(session, actor=actor, route=f"{ref}/move", key=retry_key, mark=mark, answer={"ref": ref})
    return booking


def relocate(
    *, actor: User, ref: str, from_resource: int, to_resource: int, reason: str, version: int | None = None
) -> Booking:
    """Move a booking from one resource to another that can serve the same leg, at the same time: one has broken down.

    Args:
        actor: a manager of the base.
        from_resource, to_resource: ids.
        reason: told to the organisation.
        version: the version the actor saw; None to skip the comparison.

    Raises:
        errors.NotFound, errors.Forbidden, errors.StateChanged: as for `reschedule`.
        errors.Invalid: the reason is missing, or one resource cannot stand in for the other; the field is `resource`.
        ResourceTaken: it is not free for the whole time; with the resources that are.
        RuleBroken, PluginFailed: a rule of the base refuses it. The old place is kept.
    """
    with db.write() as session:
        seen = visible(session, actor, ref)
        roles.require(actor, "booking.decide", base_id=seen.base_id)
        lock(session, taken_by(session, seen) | {to_resource})
        booking = workflow.locked(session, ref)
        workflow.check_version(booking, version)
        owed(actor, booking, reason)
        standing = vacate(session, booking)
        resettle(session, actor, standing, {from_resource: to_resource}, reason=reason)
    return booking


def drop(
    *,
    actor: User,
    base_id: int,
    ref: str,
    start: datetime,
    end: datetime,
    from_resource: int,
    to_resource: int,
    reason: str,
    version: int | None,
) -> Booking:
    """Move a booking to where a manager has dropped one of its bars: another time, another resource, or both.

    Args:
        base_id: the base whose timeline it is.
        start, end: the booked time, set-up and clean-up not included.
        from_resource, to_resource: ids; the same where only the time changes.

    Raises:
        As `reschedule` and `relocate`.
    """
    seen = db.db.session.scalar(select(Booking).where(Booking.ref == ref, Booking.base_id == base_id))
    if seen is None:
        raise errors.NotFound
    if (start, end) == (seen.start_at, seen.end_at):
        if from_resource == to_resource:
            raise errors.Invalid({"start": _("The booking is there already. Please choose another time or resource.")})
        return relocate(
            actor=actor,
            ref=ref,
            from_resource=from_resource,
            to_resource=to_resource,
            reason=reason,
            version=version,
        )
    picks = None if from_resource == to_resource else _swapped(seen, from_resource, to_resource)
    return reschedule(actor=actor, ref=ref, aim=Aim(start, end, picks=picks), reason=reason, version=version)


def _swapped(booking: Booking, old: int, new: int) -> dict[int, tuple[int, ...]]:
    """Return the resources of each leg a person chose or chooses now, one changed for another."""
    offered = kinds.offered(booking.base, booking.kind.slug)
    picks: dict[int, tuple[int, ...]] = {}
    for entry in booking.allocations:
        if entry.active and not entry.covering and entry.leg is not None and entry.leg < len(offered.kind.legs):
            number = new if entry.resource_id == old else entry.resource_id
            if offered.kind.legs[entry.leg].pick or number != entry.resource_id:
                picks[entry.leg] = (*picks.get(entry.leg, ()), number)
    return picks


def visible(session: Session, actor: User, ref: str) -> Booking:
    """Return a booking, not locked, that the actor may know of.

    Raises:
        errors.NotFound: there is none, or the actor may not.
    """
    booking = workflow.seen(session, ref)
    if not (_manages(actor, booking) or _owns(actor, booking)):
        raise errors.NotFound
    return booking


def check_movable(actor: User, booking: Booking) -> None:
    """Refuse who may not move a booking now; pages ask the same before they offer it.

    Raises:
        errors.StateChanged: nobody can move it in its state.
        errors.Forbidden: a contact cannot move what was confirmed by the base.
        TooLate: it was possible until a time that has passed.
    """
    if (booking.state, "reschedule") not in MOVES:
        raise errors.StateChanged
    if _manages(actor, booking):
        return
    if booking.state == "confirmed" and made_under(booking.rules["kind"]).needs_approval:
        raise errors.Forbidden(_("The base has confirmed this booking. Please call the base: its manager can move it."))
    until = workflow.cancel_until(booking)
    if clock.now() > until:
        raise TooLate(
            _(
                "It could be moved here until %(moment)s. Please call the base: its manager can still move it.",
                moment=dates.moment(until),
            )
        )


def is_movable(actor: User, booking: Booking) -> bool:
    """Say whether somebody may move a booking now (`check_movable`)."""
    try:
        check_movable(actor, booking)
    except errors.DomainError:
        return False
    return _manages(actor, booking) or _owns(actor, booking)


def owed(actor: User, booking: Booking, reason: str) -> None:
    """Refuse a manager who gives no reason.

    Raises:
        errors.Invalid: it is missing.
    """
    if not reason.strip() and not _owns(actor, booking):
        raise errors.Invalid({"reason": _("Please give the reason: the organisation will read it.")})


def affected(session: Session, booking: Booking, aim: Aim) -> set[int]:
    """Return every resource to be locked before a booking can be moved: those it has, and all that may serve it."""
    found = taken_by(session, booking)
    if booking.session_id is not None:
        training = session.get(TrainingSession, aim.training_id) if aim.training_id is not None else None
        return found | ({training.seats_resource_id} if training and training.seats_resource_id else set())
    offered = kinds.offered(booking.base, booking.kind.slug, session)
    return found | legs.choices(session, booking.base, offered.kind).all_ids()


def vacate(session: Session, booking: Booking) -> Standing:
    """Give back what a locked booking has, for it to be settled anew in the same transaction."""
    entries = _standing(session, booking)
    standing = Standing(booking, place(booking, entries), tuple(entry for entry in entries if not entry.covering))
    release(session, booking=booking)
    return standing


def place_now(session: Session, booking: Booking) -> dict[str, Any]:
    """Return the place a booking has now, as `place` does."""
    return place(booking, _standing(session, booking))


def _standing(session: Session, booking: Booking) -> Sequence[Allocation]:
    return session.scalars(
        select(Allocation)
        .where(Allocation.booking_id == booking.id, Allocation.active)
        .order_by(Allocation.leg, Allocation.id)
        .execution_options(populate_existing=True)
    ).all()


def place(booking: Booking, entries: Collection[Allocation]) -> dict[str, Any]:
    """Return the place of a booking as its history keeps it: times (ISO), units, names and ids of its resources.

    Instructors are named as well: the history is read by the organisation and the base only.
    """
    mine = [entry for entry in entries if not entry.covering and not entry.resource.slug.startswith(SEATS_SLUG)]
    return {
        "start": booking.start_at.isoformat(),
        "end": booking.end_at.isoformat(),
        "units": booking.units,
        "session": booking.session.title if booking.session else None,
        "session_id": booking.session_id,
        "resources": [entry.resource.name for entry in mine],
        "ids": [entry.resource_id for entry in mine],
    }


def place_text(was: Mapping[str, Any]) -> str:
    """Return a place that the history keeps (`place`) as people read it: the time, and what was taken."""
    span = dates.span(datetime.fromisoformat(was["start"]), datetime.fromisoformat(was["end"]))
    names = [was["session"]] if was["session"] else was["resources"]
    return ", ".join([span, *names]) if dates.english() else "，".join([span, "、".join(names)]).rstrip("，")


def settle(session: Session, actor: User, standing: Standing, aim: Aim, *, reason: str = "") -> None:
    """Take the new place of a booking that was vacated, and tell of it; raises as `reschedule`."""
    booking = standing.booking
    asking = _asking(session, booking)
    units = booking.units
    if aim.units is not None and asking.cleaned is not None:
        units = making.units_of(asking.kind, asking.cleaned, aim.units)
    plan, warnings = _plan(session, actor, asking, standing, replace(aim, units=units))
    if _same(plan, standing):
        raise errors.Invalid({"start": _("The booking is there already. Please choose another time or resource.")})
    claim(session, plan.wants, booking=booking)
    booking.session_id = plan.training.id if plan.training else None
    booking.session = plan.training
    booking.start_at, booking.end_at, booking.units = plan.start, plan.end, units
    if aim.picks is not None:
        booking.wish = {str(position): list(legs.ids_of(ids)) for position, ids in aim.picks.items()}
    making.recharge(session, asking, booking)
    booking.rules = making.kept_rules(asking, moved=booking)
    _note(booking, warnings)
    advance(session, booking, "reschedule", actor_id=actor.id, reason=reason.strip(), was=standing.place)


def resettle(
    session: Session,
    actor: User,
    standing: Standing,
    instead: Mapping[int, int],
    *,
    reason: str,
) -> None:
    """Take the place of a booking that was vacated anew, with other resources; raises as `relocate`.

    Args:
        instead: the new resource by the one it stands in for.
    """
    booking = standing.booking
    if (booking.state, "relocate") not in MOVES or booking.session_id is not None:
        raise errors.StateChanged
    asking = _asking(session, booking)
    resources = lock(session, {instead.get(entry.resource_id, entry.resource_id) for entry in standing.allocations})
    wants = [_instead(asking, booking, entry, resources, instead) for entry in standing.allocations]
    taken = [want.resource_id for want in wants]
    had = {entry.resource_id for entry in standing.allocations}
    if not set(instead) <= had or set(instead.values()) & had or len(set(taken)) < len(taken):
        raise errors.Invalid({"resource": _("Please choose one of the resources offered.")})
    found = conflicts(session, resources, wants)
    if found:
        raise ResourceTaken(found, _others(session, standing, next(iter(instead))))
    warnings = planning.decide(
        asking, Plan(booking.start_at, booking.end_at, booking.units, tuple(wants), resources, None)
    )
    claim(session, wants, booking=booking)
    if booking.wish:
        booking.wish = {
            position: [instead.get(number, number) for number in ids] for position, ids in booking.wish.items()
        }
    _note(booking, warnings)
    advance(session, booking, "relocate", actor_id=actor.id, reason=reason.strip(), was=standing.place)


def stand_ins(session: Session, standing: Standing, resource_id: int) -> list[Resource]:
    """Return what could stand in for one of a booking's resources: all that fit its leg and are free for its time.

    To be called when the booking is vacated; the resources are read, not locked.
    """
    booking = standing.booking
    asking = _asking(session, booking)
    entry = next(entry for entry in standing.allocations if entry.resource_id == resource_id)
    leg = _leg(asking.kind, entry)
    if leg is None:
        return []
    others = {own.resource_id for own in standing.allocations}
    there = [one for one in legs.serving(session, booking.base) if legs.fits(one, leg) and one.id not in others]
    ids = families.family(session, {one.id for one in there} | others)
    known = {one.id: one for one in session.scalars(select(Resource).where(Resource.id.in_(ids)))}
    return [
        one
        for one in there
        if not conflicts(
            session,
            known,
            [_instead(asking, booking, own, known, {resource_id: one.id}) for own in standing.allocations],
        )
    ]


def _asking(session: Session, booking: Booking) -> Asking:
    if booking.answer is None:
        raise errors.StateChanged  # still being filled in
    cleaned = answers.kept(booking.answer)
    return making.ask(session, booking.base, booking.kind.slug, booking.organisation_id, cleaned, booking_id=booking.id)


def _plan(
    session: Session, actor: User, asking: Asking, standing: Standing, aim: Aim
) -> tuple[Plan, list[dict[str, str]]]:
    """Return the plan of the new place: with the resources it has where they may stay, else as it is asked for."""
    start, end, booking = aim.start, aim.end, standing.booking
    if asking.kind.mode == "slot" and start is None and end is None:
        start, end = booking.start_at, booking.end_at
    kept = standing.picked()
    asked = _asked(asking.kind, kept, aim)
    ways: Sequence[legs.Picks] = [kept | asked, asked] if kept.keys() - asked.keys() else [asked]
    for number, picks in enumerate(ways, start=1):
        try:
            return making.plan_for(
                session,
                actor,
                asking,
                training_id=aim.training_id,
                start=start,
                end=end,
                picks=picks,
                units=aim.units or booking.units,
                kept=making.wants_of(standing.allocations),
            )
        except (ResourceTaken, OutsideHours, RuleBroken, errors.Invalid):
            if number == len(ways):
                raise
    raise RuntimeError("there is always a way to ask")


def _asked(kind: BookingKind, kept: Mapping[int, tuple[int, ...]], aim: Aim) -> dict[int, tuple[int, ...]]:
    if aim.picks is not None:
        return {position: legs.ids_of(ids) for position, ids in aim.picks.items()}
    return {position: ids for position, ids in kept.items() if position < len(kind.legs) and kind.legs[position].pick}


def _same(plan: Plan, standing: Standing) -> bool:
    """Say whether a plan is what the booking has already."""
    before = {(entry.resource_id, entry.start_at, entry.end_at, entry.units) for entry in standing.allocations}
    after = {(want.resource_id, want.start, want.end, want.units) for want in plan.wants}
    return before == after and (plan.start, plan.end) == (standing.booking.start_at, standing.booking.end_at)


def _instead(
    asking: Asking, booking: Booking, entry: Allocation, resources: Mapping[int, Resource], instead: Mapping[int, int]
) -> Want:
    """Return what takes the place of an allocation: the other resource with its own set-up and clean-up."""
    number = instead.get(entry.resource_id)
    if number is None:
        return Want(entry.resource_id, entry.start_at, entry.end_at, entry.units, entry.leg)
    resource, leg = resources[number], _leg(asking.kind, entry)
    if leg is None or not legs.serves(resource, booking.base) or not legs.fits(resource, leg):
        raise errors.Invalid({"resource": _("Please choose one of the resources offered.")})
    return Want(
        number,
        booking.start_at - max(leg.before, resource.setup),
        booking.end_at + max(leg.after, resource.cleanup),
        entry.units,
        entry.leg,
    )


def _leg(kind: BookingKind, entry: Allocation) -> Leg | None:
    return kind.legs[entry.leg] if entry.leg is not None and entry.leg < len(kind.legs) else None


def _others(session: Session, standing: Standing, resource_id: int) -> list[Alternative]:
    booking = standing.booking
    entry = next(entry for entry in standing.allocations if entry.resource_id == resource_id)
    return [
        Alternative((one.name,), booking.start_at, booking.end_at, ((entry.leg or 0, one.id),))
        for one in stand_ins(session, standing, resource_id)[:MOST_NAMED]
    ]


def _note(booking: Booking, warnings: list[dict[str, str]]) -> None:
    """Keep what has to follow from a move: a deadline before it begins, an exception of its series, the warnings."""
    if booking.lapses_at is not None:
        booking.lapses_at = min(booking.lapses_at, max(booking.start_at, clock.now()))
    if booking.series_id is not None:
        booking.detached = True
    booking.rules = booking.rules | {"warnings": warnings}


def _manages(actor: User, booking: Booking) -> bool:
    return roles.allows(actor, "booking.decide", base_id=booking.base_id)


def _owns(actor: User, booking: Booking) -> bool:
    return roles.allows(actor, "booking.make", organisation_id=booking.organisation_id)
