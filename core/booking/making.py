"""The one way to a booking, for pages, API and imports alike: everything is checked and taken in one transaction."""

from collections.abc import Mapping
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock, db, errors
from core.accounts import roles
from core.accounts.models import User
from core.bases.models import Base
from core.booking import machine, planning, retries, times, workflow
from core.booking.allocation import Want, claim, lock, release
from core.booking.models import Booking, Kind
from core.booking.planning import Asking, Plan
from core.booking.references import add_with_reference
from core.booking.spans import Span
from core.intake import answers
from core.intake.answers import Cleaned
from core.localised import freeze
from core.organisations.models import Organisation
from core.plugins.declarations import BookingKind
from core.plugins.facade import plugins


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
    picks: Mapping[int, int] | None = None,
    units: int | None = None,
    retry_key: str | None = None,
) -> Booking:
    """Make a booking, all or nothing.

    Args:
        actor: a contact of the organisation, or a manager of the base who books on its behalf: opening hours and
            notice do not bind a manager.
        organisation_id: for whom.
        base, kind: what, and where.
        cleaned: the filled-in form.
        training_id: (session kinds) the session.
        start, end: (slot kinds) aware moments, set-up and clean-up not included.
        picks: (slot kinds) leg position → resource id; what is not picked is any free one.
        units: number of seats; None to read it from the form as the kind declares.
        retry_key: makes sending twice safe; the second gets the booking of the first.

    Returns:
        The booking, `submitted`, or `confirmed` where the kind needs no approval.

    Raises:
        errors.Forbidden: the actor may not book for this organisation.
        errors.NotFound: base, kind or session cannot be booked.
        errors.Invalid: time, picks or units cannot be used, by field (`start`, `end`, `leg_<position>`, `units`).
        OutsideHours, TooLate: it may not be at this time.
        ResourceTaken, SessionFull: something is not free; with alternatives.
        RuleBroken: a rule of the base refuses it.
        PluginFailed: a rule could not be checked.
    """
    picks = dict(picks or {})
    with db.write() as session:
        helps = roles.allows(actor, "booking.on_behalf", base_id=base.id)
        own = roles.allows(actor, "booking.make", organisation_id=organisation_id)
        if not helps and not own:
            raise errors.Forbidden
        route = f"{base.slug}/{kind.slug}"
        mark = retries.fingerprint(
            {
                "organisation": organisation_id,
                "training": training_id,
                "span": [start, end],
                "picks": sorted(picks.items()),
                "units": units,
                "answers": cleaned.mark(),
            }
        )
        if retry_key:
            known = retries.earlier(session, actor=actor, route=route, key=retry_key, mark=mark)
            if known is not None:
                return known
        row = _kind_row(session, base, kind)
        organisation = session.get(Organisation, organisation_id)
        if organisation is None or organisation.archived_at is not None:
            raise errors.Forbidden(_("This organisation can no longer book."))
        asking = Asking(base, kind, organisation, cleaned)
        asked = _units(kind, cleaned, units)
        if kind.mode == "session":
            plan = planning.session_plan(session, asking, training_id, asked, bound=not helps)
            warnings = planning.decide(asking, plan)
        else:
            start, end = times.check_slot(kind, start, end)
            _check_time(base, kind, start, end, bound=not helps)
            plan, warnings = planning.slot_plan(session, asking, Span(start, end, asked), picks)
        booking = _write(session, asking, row, plan, warnings, actor=actor, own=own)
        if retry_key:
            retries.remember(session, actor=actor, route=route, key=retry_key, mark=mark, booking=booking)
    return booking


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
        kind = plugins().kind(booking.base.slug, booking.kind.slug)
        if booking.state != "returned":
            raise errors.StateChanged
        if kind is None:
            raise errors.NotFound(_("This cannot be booked at present. Please call the base."))
        units = _units(kind, cleaned, None) if kind.units_field else booking.units
        per_unit = {leg.kind for leg in kind.legs if leg.per_unit} | ({"seats"} if booking.session_id else set())
        wants = [
            Want(
                entry.resource_id,
                entry.start_at,
                entry.end_at,
                units if resources[entry.resource_id].kind in per_unit else entry.units,
            )
            for entry in standing
        ]
        plan = Plan(booking.start_at, booking.end_at, units, tuple(wants), resources, booking.session)
        asking = Asking(booking.base, kind, booking.organisation, cleaned, booking.id)
        warnings = planning.decide(asking, plan)
        if units != booking.units:
            release(session, booking=booking)
            claim(session, wants, booking=booking)
            booking.units = units
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


def _kind_row(session: Session, base: Base, kind: BookingKind) -> Kind:
    row = session.scalar(
        select(Kind).where(Kind.base_id == base.id, Kind.slug == kind.slug, Kind.archived_at.is_(None))
    )
    if row is None or base.archived_at is not None or not plugins().is_active(base.slug):
        raise errors.NotFound(_("This cannot be booked at present. Please call the base."))
    return row


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


def _check_time(base: Base, kind: BookingKind, start: datetime, end: datetime, *, bound: bool) -> None:
    if bound:
        times.check_notice(kind, start)
        times.check_hours(base, start, end)
    else:
        times.check_not_over(end)


def _write(
    session: Session,
    asking: Asking,
    row: Kind,
    plan: Plan,
    warnings: list[dict[str, str]],
    *,
    actor: User,
    own: bool,
) -> Booking:
    answer = answers.save(
        session,
        owner=f"{asking.base.slug}/{asking.kind.slug}",
        fields=asking.kind.fields,
        cleaned=asking.cleaned,
    )
    state = "submitted" if row.needs_approval else "confirmed"
    booking = Booking(
        base_id=asking.base.id,
        kind_id=row.id,
        session_id=plan.training.id if plan.training else None,
        organisation_id=asking.organisation.id,
        contact_id=actor.id if own else None,
        made_by_id=actor.id,
        start_at=plan.start,
        end_at=plan.end,
        units=plan.units,
        state=state,
        answer_id=answer.id,
        rules=_rules(asking.kind, row) | {"warnings": warnings},
        created_at=clock.now(),
    )
    add_with_reference(session, booking)
    claim(session, plan.wants, booking=booking)
    machine.enter(session, booking, state=state, actor_id=actor.id)
    return booking


def _rules(kind: BookingKind, row: Kind) -> dict[str, object]:
    """Return the rules under which a booking is made, as JSON values; spans in seconds."""
    return {
        "approval": row.needs_approval,
        "notice": int(kind.notice.total_seconds()),
        "cancel_before": int(kind.cancel_before.total_seconds()),
        "units_label": freeze(kind.units_label),
    }
