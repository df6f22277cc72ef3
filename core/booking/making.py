"""The one way to a booking, for pages, API and imports alike: everything is checked and taken in one transaction."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock, db, errors
from core.accounts import roles
from core.accounts.models import User
from core.bases.models import Base
from core.booking import legs, machine, planning, queue, quotas, retries, rules, times, waiting, workflow
from core.booking.allocation import Want, claim, lock, release, take, taken_by
from core.booking.errors import OthersWait, ResourceTaken, RuleBroken
from core.booking.inquiry import ask, is_bound, plan_for
from core.booking.legs import Picks, ids_of
from core.booking.models import Allocation, Booking, TrainingSession
from core.booking.planning import Asking, Plan
from core.booking.queue import Line
from core.booking.references import add_with_reference
from core.booking.spans import Span
from core.intake import answers
from core.intake.answers import Cleaned
from core.localised import freeze
from core.plugins.declarations import BookingKind

__all__ = [
    "ask",
    "book",
    "could_take",
    "enter",
    "kept_rules",
    "may_book",
    "plan_for",
    "recharge",
    "resubmit",
    "write",
]

TURNS = 3
"""How often a booking is tried at most when those who wait are served before it."""


@dataclass(frozen=True)
class _Order:
    """What `book` is asked for; attributes are its arguments."""

    actor: User
    organisation_id: int
    base: Base
    kind: BookingKind
    cleaned: Cleaned
    training_id: int | None
    start: datetime | None
    end: datetime | None
    picks: dict[int, int | Collection[int]]
    units: int | None
    retry_key: str | None
    hold_ref: str | None
    waitlist: bool

    def content(self) -> dict[str, object]:
        """Return what tells this order from another."""
        return {
            "organisation": self.organisation_id,
            "training": self.training_id,
            "span": [self.start, self.end],
            "picks": sorted((position, sorted(ids_of(ids))) for position, ids in self.picks.items()),
            "units": self.units,
            "answers": self.cleaned.mark(),
            "waitlist": self.waitlist,
        }


def book(
    *,
    actor: User,
    organisation_id: int,
    base: Base,
    kind: BookingKind,
    cleaned: Cleaned,
    training_id: int | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    picks: Picks | None = None,
    units: int | None = None,
    retry_key: str | None = None,
    hold_ref: str | None = None,
    waitlist: bool = False,
) -> Booking:
    """Make a booking, all or nothing.

    Args:
        actor: a contact of the organisation, or a manager of the base who books on its behalf: opening hours, notice
            and window do not bind a manager.
        organisation_id: for whom.
        base, kind: what, and where.
        cleaned: the filled-in form.
        training_id: (session kinds) the session.
        start, end: (slot kinds) aware moments, set-up and clean-up not included.
        picks: (slot kinds) what is chosen for each leg; what is not picked is any free one.
        units: number of seats; None to read it from the form as the kind declares.
        retry_key: makes sending twice safe; the second gets the booking of the first.
        hold_ref: the place kept while the form was filled in (`holding.hold`); it is given back for what the form says
            now. One that has lapsed is as good as none.
        waitlist: whether to wait where it is taken, if the kind has a waiting list.

    Returns:
        The booking, `submitted`, or `confirmed` where the kind needs no approval; `waitlisted` where it is taken, or
        `offered` if a place has become free meanwhile.

    Raises:
        errors.Forbidden: the actor may not book for this organisation.
        errors.NotFound: base, kind or session cannot be booked.
        errors.Invalid: time, picks or units cannot be used, by field (`start`, `end`, `leg_<position>`, `units`).
        OutsideHours, TooLate, NotBookable: it may not be at this time.
        AgreementMissing, NothingGranted, QuotaExceeded: the organisation may not, or not so much.
        ResourceTaken, SessionFull: something is not free; with alternatives.
        OthersWait: it is free, and others wait for it.
        RuleBroken: a rule of the base refuses it.
        PluginFailed: a rule could not be checked.
    """
    order = _Order(
        actor=actor,
        organisation_id=organisation_id,
        base=base,
        kind=kind,
        cleaned=cleaned,
        training_id=training_id,
        start=start,
        end=end,
        picks=dict(picks or {}),
        units=units,
        retry_key=retry_key,
        hold_ref=hold_ref,
        waitlist=waitlist,
    )
    for _turn in range(TURNS - 1):
        try:
            return _make(order)
        except OthersWait as refused:
            if not waiting.serve(Line(refused.kind_id, refused.session_id)):
                raise
    return _make(order)


def _make(order: _Order) -> Booking:
    route = f"{order.base.slug}/{order.kind.slug}"
    with db.write() as session:
        may_book(order.actor, order.base, order.organisation_id)
        mark = retries.fingerprint(order.content())
        if order.retry_key:
            known = retries.earlier(session, actor=order.actor, route=route, key=order.retry_key, mark=mark)
            if known is not None:
                return session.scalars(select(Booking).where(Booking.ref == known["ref"])).one()
        booking = _place(session, order)
        if order.retry_key:
            answer = {"ref": booking.ref}
            retries.remember(session, actor=order.actor, route=route, key=order.retry_key, mark=mark, answer=answer)
    return booking


def _place(session: Session, order: _Order) -> Booking:
    """Take what is asked for, or wait for it."""
    asking = ask(session, order.base, order.kind.slug, order.organisation_id, order.cleaned)
    units = units_of(asking.kind, order.cleaned, order.units)
    waits = order.waitlist and bool(asking.rules.waiting)
    held = _held(session, order, asking, waits=waits)
    kept: Sequence[Want] = ()
    if held is not None:
        asking = replace(asking, booking_id=held.id)
        kept = wants_of(entry for entry in held.allocations if entry.active)
        release(session, booking=held)
    try:
        plan, warnings = plan_for(
            session,
            order.actor,
            asking,
            training_id=order.training_id,
            start=order.start,
            end=order.end,
            picks=order.picks,
            units=units,
            kept=kept,
        )
    except (ResourceTaken, RuleBroken):
        if not waits:
            raise
        if held is not None:
            machine.advance(session, held, "expire", actor_id=order.actor.id)
        return _wait(session, order, replace(asking, booking_id=None), units)
    return write(session, asking, plan, warnings, actor=order.actor, picks=order.picks, held=held)


def _held(session: Session, order: _Order, asking: Asking, *, waits: bool) -> Booking | None:
    """Lock what is held and all that may be taken instead, or waited for; then the hold. None: none is there any more.

    Args:
        waits: whether the order may end in the waiting list: for more than what is chosen, all of it locked together.
    """
    seen = None
    if order.hold_ref is not None:
        seen = session.scalar(
            select(Booking).where(
                Booking.ref == order.hold_ref,
                Booking.made_by_id == order.actor.id,
                Booking.kind_id == asking.row.id,
                Booking.state == "held",
            )
        )
    if seen is None and not waits:
        return None
    mine = set() if seen is None else taken_by(session, seen)
    lock(session, mine | could_take(session, asking, order.training_id))
    held = None if seen is None else workflow.locked(session, seen.ref)
    return held if held is not None and held.state == "held" else None


def wants_of(allocations: Iterable[Allocation]) -> list[Want]:
    """Return what was wanted when something was allocated, without what covers it."""
    return [
        Want(entry.resource_id, entry.start_at, entry.end_at, entry.units, entry.leg)
        for entry in allocations
        if not entry.covering
    ]


def could_take(session: Session, asking: Asking, training_id: int | None) -> set[int]:
    """Return the ids of all resources that could be taken for what is asked: they have to be locked together."""
    if asking.kind.mode == "slot":
        return legs.choices(session, asking.base, asking.kind).all_ids()
    training = session.get(TrainingSession, training_id) if training_id is not None else None
    return set() if training is None or training.seats_resource_id is None else {training.seats_resource_id}


def _wait(session: Session, order: _Order, asking: Asking, units: int) -> Booking:
    """Put an organisation on the waiting list; nothing is taken and nothing charged.

    What is asked for is locked: whatever is given back from now on finds it waiting.
    """
    training = session.get(TrainingSession, order.training_id) if order.training_id is not None else None
    if training is not None:
        start, end = training.start_at, training.end_at
    else:
        start, end = times.check_slot(asking.kind, order.start, order.end)
    bound = is_bound(order.actor, asking)
    slot = Span(start, end, units)
    plan, warnings = planning.imagined(session, asking, slot, order.picks, training=training, bound=bound)
    refused = quotas.outlook(
        quotas.use(
            asking.rules,
            organisation_id=asking.organisation.id,
            base=asking.base,
            kind=asking.kind.slug,
            start=start,
            end=end,
            units=units,
        )
    ).refusal
    if refused is not None:
        raise refused
    booking = Booking()
    _fill(session, booking, asking, plan, actor=order.actor, picks=order.picks)
    booking.rules = kept_rules(asking) | {"warnings": warnings}
    booking.state, booking.waiting_since = "waitlisted", clock.now()
    _refuse_second(session, booking)
    add_with_reference(session, booking)
    machine.enter(session, booking, action="wait", actor_id=order.actor.id)
    return booking


def _refuse_second(session: Session, booking: Booking) -> None:
    with session.no_autoflush:
        same = session.scalars(
            select(Booking).where(
                Booking.kind_id == booking.kind_id,
                Booking.state == "waitlisted",
                Booking.session_id == booking.session_id,
                Booking.organisation_id == booking.organisation_id,
                Booking.start_at == booking.start_at,
                Booking.end_at == booking.end_at,
            )
        ).all()
    known = next((entry.ref for entry in same if entry.wish == booking.wish), None)
    if known is not None:
        raise errors.Invalid({"": _("Your organisation waits for this already: %(ref)s.", ref=known)})


def may_book(actor: User, base: Base, organisation_id: int) -> None:
    """Refuse whoever is neither a contact of the organisation nor books on its behalf.

    Raises:
        errors.Forbidden: the actor may not.
    """
    if not roles.allows(actor, "booking.on_behalf", base_id=base.id):
        roles.require(actor, "booking.make", organisation_id=organisation_id)


def write(
    session: Session,
    asking: Asking,
    plan: Plan,
    warnings: list[dict[str, str]],
    *,
    actor: User,
    picks: Picks,
    held: Booking | None = None,
) -> Booking:
    """Write a booking that takes what is planned, and charge the organisation's quotas.

    Args:
        held: the place that was kept while the form was filled in, locked, its allocations released: it becomes the
            booking. None: a new one.

    Raises:
        AgreementMissing, NothingGranted, QuotaExceeded: the organisation may not, or not so much.
    """
    booking = held or Booking()
    _fill(session, booking, asking, plan, actor=actor, picks=picks)
    booking.rules = kept_rules(asking) | {"warnings": warnings}
    if held is None:
        booking.state = "submitted" if asking.rules.needs_approval else "confirmed"
        add_with_reference(session, booking)
    take(session, plan.resources, plan.wants, booking=booking)
    quotas.take(session, booking, asking.rules)
    if held is None:
        machine.enter(session, booking, action="submit", actor_id=actor.id)
    else:
        action = "submit" if asking.rules.needs_approval else "confirm"
        machine.advance(session, booking, action, actor_id=actor.id)
    return booking


def kept_rules(asking: Asking, *, moved: Booking | None = None) -> dict[str, object]:
    """Return the rules that a booking keeps: those of its kind (`rules.made_under`), and what one unit is called.

    Args:
        moved: a booking that stands and gets another place. Who decides on it stays as it was when it was made: what
            was approved is measured by that, and what waits must not be left with nobody to decide.
    """
    kind = rules.snapshot(asking.rules)
    if moved is not None:
        kind |= {name: moved.rules["kind"][name] for name in ("approval", "chain")}
    return {"kind": kind, "units_label": freeze(asking.kind.units_label)}


def resubmit(
    *, actor: User, ref: str, cleaned: Cleaned, version: int | None = None, retry_key: str | None = None
) -> Booking:
    """Submit a returned booking again with a mended form; it keeps its time and its places.

    Args:
        actor: a contact of the organisation, or a manager of the base on its behalf.
        version: the version the actor saw; None to skip the comparison.
        retry_key: makes sending twice safe: the second time nothing is done.

    Raises:
        errors.NotFound: there is none, or the actor may not know of it.
        errors.StateChanged: it is not (or no longer) returned.
        errors.Invalid, RuleBroken, ResourceTaken, SessionFull, PluginFailed: as for `book`.
    """
    again: dict[str, Any] = {"actor": actor, "route": f"submit:{ref}", "key": retry_key or ""}
    again["mark"] = retries.fingerprint({"answers": cleaned.mark(), "version": version})
    with db.write() as session:
        seen = workflow.seen_for_organisation(session, actor, ref)
        if retry_key and retries.earlier(session, **again) is not None:
            return seen
        known = lock(session, taken_by(session, seen))
        booking = workflow.locked(session, ref)
        workflow.check_version(booking, version)
        if booking.state != "returned":
            raise errors.StateChanged
        asking = ask(session, booking.base, booking.kind.slug, booking.organisation_id, cleaned, booking_id=booking.id)
        kind = asking.kind
        units = units_of(kind, cleaned, None) if kind.units_field else booking.units
        standing = [entry for entry in booking.allocations if entry.active and not entry.covering]
        resources = {**{entry.resource_id: entry.resource for entry in standing}, **known}
        wants = [
            Want(
                entry.resource_id,
                entry.start_at,
                entry.end_at,
                units if _is_per_unit(kind, entry) else entry.units,
                entry.leg,
            )
            for entry in standing
        ]
        plan = Plan(booking.start_at, booking.end_at, units, tuple(wants), resources, booking.session)
        warnings = planning.decide(asking, plan)
        if units != booking.units:
            release(session, booking=booking)
            if units > booking.units:
                queue.check(session, asking, plan)
            claim(session, wants, booking=booking)
            booking.units = units
            recharge(session, asking, booking)
        booking.rules = booking.rules | {"warnings": warnings}
        answer = answers.save(
            session,
            owner=f"{booking.base.slug}/{kind.slug}",
            fields=kind.fields,
            cleaned=cleaned,
            answer=booking.answer if booking.series_id is None else None,  # the others of a series keep theirs
        )
        booking.answer_id = answer.id
        machine.advance(session, booking, "submit", actor_id=actor.id)
        if retry_key:
            retries.remember(session, **again, answer={"ref": booking.ref})
    return booking


def _is_per_unit(kind: BookingKind, entry: Allocation) -> bool:
    """Say whether something is taken as often as units are booked: by its leg, or as seats of a session (no leg)."""
    return entry.leg is None or (entry.leg < len(kind.legs) and kind.legs[entry.leg].per_unit)


def units_of(kind: BookingKind, cleaned: Cleaned, units: int | None) -> int:
    """Return how many are booked: as given, or (None) as the form says where the kind declares so, else one.

    Raises:
        errors.Invalid: fewer than one, or more than the kind allows; the field is the form's, or `units`.
    """
    if units is None:
        units = cleaned.count(kind.units_field) if kind.units_field else 1
    field = kind.units_field or "units"
    if units < 1:
        raise errors.Invalid({field: _("Please book for one at least.")})
    if units > kind.most_units:
        raise errors.Invalid(
            {
                field: _(
                    "One booking takes at most %(most)s%(unit)s. Please make several bookings.",
                    most=kind.most_units,
                    unit=str(kind.units_label),
                )
            }
        )
    return units


def recharge(session: Session, asking: Asking, booking: Booking) -> None:
    """Give back what a booking uses of quotas, and charge what it uses now.

    Raises:
        AgreementMissing, NothingGranted, QuotaExceeded: the organisation may not, or not so much.
    """
    quotas.give_back(session, booking)
    quotas.take(session, booking, asking.rules)


def _fill(session: Session, booking: Booking, asking: Asking, plan: Plan, *, actor: User, picks: Picks) -> None:
    """Enter into a booking who asks for what, and the answer."""
    if asking.cleaned is None:
        raise ValueError("a booking is made with its form filled in")
    answer = answers.save(
        session,
        owner=f"{asking.base.slug}/{asking.kind.slug}",
        fields=asking.kind.fields,
        cleaned=asking.cleaned,
    )
    enter(booking, asking, plan, actor=actor, picks=picks)
    booking.answer_id = answer.id


def enter(booking: Booking, asking: Asking, plan: Plan, *, actor: User, picks: Picks) -> None:
    """Enter into a booking, new or held, who asks for what and when."""
    own = roles.allows(actor, "booking.make", organisation_id=asking.organisation.id)
    booking.base_id, booking.kind_id = asking.base.id, asking.row.id
    booking.session_id = plan.training.id if plan.training else None
    booking.organisation_id = asking.organisation.id
    booking.contact_id, booking.made_by_id = actor.id if own else None, actor.id
    booking.start_at, booking.end_at, booking.units = plan.start, plan.end, plan.units
    booking.wish = {str(position): list(ids_of(ids)) for position, ids in picks.items()}
    booking.created_at = booking.created_at or clock.now()
