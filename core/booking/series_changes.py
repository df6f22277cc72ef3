"""Changing a series that was booked: one date, that and the following, or all; more or fewer dates; dates added again.

What somebody has changed, moved or cancelled by itself is an exception and stays as it is, unless its date is named to
be overwritten. The difference is worked out twice by the same code: to be looked at, and under lock to be carried out.

Locks: resources first, then the series, then its bookings by id.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from core import clock, db, errors
from core.accounts import roles
from core.accounts.models import User
from core.booking import changing, inquiry, legs, machine, making, queue, quotas, series, series_plans, workflow
from core.booking.allocation import lock, release, take
from core.booking.legs import Picks
from core.booking.models import Allocation, Booking, Series
from core.booking.planning import Asking
from core.booking.recurrence import Dated
from core.booking.series import SeriesClash
from core.booking.series_plans import Ground, Moving, Occurrence, Pattern
from core.booking.states import OPEN
from core.errors import DomainError
from core.intake import answers

THIS, FOLLOWING, ALL = "this", "following", "all"
SCOPES = (THIS, FOLLOWING, ALL)
"""Which dates a change concerns: one, that and all after it, or every one."""

CLASH = "clash"


@dataclass(frozen=True)
class Wanted:
    """Which dates of a series are to be changed, and how they are to be; None: as each of them is.

    Attributes:
        scope, day: one of `SCOPES`, and the date that `this` and `following` count from.
        overwrite: dates of exceptions that are to follow as well; one that was cancelled or skipped is booked again.
        starts, ends: wall-clock times; both or none.
        picks: what is chosen for each leg; a leg that is not in it keeps what it has where that is free.
        units: how many.
        rule: (all dates) other days, as `series.preview` takes it.
    """

    scope: str = ALL
    day: date | None = None
    overwrite: frozenset[date] = frozenset()
    starts: time | None = None
    ends: time | None = None
    picks: Picks | None = None
    units: int | None = None
    rule: Mapping[str, Any] | None = None

    def concerns(self, day: date) -> bool:
        """Say whether a date is to be changed."""
        if self.scope == ALL or self.day is None:
            return self.scope == ALL
        return day == self.day if self.scope == THIS else day >= self.day


@dataclass(frozen=True)
class Line:
    """What becomes of one date.

    Attributes:
        day: by which the series names it.
        what: `change`, `add`, `drop` (is cancelled), `same`, `keep` (an exception, which can be overwritten), `stay`
            (can no longer be changed) or `clash` (cannot be as wanted: nothing is saved).
        booking: the one there is, or None.
        after: how it will be, or what stands against it; None where nothing changes.
        why: why it stays as it is.
    """

    day: date
    what: str
    booking: Booking | None = None
    after: Occurrence | None = None
    why: str = ""


@dataclass(frozen=True)
class Difference:
    """What a change would do, date by date.

    Attributes:
        lines: every date it concerns.
        pattern: how the series will be.
        mark: tells this difference from another one: what was looked at is what is saved.
    """

    lines: tuple[Line, ...]
    pattern: Pattern
    mark: str

    def of(self, *what: str) -> list[Line]:
        """Return the lines of some sorts."""
        return [line for line in self.lines if line.what in what]

    @property
    def changes(self) -> bool:
        """Whether anything would be saved."""
        return bool(self.of("change", "add", "drop"))


@dataclass(frozen=True)
class _Case:
    """A series with what is known of it while it is changed."""

    actor: User
    series: Series
    asking: Asking
    by_day: Mapping[date, Booking]
    wanted: Wanted


def difference(*, actor: User, series_id: int, wanted: Wanted) -> Difference:
    """Return what a change would do; nothing is changed.

    Args:
        actor: a contact of the organisation, or a manager of the base.

    Raises:
        errors.NotFound: there is none, or the actor may not know of it, or it has no such date.
        errors.Invalid: something cannot be used, by field, as for `series.preview`.
    """
    session = db.db.session()
    found = _readable(session, actor, series_id)
    return _difference(session, _case(session, actor, found, wanted), locked=False)


def change(*, actor: User, series_id: int, wanted: Wanted, mark: str | None = None, reason: str = "") -> Difference:
    """Change a series, all that is wanted or nothing.

    Args:
        actor: as for `difference`.
        mark: that of the difference the actor has seen; None to skip the comparison.
        reason: told to the other side; a manager owes one.

    Raises:
        As `difference`.
        errors.StateChanged: the difference is no longer the one that was seen.
        SeriesClash: a date cannot be as wanted; nothing was changed.
        AgreementMissing, NothingGranted, QuotaExceeded: the organisation may not, or not so much.
    """
    with db.write() as session:
        found = _locked(session, actor, series_id)
        case = _case(session, actor, found, wanted, locked=True)
        seen = _difference(session, case, locked=True)
        if mark is not None and mark != seen.mark:
            raise errors.StateChanged
        if seen.of(CLASH):
            raise SeriesClash([line.after for line in seen.lines if line.after is not None])
        if not seen.changes:
            raise errors.Invalid({"": _("Nothing would change. Please choose another time or other dates.")})
        _owed(actor, found, reason)
        _carry_out(session, case, seen, reason)
    return seen


def add_again(*, actor: User, series_id: int, day: date) -> Booking:
    """Book a date of a series that was skipped, cancelled or refused.

    Raises:
        errors.NotFound: there is no such series or date, or the actor may not know of it.
        errors.StateChanged: it is booked already.
        SeriesClash: it cannot be booked; it says what stands against it.
        AgreementMissing, NothingGranted, QuotaExceeded: the organisation may not, or not so much.
    """
    with db.write() as session:
        found = _locked(session, actor, series_id)
        case = _case(session, actor, found, Wanted(THIS, day), locked=True)
        known = case.by_day.get(day)
        if known is not None and known.state not in {"rejected", "cancelled", "expired"}:
            raise errors.StateChanged
        pattern = Pattern.of(found)
        span = pattern.span(day)
        ground = Ground.read(session, actor, case.asking, pattern.picks, [span], locked=True)
        occurrence = ground.occurrence(Dated(day), *span, pattern.units)
        if not occurrence.fits:
            raise SeriesClash([occurrence])
        found.skipped = {known_day: why for known_day, why in found.skipped.items() if known_day != day.isoformat()}
        return series.add(session, case.asking, found, occurrence, answer_id=_answer_id(found), actor=actor)


def cancel(*, actor: User, series_id: int, scope: str, day: date | None, reason: str) -> tuple[int, list[Line]]:
    """Cancel one date of a series, that and the following, or all that have not begun.

    Args:
        reason: told to the other side; a manager owes one.

    Returns:
        How many were cancelled, and the dates that could no longer be, with why.

    Raises:
        errors.NotFound: there is no such series or date, or the actor may not know of it.
        errors.Invalid: the reason is missing.
        TooLate, errors.StateChanged: not one can be cancelled.
    """
    with db.write() as session:
        found = _locked(session, actor, series_id, resources=False)
        by_day = _by_day(session, found, locked=True)
        wanted = Wanted(scope, day)
        if scope not in SCOPES or (scope != ALL and day not in by_day):
            raise errors.NotFound
        done, left, refused = 0, [], None
        for on, booking in sorted(by_day.items(), key=lambda entry: entry[1].id):
            if booking.state not in OPEN or booking.start_at <= clock.now() or not wanted.concerns(on):
                continue
            try:
                workflow.carry_out(session, actor, booking, "cancel", reason=reason)
            except errors.Invalid:
                raise
            except DomainError as error:
                refused = refused or error
                left.append(Line(on, "stay", booking, why=str(error)))
            else:
                done += 1
        if not done:
            raise refused or errors.StateChanged
    return done, left


def may_change(actor: User, found: Series) -> bool:
    """Say whether somebody may change a series: a contact of the organisation, or a manager of the base."""
    return roles.allows(actor, "booking.make", organisation_id=found.organisation_id) or roles.allows(
        actor, "booking.on_behalf", base_id=found.base_id
    )


def _readable(session: Session, actor: User, series_id: int) -> Series:
    found = series.find(series_id, session)
    if not may_change(actor, found):
        raise errors.NotFound
    return found


def _locked(session: Session, actor: User, series_id: int, *, resources: bool = True) -> Series:
    """Lock a series, and before it all resources that its dates take or may take."""
    seen = _readable(session, actor, series_id)
    if resources:
        standing = select(Allocation.resource_id).join(Booking, Allocation.booking_id == Booking.id)
        had = set(session.scalars(standing.where(Booking.series_id == series_id, Allocation.active)))
        offered = inquiry.ask(session, seen.base, seen.kind.slug, seen.organisation_id, None)
        lock(session, had | legs.choices(session, seen.base, offered.kind).all_ids())
    return session.scalars(
        select(Series)
        .where(Series.id == series_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()


def _by_day(session: Session, found: Series, *, locked: bool) -> dict[date, Booking]:
    """Return the booking of each date: the one that stands, else the last one there was."""
    wanted = (
        select(Booking)
        .where(Booking.series_id == found.id, Booking.occurrence_on.is_not(None))
        .options(selectinload(Booking.allocations).joinedload(Allocation.resource))
        .order_by(Booking.id)
        .execution_options(populate_existing=locked)
    )
    rows = session.scalars(wanted.with_for_update(key_share=True) if locked else wanted).all()
    standing = {row.occurrence_on: row for row in rows if row.state not in {"rejected", "cancelled", "expired"}}
    last = {row.occurrence_on: row for row in rows}
    return {day: booking for day, booking in {**last, **standing}.items() if day is not None}


def _case(session: Session, actor: User, found: Series, wanted: Wanted, *, locked: bool = False) -> _Case:
    by_day = _by_day(session, found, locked=locked)
    known = by_day.keys() | {date.fromisoformat(text) for text in found.skipped}
    if wanted.scope not in SCOPES or (wanted.scope != ALL and wanted.day not in known):
        raise errors.NotFound
    if wanted.rule is not None and wanted.scope != ALL:
        raise errors.Invalid({"rule": _("Other days concern the whole series. Please choose all dates.")})
    answer = next((booking.answer for booking in by_day.values() if booking.answer is not None), None)
    asking = inquiry.ask(
        session, found.base, found.kind.slug, found.organisation_id, answers.kept(answer) if answer else None
    )
    if wanted.units is not None and not 1 <= wanted.units <= asking.kind.most_units:
        raise errors.Invalid({"units": _("One booking takes 1 to %(most)s.", most=asking.kind.most_units)})
    return _Case(actor, found, asking, by_day, wanted)


def _difference(session: Session, case: _Case, *, locked: bool) -> Difference:
    pattern = _pattern(session, case)
    lines = sorted(_lines(case, pattern), key=lambda line: line.day)
    planned = _planned(session, case, pattern, lines, locked=locked)
    text = repr(
        [(line.day, line.what, line.after and (line.after.start, line.after.end, line.after.code)) for line in planned]
    )
    return Difference(tuple(planned), pattern, hashlib.sha256(text.encode()).hexdigest())


def _pattern(session: Session, case: _Case) -> Pattern:
    old, wanted = Pattern.of(case.series), case.wanted
    timed = wanted.starts is not None and wanted.ends is not None
    return Pattern(
        rule=old.rule if wanted.rule is None else series_plans.resolve(session, wanted.rule),
        starts=wanted.starts if timed and wanted.starts else old.starts,
        ends=wanted.ends if timed and wanted.ends is not None else old.ends,
        picks=old.picks if wanted.picks is None else wanted.picks,
        units=wanted.units or old.units,
    )


def _lines(case: _Case, pattern: Pattern) -> Iterator[Line]:
    """Yield what is to become of each date; what is to be planned has an occurrence without a plan."""
    if case.wanted.rule is None:
        dated = {day: Dated(day) for day in case.by_day} | {
            date.fromisoformat(text): Dated(date.fromisoformat(text)) for text in case.series.skipped
        }
    else:
        dated = {entry.day: entry for entry in series_plans.dates_by(pattern.rule)}
    for day in sorted(dated.keys() | case.by_day.keys()):
        if case.wanted.concerns(day):
            yield from _line(case, pattern, day, dated.get(day))


def _line(case: _Case, pattern: Pattern, day: date, dated: Dated | None) -> Iterator[Line]:
    booking = case.by_day.get(day)
    stands = booking is not None and booking.state in OPEN
    named = dated is not None and not dated.left_out
    start, end = pattern.span(day)
    if booking is not None and stands:
        yield _standing(case, pattern, booking, dated if named else None, (dated.left_out if dated else ""))
    elif booking is not None and booking.state in {"completed", "no_show"}:
        return
    elif named and dated is not None and start > clock.now():
        known = booking is not None or day.isoformat() in case.series.skipped
        after = Occurrence(day, start, end, follows=dated.follows, published=dated.published)
        if known and day not in case.wanted.overwrite and case.wanted.scope != THIS:
            why = _("was cancelled") if booking is not None else case.series.skipped[day.isoformat()]
            yield Line(day, "keep", booking, why=str(why))
        elif not known or day in case.wanted.overwrite:
            yield Line(day, "add", booking, after)


def _standing(case: _Case, pattern: Pattern, booking: Booking, dated: Dated | None, left_out: str) -> Line:
    """Return what is to become of a date that is booked."""
    day = booking.occurrence_on or clock.today()
    if booking.start_at <= clock.now():
        return Line(day, "stay", booking, why=str(_("has begun")))
    if booking.detached and day not in case.wanted.overwrite and case.wanted.scope != THIS:
        return Line(day, "keep", booking, why=str(_("was changed by itself")))
    why = _immovable(case.actor, booking, dropped=dated is None)
    if why:
        return Line(day, "stay", booking, why=why)
    if dated is None:
        return Line(day, "drop", booking, why=left_out)
    start, end = pattern.span(day) if case.wanted.starts is not None else (booking.start_at, booking.end_at)
    after = Occurrence(day, start, end, follows=dated.follows, published=dated.published)
    what = "change" if _moves(case.wanted, booking, start, end) else "same"
    return Line(day, what, booking, after if what == "change" else None)


def _immovable(actor: User, booking: Booking, *, dropped: bool) -> str:
    """Return why somebody cannot move (or cancel) a booking any more, or ""."""
    if dropped:
        late = clock.now() > workflow.cancel_until(booking)
        decides = roles.allows(actor, "booking.decide", base_id=booking.base_id)
        return str(_("can no longer be cancelled")) if late and not decides else ""
    try:
        changing.check_movable(actor, booking)
    except DomainError as error:
        return str(error)
    return ""


def _moves(wanted: Wanted, booking: Booking, start: datetime, end: datetime) -> bool:
    if (booking.start_at, booking.end_at, booking.units) != (start, end, wanted.units or booking.units):
        return True
    has = _resources_of(booking)
    return any(
        not set(legs.ids_of(ids)) <= set(has.get(position, ())) for position, ids in (wanted.picks or {}).items()
    )


def _resources_of(booking: Booking) -> dict[int, tuple[int, ...]]:
    """Return what a booking takes, by position of the leg."""
    found: dict[int, tuple[int, ...]] = {}
    for entry in booking.allocations:
        if entry.active and not entry.covering and entry.leg is not None:
            found[entry.leg] = (*found.get(entry.leg, ()), entry.resource_id)
    return found


def _planned(session: Session, case: _Case, pattern: Pattern, lines: Sequence[Line], *, locked: bool) -> list[Line]:
    """Return the lines with what each change meets; the places of all that is moved or dropped count as free."""
    spans = [(line.after.start, line.after.end) for line in lines if line.after is not None]
    if not spans:
        return list(lines)
    leaving = [line.booking.id for line in lines if line.booking is not None and line.what in {"change", "drop"}]
    ground = Ground.read(session, case.actor, case.asking, pattern.picks, spans, locked=locked, but=leaving)
    return [line if line.after is None else _met(ground, case, pattern, line) for line in lines]


def _met(ground: Ground, case: _Case, pattern: Pattern, line: Line) -> Line:
    moved, after = line.booking if line.what == "change" else None, line.after
    if after is None:
        return line
    dated = Dated(line.day, follows=after.follows, published=after.published)
    if moved is None:
        planned = ground.occurrence(dated, after.start, after.end, pattern.units)
    else:
        picks = case.wanted.picks if case.wanted.picks is not None else queue.picks(moved)
        has = _resources_of(moved)
        planned = ground.occurrence(
            dated,
            after.start,
            after.end,
            case.wanted.units or moved.units,
            moving=Moving(moved.id, picks, {place: ids for place, ids in has.items() if place not in picks}),
        )
    return replace(line, what=line.what if planned.fits else CLASH, after=planned)


def _carry_out(session: Session, case: _Case, seen: Difference, reason: str) -> None:
    found = case.series
    moved = [(line.booking, line.after) for line in seen.of("change") if line.booking and line.after]
    places = {booking.id: _place(booking) for booking, _after in moved}
    for line in seen.of("drop"):
        if line.booking is not None:
            workflow.carry_out(session, case.actor, line.booking, "cancel", reason=reason)
    for booking, _after in moved:
        release(session, booking=booking)
        quotas.give_back(session, booking)
    if case.wanted.scope != THIS:
        found.starts, found.ends, found.units = seen.pattern.starts, seen.pattern.ends, seen.pattern.units
        found.wish, found.rule = seen.pattern.wish(), seen.pattern.rule.as_json()
        found.skipped = _skipped(case, seen)
    for booking, after in moved:
        _move(session, case, booking, after)
        quotas.take(session, booking, case.asking.rules)
        machine.advance(
            session, booking, "reschedule", actor_id=case.actor.id, reason=reason.strip(), was=places[booking.id]
        )
    for line in seen.of("same"):
        if line.booking is not None:
            line.booking.detached = False
    for line in seen.of("add"):
        if line.after is not None:
            series.add(session, case.asking, found, line.after, answer_id=_answer_id(found), actor=case.actor)


def _move(session: Session, case: _Case, booking: Booking, after: Occurrence) -> None:
    plan = after.plan
    if plan is None:
        raise ValueError("only a date that fits can be moved")
    take(session, plan.resources, plan.wants, booking=booking)
    booking.start_at, booking.end_at, booking.units = plan.start, plan.end, plan.units
    if case.wanted.picks is not None:
        booking.wish = {str(place): list(legs.ids_of(ids)) for place, ids in case.wanted.picks.items()}
    booking.detached = case.wanted.scope == THIS
    booking.rules = making.kept_rules(case.asking, moved=booking) | {"warnings": list(after.warnings)}
    if booking.lapses_at is not None:
        booking.lapses_at = min(booking.lapses_at, max(plan.start, clock.now()))


def _place(booking: Booking) -> dict[str, Any]:
    return changing.place(booking, [entry for entry in booking.allocations if entry.active])


def _skipped(case: _Case, seen: Difference) -> dict[str, str]:
    """Return the dates on which there is none, after a change: those of the rule that are not booked."""
    added = {line.day.isoformat() for line in seen.of("add")}
    kept = {day: why for day, why in case.series.skipped.items() if day not in added}
    if case.wanted.rule is None:
        return kept
    dated = series_plans.dates_by(seen.pattern.rule)
    named = {entry.day.isoformat() for entry in dated}
    holidays = {entry.day.isoformat(): entry.left_out for entry in dated if entry.left_out}
    standing = {line.day.isoformat() for line in seen.of("keep", "stay") if line.booking and line.booking.state in OPEN}
    return {
        day: why
        for day, why in (holidays | {d: w for d, w in kept.items() if d in named}).items()
        if day not in standing
    }


def _answer_id(found: Series) -> int:
    return next(booking.answer_id for booking in found.bookings if booking.answer_id is not None)


def _owed(actor: User, found: Series, reason: str) -> None:
    own = roles.allows(actor, "booking.make", organisation_id=found.organisation_id)
    if not reason.strip() and not own:
        raise errors.Invalid({"reason": _("Please give the reason: the organisation will read it.")})
