"""Bookings that repeat: what each occurrence would meet, and making all of them, or those that fit, in one transaction.

`series_plans.py` plans the occurrences, `series_changes.py` changes, ends and adds to what was made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock, db, errors
from core.accounts import roles
from core.accounts.models import User
from core.bases.models import Base
from core.booking import holding, inquiry, legs, machine, making, quotas, retries, series_plans, workflow
from core.booking.allocation import lock, take
from core.booking.legs import Picks, ids_of
from core.booking.models import Booking, Series
from core.booking.planning import Asking
from core.booking.references import add_with_reference
from core.booking.series_plans import Ground, Occurrence, Pattern
from core.errors import DomainError
from core.intake import answers
from core.intake.answers import Cleaned
from core.plugins.declarations import BookingKind

__all__ = ["Made", "Occurrence", "SeriesClash", "create", "preview"]


class SeriesClash(DomainError):
    """Not every date of a series can be booked, or none can. Nothing was taken.

    Attributes:
        occurrences: every date, with what stands against it.
    """

    code = "resource_taken"

    def __init__(self, occurrences: Sequence[Occurrence]) -> None:
        self.occurrences = tuple(occurrences)
        against = [entry for entry in occurrences if entry.hinders]
        super().__init__(series_plans.refusal_text(occurrences), code=against[0].code if against else None)


@dataclass(frozen=True)
class Made:
    """A series that was booked: its row, its bookings, and every date with what became of it.

    `occurrences` is empty when the request was sent a second time.
    """

    series: Series
    bookings: tuple[Booking, ...]
    occurrences: tuple[Occurrence, ...]


def preview(
    *,
    actor: User,
    organisation_id: int,
    base: Base,
    kind: BookingKind,
    rule: Mapping[str, Any],
    starts: time,
    ends: time,
    picks: Picks | None = None,
    units: int | None = None,
    cleaned: Cleaned | None = None,
) -> list[Occurrence]:
    """Return every date of a series with what stands against it; nothing is taken, nothing promised.

    Args:
        actor, organisation_id, base, kind, picks: as for `making.book`; the kind allows series.
        rule: `{"rrule": "FREQ=WEEKLY;BYDAY=TU;COUNT=18", "first": "2026-09-01", "holidays": "skip"}`, or
            `{"term": 3, "weekdays": ["TU"], "weeks": "3-18", "holidays": "follow"}`; holidays are `skip` (the default),
            `follow` or `ignore` (`recurrence.py`).
        starts, ends: wall-clock times at the bases; an end that is not after the start lies on the next day.
        units: how many; None to read it from the form as the kind declares, or 1 without one.
        cleaned: the filled-in form, if there is one yet: the base's rules read it.

    Raises:
        errors.Forbidden: the actor may not book for this organisation.
        errors.NotFound: this cannot be booked there, or not as a series.
        errors.Invalid: the rule, the time, the picks or the units cannot be used, by field: `rrule`, `first`, `term`,
            `weekdays`, `weeks`, `holidays`, `start`, `end`, `leg_<position>`, `units`.
    """
    session = db.db.session()
    making.may_book(actor, base, organisation_id)
    asking = _ask(session, base, kind, organisation_id, cleaned)
    asked = 1 if cleaned is None and units is None else making.units_of(asking.kind, cleaned or Cleaned(), units)
    pattern = Pattern(series_plans.resolve(session, rule), starts, ends, picks or {}, asked)
    return _plan(session, actor, asking, pattern, locked=False)


def create(
    *,
    actor: User,
    organisation_id: int,
    base: Base,
    kind: BookingKind,
    cleaned: Cleaned,
    rule: Mapping[str, Any],
    starts: time,
    ends: time,
    fitting: bool = False,
    picks: Picks | None = None,
    units: int | None = None,
    retry_key: str | None = None,
) -> Made:
    """Book a series: every date, or those that fit, in one transaction.

    Args:
        actor, organisation_id, base, kind, cleaned, rule, starts, ends, picks, units: as for `preview`.
        fitting: whether dates that cannot be booked are skipped; the series keeps them with the reason, so that they
            can be added later. Otherwise all or nothing.
        retry_key: makes sending twice safe; the second gets the series of the first.

    Raises:
        As `preview`.
        SeriesClash: not all (or, with `fitting`, not one) of the dates can be booked; it holds every date.
        QuotaExceeded: others have used the quota at the same moment.
        PluginFailed: a rule could not be checked.
    """
    picks = dict(picks or {})
    with db.write() as session:
        making.may_book(actor, base, organisation_id)
        route = f"{base.slug}/{kind.slug}/series"
        mark = retries.fingerprint(
            {
                "organisation": organisation_id,
                "rule": dict(rule),
                "span": [starts, ends],
                "picks": sorted((position, sorted(ids_of(ids))) for position, ids in picks.items()),
                "units": units,
                "fitting": fitting,
                "answers": cleaned.mark(),
            }
        )
        if retry_key:
            known = retries.earlier(session, actor=actor, route=route, key=retry_key, mark=mark)
            if known is not None:
                earlier = session.get_one(Series, known["series"])
                return Made(earlier, tuple(earlier.bookings), ())
        asking = _ask(session, base, kind, organisation_id, cleaned)
        asked = making.units_of(asking.kind, cleaned, units)
        pattern = Pattern(series_plans.resolve(session, rule), starts, ends, picks, asked)
        lock(session, legs.choices(session, base, asking.kind).all_ids())
        occurrences = _plan(session, actor, asking, pattern, locked=True)
        hindered = any(entry.hinders for entry in occurrences)
        if (hindered and not fitting) or not any(entry.fits for entry in occurrences):
            raise SeriesClash(occurrences)
        _give_up(session, actor, asking)
        series = _series(asking, actor, pattern, [entry for entry in occurrences if not entry.fits])
        session.add(series)
        answer = answers.save(
            session, owner=f"{base.slug}/{asking.kind.slug}", fields=asking.kind.fields, cleaned=cleaned
        )
        session.flush()
        bookings = [
            add(session, asking, series, entry, answer_id=answer.id, actor=actor) for entry in occurrences if entry.fits
        ]
        if retry_key:
            retries.remember(session, actor=actor, route=route, key=retry_key, mark=mark, answer={"series": series.id})
    return Made(series, tuple(bookings), tuple(occurrences))


def add(
    session: Session, asking: Asking, series: Series, occurrence: Occurrence, *, answer_id: int, actor: User
) -> Booking:
    """Write the booking of one date of a series that was planned under lock, and charge the organisation's quotas.

    Args:
        occurrence: one that fits.
        answer_id: of the filled-in form, which the bookings of a series share.

    Raises:
        AgreementMissing, NothingGranted, QuotaExceeded: the organisation may not, or not so much.
    """
    plan = occurrence.plan
    if plan is None:
        raise ValueError("only a date that fits can be booked")
    own = roles.allows(actor, "booking.make", organisation_id=series.organisation_id)
    booking = Booking(
        base_id=series.base_id,
        kind_id=series.kind_id,
        organisation_id=series.organisation_id,
        contact_id=actor.id if own else None,
        made_by_id=actor.id,
        start_at=plan.start,
        end_at=plan.end,
        units=plan.units,
        state="submitted" if asking.rules.needs_approval else "confirmed",
        answer_id=answer_id,
        wish=dict(series.wish),
        rules=making.kept_rules(asking) | {"warnings": list(occurrence.warnings)},
        series_id=series.id,
        occurrence_on=occurrence.day,
        created_at=clock.now(),
    )
    add_with_reference(session, booking)
    take(session, plan.resources, plan.wants, booking=booking)
    quotas.take(session, booking, asking.rules)
    machine.enter(session, booking, action="submit", actor_id=actor.id)
    return booking


def _ask(session: Session, base: Base, kind: BookingKind, organisation_id: int, cleaned: Cleaned | None) -> Asking:
    asking = inquiry.ask(session, base, kind.slug, organisation_id, cleaned)
    if asking.kind.mode != "slot" or not asking.rules.series:
        raise errors.NotFound(_("This cannot be booked as a series. Please book the dates one by one."))
    return asking


def _plan(session: Session, actor: User, asking: Asking, pattern: Pattern, *, locked: bool) -> list[Occurrence]:
    dated = series_plans.dates_by(pattern.rule)
    spans = [pattern.span(entry.day) for entry in dated]
    held = holding.mine(actor, asking.row.id)
    ground = Ground.read(
        session, actor, asking, pattern.picks, spans, locked=locked, but=[] if held is None else [held.id]
    )
    return [ground.occurrence(entry, *span, pattern.units) for entry, span in zip(dated, spans, strict=True)]


def _give_up(session: Session, actor: User, asking: Asking) -> None:
    """Give back the place that was kept for the actor while the form was one of a single booking."""
    held = holding.mine(actor, asking.row.id)
    if held is not None:
        machine.advance(session, workflow.locked(session, held.ref), "expire", actor_id=actor.id)


def _series(asking: Asking, actor: User, pattern: Pattern, skipped: Sequence[Occurrence]) -> Series:
    return Series(
        base_id=asking.base.id,
        kind_id=asking.row.id,
        organisation_id=asking.organisation.id,
        made_by_id=actor.id,
        rule=pattern.rule.as_json(),
        starts=pattern.starts,
        ends=pattern.ends,
        units=pattern.units,
        wish=pattern.wish(),
        skipped={entry.day.isoformat(): entry.message for entry in skipped},
        created_at=clock.now(),
    )


def find(series_id: int, session: Session | None = None) -> Series:
    """Return a series.

    Raises:
        errors.NotFound: there is none.
    """
    found = (session or db.db.session()).scalar(select(Series).where(Series.id == series_id))
    if found is None:
        raise errors.NotFound
    return found
