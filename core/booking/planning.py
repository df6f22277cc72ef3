"""What a booking would take: locked, looked for, and decided upon by the base's rules."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from core import errors
from core.bases.models import Base
from core.bases.opening import Timetable
from core.booking import alternatives, legs, times
from core.booking.allocation import Taken, Want, conflicts, lock, taken
from core.booking.availability import seats_left
from core.booking.errors import Conflict, OutsideHours, ResourceTaken, RuleBroken, SessionFull
from core.booking.hours import timetables
from core.booking.models import Kind, Resource, TrainingSession
from core.booking.rules import Rules
from core.booking.spans import Span
from core.intake.answers import Cleaned
from core.localised import freeze
from core.organisations.models import Organisation
from core.plugins.declarations import BookingKind, BookingRequest, Problem
from core.plugins.facade import plugins

MOST_DECIDED = 6
"""How many free combinations of resources a base's rules are asked about, at most."""


@dataclass(frozen=True)
class Plan:
    """What a booking would take: one way of serving it, everything free under lock."""

    start: datetime
    end: datetime
    units: int
    wants: tuple[Want, ...]
    resources: Mapping[int, Resource]
    training: TrainingSession | None = None


@dataclass(frozen=True)
class Asking:
    """Who asks for what."""

    base: Base
    kind: BookingKind
    row: Kind
    rules: Rules
    organisation: Organisation
    cleaned: Cleaned | None  # None while the form is being filled in: rules are asked once it is sent
    booking_id: int | None = None


def session_plan(
    session: Session, asking: Asking, training_id: int | None, units: int, *, bound: bool, advise: bool = True
) -> Plan:
    """Lock a session's seats, and return the plan of taking some of them.

    Args:
        training_id: the session asked for.
        units: how many seats.
        bound: whether the kind's notice binds the actor.
        advise: whether a refusal names alternatives.

    Raises:
        errors.NotFound: this cannot be booked there.
        errors.StateChanged: it has been cancelled.
        TooLate, NotBookable: it begins too soon, is over, or is not to be booked yet.
        SessionFull: fewer seats are left; with alternatives.
    """
    training = _find_training(session, asking, training_id)
    seats = training.seats_resource_id
    if seats is None:
        raise errors.NotFound
    resources = lock(session, [seats])
    session.refresh(training)  # as it is now that nobody can change it
    if training.state != "published":
        raise errors.StateChanged(_("This session has been cancelled. Please choose another one."))
    if bound:
        times.check_notice(asking.rules, training.start_at)
    else:
        times.check_not_over(training.end_at)
    want = Want(seats, training.start_at, training.end_at, units)
    found = conflicts(session, resources, [want])
    if found:
        left = seats_left([training])[training.id].left
        full = SessionFull(found, left=left, asked=units)
        if advise:
            full.alternatives = tuple(alternatives.sessions(session, training, units))
        raise full
    return Plan(training.start_at, training.end_at, units, (want,), resources, training)


def slot_plan(
    session: Session, asking: Asking, slot: Span, picks: legs.Picks, *, bound: bool, advise: bool = True
) -> tuple[Plan, list[dict[str, str]]]:
    """Lock all that could be taken, and return the first free way of serving that the base's rules allow.

    Where everything is chosen, only that is locked: others book the rest meanwhile. What is told of alternatives is
    read without a lock, and holds until somebody takes it.

    Args:
        slot: when, and how many units.
        picks: what is chosen for each leg; what is not picked is any free one.
        bound: whether the resources' own hours bind the actor.
        advise: whether a refusal names alternatives.

    Returns:
        The plan, and the warnings of the base's rules, frozen by language.

    Raises:
        errors.Invalid: a pick cannot be used, or the base has too few resources.
        OutsideHours: what is picked cannot be used at this time.
        ResourceTaken: none is free; with alternatives.
        RuleBroken, PluginFailed: as for `decide`.
    """
    settled = legs.chosen(session, asking.base, asking.kind, picks)
    if settled is None:
        settled = legs.choices(session, asking.base, asking.kind).narrowed(picks)
    locked = lock(session, settled.reach())
    resources = {**settled.resources, **locked}
    around = alternatives.around(slot)
    busy = taken(session, locked, around.start, around.end)
    refused: RuleBroken | None = None
    known = timetables(settled.reach(), around.start, around.end) if bound else None
    for plan in islice(_free_plans(settled, resources, busy, slot, known), MOST_DECIDED):
        try:
            return plan, decide(asking, plan)
        except RuleBroken as error:
            refused = refused or error
    if refused is not None:
        raise refused
    clash = _why_not(session, settled, resources, slot)
    if advise:
        every = legs.choices(session, asking.base, asking.kind)
        hours = timetables(every.all_ids(), around.start, around.end) if bound else {}
        search = alternatives.Search(
            asking.base, asking.rules, every, settled, {**every.resources, **locked}, timetables=hours
        )
        clash.alternatives = tuple(alternatives.slots(session, search, slot))
    raise clash


def imagined(
    session: Session, asking: Asking, slot: Span, picks: legs.Picks, *, training: TrainingSession | None, bound: bool
) -> tuple[Plan, list[dict[str, str]]]:
    """Return what would serve if nothing were taken: whoever waits must not wait for what never comes.

    Args:
        slot: when, and how many units.
        picks: (slot kinds) what is chosen for each leg.
        training: the session, or None.
        bound: whether the resources' own hours bind the actor.

    Returns:
        The plan, and the warnings of the base's rules, frozen by language.

    Raises:
        errors.Invalid: there are never so many units, or a pick cannot be used.
        RuleBroken, PluginFailed: as for `decide`.
    """
    if training is not None:
        if slot.units > training.seats:
            raise errors.Invalid({"units": _("This session has %(seats)s seats in all.", seats=training.seats)})
        plan = Plan(slot.start, slot.end, slot.units, (), {}, training)
        return plan, decide(asking, plan)
    every = legs.choices(session, asking.base, asking.kind)
    settled = every.narrowed(picks)
    resources = lock(session, every.all_ids())
    known = timetables(every.all_ids(), slot.start, slot.end) if bound else None
    refused: errors.DomainError = errors.Invalid(
        {"": _("There are not enough resources for this. Please call the base.")}
    )
    for combination in islice(settled.free(resources, [], slot, known), MOST_DECIDED):
        plan = Plan(slot.start, slot.end, slot.units, tuple(settled.wants(combination, resources, slot)), resources)
        try:
            return plan, decide(asking, plan)
        except RuleBroken as error:
            refused = error
    raise refused


def decide(asking: Asking, plan: Plan) -> list[dict[str, str]]:
    """Ask the base's rules; return the warnings, frozen by language.

    Raises:
        RuleBroken: a rule refuses.
        PluginFailed: a rule could not be checked.
    """
    if asking.cleaned is None:
        return []
    wanted = {want.resource_id for want in plan.wants}
    request = BookingRequest(
        base=asking.base.slug,
        kind=asking.kind.slug,
        session_id=plan.training.id if plan.training else None,
        start=plan.start,
        end=plan.end,
        units=plan.units,
        organisation_id=asking.organisation.id,
        organisation_kind=asking.organisation.kind,
        answers=asking.cleaned.typed(asking.kind.fields),
        people=asking.cleaned.people(),
        resources={plan.resources[number].slug: plan.resources[number].attributes for number in wanted},
        booking_id=asking.booking_id,
    )
    problems: list[Problem] = plugins().decide_booking(request)
    against = [problem for problem in problems if not problem.warning]
    if against:
        raise RuleBroken([replace(problem, message=str(problem.message)) for problem in against])
    return [freeze(problem.message) for problem in problems]


def _find_training(session: Session, asking: Asking, training_id: int | None) -> TrainingSession:
    training = session.get(TrainingSession, training_id) if training_id is not None else None
    if (
        training is None
        or training.base_id != asking.base.id
        or training.kind.slug != asking.kind.slug
        or training.state == "draft"
    ):
        raise errors.NotFound
    return training


def _free_plans(
    settled: legs.Choices,
    resources: Mapping[int, Resource],
    busy: Sequence[Taken],
    slot: Span,
    known: Mapping[int, Timetable] | None,
) -> Iterator[Plan]:
    for combination in settled.free(resources, busy, slot, known):
        wants = tuple(settled.wants(combination, resources, slot))
        yield Plan(slot.start, slot.end, slot.units, wants, resources)


def _why_not(
    session: Session, settled: legs.Choices, resources: Mapping[int, Resource], slot: Span
) -> ResourceTaken | OutsideHours:
    """Return the refusal of a slot that cannot be served: every conflict of the first way of serving it."""
    first = next(settled.combinations(), None)
    if first is None:
        raise errors.Invalid({"": _("There are not enough resources for this. Please call the base.")})
    wants = settled.wants(first, resources, slot)
    found: list[Conflict] = conflicts(session, resources, wants)
    if found:
        return ResourceTaken(found)
    names = ", ".join(resources[want.resource_id].name for want in wants)
    return OutsideHours(_("%(names)s cannot be used at this time. Please choose another time.", names=names))
