"""The one way to a booking, for pages, API and imports alike: everything is checked and taken in one transaction."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock, db, errors
from core.accounts import roles
from core.accounts.models import User
from core.bases.models import Base
from core.booking import kinds, machine, planning, quotas, retries, rules, times, workflow
from core.booking.allocation import Want, claim, lock, release
from core.booking.legs import Picks, ids_of
from core.booking.models import Booking
from core.booking.planning import Asking, Plan
from core.booking.references import add_with_reference
from core.booking.spans import Span
from core.intake import answers
from core.intake.answers import Cleaned
from core.localised import freeze
from core.organisations.models import Organisation
from core.plugins.declarations import BookingKind


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

    Returns:
        The booking, `submitted`, or `confirmed` where the kind needs no approval.

    Raises:
        errors.Forbidden: the actor may not book for this organisation.
        errors.NotFound: base, kind or session cannot be booked.
        errors.Invalid: time, picks or units cannot be used, by field (`start`, `end`, `leg_<position>`, `units`).
        OutsideHours, TooLate, NotBookable: it may not be at this time.
        AgreementMissing, NothingGranted, QuotaExceeded: the organisation may not, or not so much.
        ResourceTaken, SessionFull: something is not free; with alternatives.
        RuleBroken: a rule of the base refuses it.
        PluginFailed: a rule could not be checked.
    """
    picks = dict(picks or {})
    with db.write() as session:
        may_book(actor, base, organisation_id)
        route = f"{base.slug}/{kind.slug}"
        mark = retries.fingerprint(
            {
                "organisation": organisation_id,
                "training": training_id,
                "span": [start, end],
                "picks": sorted((position, sorted(ids_of(ids))) for position, ids in picks.items()),
                "units": units,
                "answers": cleaned.mark(),
            }
        )
        if retry_key:
            known = retries.earlier(session, actor=actor, route=route, key=retry_key, mark=mark)
            if known is not None:
                return session.scalars(select(Booking).where(Booking.ref == known["ref"])).one()
        asking = ask(session, base, kind.slug, organisation_id, cleaned)
        asked = _units(asking.kind, cleaned, units)
        plan, warnings = plan_for(
            session, actor, asking, training_id=training_id, start=start, end=end, picks=picks, units=asked
        )
        booking = write(session, asking, plan, warnings, actor=actor, picks=picks)
        if retry_key:
            retries.remember(session, actor=actor, route=route, key=retry_key, mark=mark, answer={"ref": booking.ref})
    return booking


def may_book(actor: User, base: Base, organisation_id: int) -> None:
    """Refuse whoever is neither a contact of the organisation nor books on its behalf.

    Raises:
        errors.Forbidden: the actor may not.
    """
    if not roles.allows(actor, "booking.on_behalf", base_id=base.id):
        roles.require(actor, "booking.make", organisation_id=organisation_id)


def ask(
    session: Session, base: Base, kind: str, organisation_id: int, cleaned: Cleaned, *, booking_id: int | None = None
) -> Asking:
    """Return who asks for what, by the rules in force.

    Raises:
        errors.NotFound: this cannot be booked there at present.
        errors.Forbidden: the organisation can no longer book.
    """
    offered = kinds.offered(base, kind, session)
    organisation = session.get(Organisation, organisation_id)
    if organisation is None or organisation.archived_at is not None:
        raise errors.Forbidden(_("This organisation can no longer book."))
    return Asking(base, offered.kind, offered.row, offered.rules(organisation), organisation, cleaned, booking_id)


def plan_for(
    session: Session,
    actor: User,
    asking: Asking,
    *,
    training_id: int | None,
    start: datetime | None,
    end: datetime | None,
    picks: Picks,
    units: int,
) -> tuple[Plan, list[dict[str, str]]]:
    """Lock and look for what a booking would take, and ask the base's rules.

    Args are those of `book`.

    Returns:
        The plan, everything in it free under lock, and the warnings of the rules, frozen by language.

    Raises:
        As `book` does for times and what is taken.
    """
    bound = not roles.allows(actor, "booking.on_behalf", base_id=asking.base.id)
    if asking.kind.mode == "session":
        plan = planning.session_plan(session, asking, training_id, units, bound=bound)
        return plan, planning.decide(asking, plan)
    start, end = times.check_slot(asking.kind, start, end)
    if bound:
        times.check_notice(asking.rules, start)
        times.check_hours(asking.base, start, end)
    else:
        times.check_not_over(end)
    return planning.slot_plan(session, asking, Span(start, end, units), picks, bound=bound)


def write(
    session: Session, asking: Asking, plan: Plan, warnings: list[dict[str, str]], *, actor: User, picks: Picks
) -> Booking:
    """Write a booking that takes what is planned, and charge the organisation's quotas.

    Raises:
        AgreementMissing, NothingGranted, QuotaExceeded: the organisation may not, or not so much.
    """
    booking = _row(session, asking, plan, actor=actor, picks=picks)
    booking.state = "submitted" if asking.rules.needs_approval else "confirmed"
    booking.rules = kept_rules(asking) | {"warnings": warnings}
    add_with_reference(session, booking)
    claim(session, plan.wants, booking=booking)
    quotas.take(session, booking, asking.rules)
    machine.enter(session, booking, action="submit", actor_id=actor.id)
    return booking


def kept_rules(asking: Asking) -> dict[str, object]:
    """Return the rules that a booking keeps: those of its kind (`rules.made_under`), and what one unit is called."""
    return {"kind": rules.snapshot(asking.rules), "units_label": freeze(asking.kind.units_label)}


def resubmit(*, actor: User, ref: str, cleaned: Cleaned, version: int | None = None) -> Booking:
    """Submit a returned booking again with a mended form; it keeps its time and its places.

    Args:
        actor: a contact of the organisation, or a manager of the base on its behalf.
        version: the version the actor saw; None to skip the comparison.

    Raises:
        errors.NotFound: there is none, or the actor may not know of it.
        errors.StateChanged: it is not (or no longer) returned.
        errors.Invalid, RuleBroken, ResourceTaken, SessionFull, PluginFailed: as for `book`.
    """
    with db.write() as session:
        seen = session.scalar(select(Booking).where(Booking.ref == ref))
        if seen is None or not _may_mend(actor, seen):
            raise errors.NotFound
        standing = [allocation for allocation in seen.allocations if allocation.active]
        resources = lock(session, {allocation.resource_id for allocation in standing})
        booking = workflow.locked(session, ref)
        workflow.check_version(booking, version)
        if booking.state != "returned":
            raise errors.StateChanged
        asking = ask(session, booking.base, booking.kind.slug, booking.organisation_id, cleaned, booking_id=booking.id)
        kind = asking.kind
        units = _units(kind, cleaned, None) if kind.units_field else booking.units
        per_unit = {leg.kind for leg in kind.legs if leg.per_unit} | ({"seats"} if booking.session_id else set())
        wants = [
            Want(
                entry.resource_id,
                entry.start_at,
                entry.end_at,
                units if resources[entry.resource_id].kind in per_unit else entry.units,
                entry.leg,
            )
            for entry in standing
            if not entry.covering
        ]
        plan = Plan(booking.start_at, booking.end_at, units, tuple(wants), resources, booking.session)
        warnings = planning.decide(asking, plan)
        if units != booking.units:
            release(session, booking=booking)
            claim(session, wants, booking=booking)
            booking.units = units
            recharge(session, asking, booking)
        booking.rules = booking.rules | {"warnings": warnings}
        answers.save(
            session,
            owner=f"{booking.base.slug}/{kind.slug}",
            fields=kind.fields,
            cleaned=cleaned,
            answer=booking.answer,
        )
        machine.advance(session, booking, "submit", actor_id=actor.id)
    return booking


def _may_mend(actor: User, booking: Booking) -> bool:
    return roles.allows(actor, "booking.make", organisation_id=booking.organisation_id) or roles.allows(
        actor, "booking.on_behalf", base_id=booking.base_id
    )


def _units(kind: BookingKind, cleaned: Cleaned, units: int | None) -> int:
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


def _row(session: Session, asking: Asking, plan: Plan, *, actor: User, picks: Picks) -> Booking:
    answer = answers.save(
        session,
        owner=f"{asking.base.slug}/{asking.kind.slug}",
        fields=asking.kind.fields,
        cleaned=asking.cleaned,
    )
    own = roles.allows(actor, "booking.make", organisation_id=asking.organisation.id)
    return Booking(
        base_id=asking.base.id,
        kind_id=asking.row.id,
        session_id=plan.training.id if plan.training else None,
        organisation_id=asking.organisation.id,
        contact_id=actor.id if own else None,
        made_by_id=actor.id,
        start_at=plan.start,
        end_at=plan.end,
        units=plan.units,
        answer_id=answer.id,
        wish={str(position): list(ids_of(ids)) for position, ids in picks.items()},
        created_at=clock.now(),
    )
