"""Planning many occurrences on what was read once: what is taken, opening hours, rules, quotas."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock, dates, errors
from core.accounts import roles
from core.accounts.models import User
from core.bases.models import Term
from core.bases.opening import Timetable, timetable
from core.bases.workdays import workdays
from core.booking import alternatives, legs, planning, queue, quotas, recurrence, times
from core.booking.allocation import Taken, clashes, lock, taken
from core.booking.errors import Alternative, Conflict, OutsideHours, QuotaExceeded, ResourceTaken, RuleBroken, TooLate
from core.booking.families import covered, family
from core.booking.hours import timetables
from core.booking.models import Resource, Series
from core.booking.planning import Asking, Plan
from core.booking.recurrence import Dated, Rule
from core.booking.spans import Span
from core.errors import DomainError

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Pattern:
    """What repeats: on which days, from when to when on the wall clock, with what picked, how many units.

    An end that is not after the start lies on the next day.
    """

    rule: Rule
    starts: time
    ends: time
    picks: legs.Picks
    units: int

    @classmethod
    def of(cls, series: Series) -> "Pattern":
        """Return the pattern of a series as its row keeps it."""
        picks = {int(position): tuple(ids) for position, ids in series.wish.items()}
        return cls(recurrence.read(series.rule), series.starts, series.ends, picks, series.units)

    def span(self, day: date) -> tuple[datetime, datetime]:
        """Return the booked time on a day."""
        return clock.at(day, self.starts), clock.at(day if self.ends > self.starts else day + DAY, self.ends)

    def wish(self) -> dict[str, list[int]]:
        """Return the picks as rows keep them."""
        return {str(position): list(legs.ids_of(ids)) for position, ids in self.picks.items()}


HOLIDAY = "holiday"
"""The code of a day that the rule itself leaves out."""

MOST_HELPED = 8
"""Clashes for which alternatives are looked for, at most."""


@dataclass(frozen=True)
class Occurrence:
    """One day of a series: whether it fits, and what stands against it.

    Attributes:
        day: by which the series names it.
        start, end: the booked time.
        code: "" when it fits; `holiday` when the rule leaves it out; else the code of a refusal as in API.md.
        message: why it does not fit; "" when it does.
        conflicts, alternatives: as `errors.ResourceTaken` has them.
        follows: the weekday (Monday is 0) whose lesson a make-up day gets; None on all other days.
        published: whether the holidays of its year are known.
        plan: what it would take; None unless it fits.
        warnings: of the base's rules, frozen by language.
    """

    day: date
    start: datetime
    end: datetime
    code: str = ""
    message: str = ""
    conflicts: tuple[Conflict, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    follows: int | None = None
    published: bool = True
    plan: Plan | None = field(default=None, repr=False, compare=False)
    warnings: tuple[dict[str, str], ...] = ()

    @property
    def fits(self) -> bool:
        """Whether it can be booked."""
        return not self.code

    @property
    def hinders(self) -> bool:
        """Whether it keeps the whole series from being booked."""
        return self.code not in {"", HOLIDAY}


@dataclass(frozen=True)
class Moving:
    """A booking that is moved: its id, what is picked for it, and what it has of the other legs, to be kept if free."""

    booking_id: int
    picks: legs.Picks
    has: legs.Picks


@dataclass
class Ground:
    """What occurrences are planned on.

    Attributes:
        asking: who asks for what.
        every, settled: what can serve the legs; the same, narrowed to what was picked.
        resources: all of `every`, with their families.
        opening, hours: when the base is open, and when those resources can be used that have hours of their own.
        busy: what is taken; each occurrence that fits adds its own.
        bound: whether opening hours, notice and window bind the actor.
        spent: what the occurrences planned so far would use, by quota.
        helped: for how many clashes alternatives were looked for.
        waited_for: whether anybody waits for the kind at these times: nobody is passed.
    """

    session: Session
    asking: Asking
    every: legs.Choices
    settled: legs.Choices
    resources: Mapping[int, Resource]
    opening: Timetable
    hours: Mapping[int, Timetable]
    busy: list[Taken]
    bound: bool
    spent: Counter[int] = field(default_factory=Counter)
    helped: int = 0
    waited_for: bool = False
    on_time: bool = False  # an earlier occurrence kept the notice: all later ones do

    @classmethod
    def read(
        cls,
        session: Session,
        actor: User,
        asking: Asking,
        picks: legs.Picks,
        spans: Sequence[tuple[datetime, datetime]],
        *,
        locked: bool,
        also: Collection[int] = (),
        but: Collection[int] = (),
    ) -> "Ground":
        """Read all that occurrences are planned on, in a bounded number of queries.

        Args:
            spans: the booked times.
            locked: whether the resources are locked until the commit; False to look only.
            also: further resources to lock: those that are given back.
            but: ids of bookings whose places count as free: they are to be moved.
        """
        every = legs.choices(session, asking.base, asking.kind)
        settled = every.narrowed(picks)
        ids = every.all_ids()
        resources = lock(session, ids | set(also)) if locked else _resources(session, ids | set(also))
        now = clock.now()
        start = min((start for start, _end in spans), default=now)
        end = max((end for _start, end in spans), default=now)
        around = alternatives.around(Span(start, end, 1))
        bound = not roles.allows(actor, "booking.on_behalf", base_id=asking.base.id)
        waiting = queue.waiters(session, queue.Line(asking.row.id, None), near=Span(start, end, 1))
        return cls(
            session=session,
            asking=asking,
            every=every,
            settled=settled,
            resources=resources,
            opening=timetable(asking.base, around.start, around.end),
            hours=timetables(ids, around.start, around.end) if bound else {},
            busy=taken(session, resources, around.start, around.end, but=but),
            bound=bound,
            waited_for=bool(waiting),
        )

    def occurrence(
        self,
        dated: Dated,
        start: datetime,
        end: datetime,
        units: int,
        *,
        moving: Moving | None = None,
    ) -> Occurrence:
        """Plan one occurrence; those before it must have been planned, the earliest first.

        Args:
            dated: its day.
            start, end: the booked time.
            units: how many.
            moving: the booking that is moved here; None for a new one. What it uses of quotas is counted when it moves.

        Raises:
            errors.Invalid: the time, the picks or the units can be used on no day at all.
        """
        plain = Occurrence(dated.day, start, end, follows=dated.follows, published=dated.published)
        if dated.left_out:
            return replace(plain, code=HOLIDAY, message=dated.left_out)
        settled = self.settled if moving is None else self.every.narrowed(moving.picks)
        slot = Span(start, end, units)
        try:
            plan, warnings = self._plan(settled, slot, moving)
            if moving is None:
                self._spend(plan)
        except ResourceTaken as error:
            return replace(
                plain, code=error.code, message=str(error), conflicts=error.conflicts, alternatives=error.alternatives
            )
        except errors.Invalid:
            raise
        except DomainError as error:
            return replace(plain, code=error.code, message=str(error))
        self._occupy(plan)
        return replace(plain, plan=plan, warnings=tuple(warnings))

    def _plan(self, settled: legs.Choices, slot: Span, moving: Moving | None) -> tuple[Plan, list[dict[str, str]]]:
        asking = self.asking if moving is None else replace(self.asking, booking_id=moving.booking_id)
        start, end = times.check_slot(asking.kind, slot.start, slot.end)
        if self.bound:
            self._check_notice(start)
            times.check_open(self.opening, start, end)
        else:
            times.check_not_over(end)
        busy = self._near(slot, days=2)
        refused: RuleBroken | None = None
        for combination in islice(self._free(settled, slot, busy, moving), planning.MOST_DECIDED):
            wants = tuple(settled.wants(combination, self.resources, slot))
            plan = Plan(start, end, slot.units, wants, self.resources)
            try:
                warnings = planning.decide(asking, plan)
            except RuleBroken as error:
                refused = refused or error
                continue
            if self.waited_for:
                queue.check(self.session, asking, plan)
            return plan, warnings
        raise refused or self._why_not(settled, slot, busy)

    def _free(
        self, settled: legs.Choices, slot: Span, busy: Sequence[Taken], moving: Moving | None
    ) -> Iterator[legs.Combination]:
        """Yield what is free, that with what it has already first."""
        try:
            kept = settled.narrowed(moving.has) if moving is not None and moving.has else None
        except errors.Invalid:  # something it has can no longer serve
            kept = None
        for choices in filter(None, (kept, settled)):
            yield from choices.free(self.resources, busy, slot, self.hours)

    def _check_notice(self, start: datetime) -> None:
        rules = replace(self.asking.rules, notice_workdays=0) if self.on_time else self.asking.rules
        try:
            times.check_notice(rules, start)
        except TooLate:
            raise
        except DomainError:
            self.on_time = True  # too far ahead: it is not too late
            raise
        self.on_time = True

    def _spend(self, plan: Plan) -> None:
        """Count what an occurrence would use of quotas, beside what those before it would.

        Raises:
            AgreementMissing, NothingGranted, QuotaExceeded: the organisation may not, or not so much.
        """
        rules = self.asking.rules
        if not rules.agreement and not rules.charges:
            return
        use = quotas.use(
            rules,
            organisation_id=self.asking.organisation.id,
            base=self.asking.base,
            kind=self.asking.kind.slug,
            start=plan.start,
            end=plan.end,
            units=plan.units,
        )
        seen = quotas.outlook(use)
        if seen.refusal is not None:
            raise seen.refusal
        for one in seen.quotas:
            if one.left - self.spent[one.quota.id] < one.amount:
                raise QuotaExceeded(one.quota, used=one.used + self.spent[one.quota.id], asked=one.amount)
        self.spent.update({one.quota.id: one.amount for one in seen.quotas})

    def _occupy(self, plan: Plan) -> None:
        self.busy += [
            Taken(want.resource_id, Span(want.start, want.end, want.units), "")
            for want in covered(self.resources, plan.wants)
        ]

    def _why_not(self, settled: legs.Choices, slot: Span, busy: Sequence[Taken]) -> DomainError:
        first = next(settled.combinations(), None)
        if first is None:
            raise errors.Invalid({"": _("There are not enough resources for this. Please call the base.")})
        wants = settled.wants(first, self.resources, slot)
        found = clashes(self.resources, covered(self.resources, wants), busy)
        if not found:
            names = ", ".join(self.resources[want.resource_id].name for want in wants)
            return OutsideHours(_("%(names)s cannot be used at this time. Please choose another time.", names=names))
        return ResourceTaken(found, self._alternatives(settled, slot))

    def _alternatives(self, settled: legs.Choices, slot: Span) -> Sequence[Alternative]:
        if self.helped >= MOST_HELPED:
            return ()
        self.helped += 1
        rules = self.asking.rules
        if self.on_time and slot.start - DAY * (alternatives.DAYS + 90) > clock.now():
            rules = replace(rules, notice_workdays=0)  # far enough ahead: the calendar need not be asked each time
        search = alternatives.Search(
            self.asking.base, rules, self.every, settled, self.resources, timetables=self.hours
        )
        busy = self._near(slot, days=alternatives.DAYS + 1)
        return alternatives.among(search, busy, self.opening, slot)

    def _near(self, slot: Span, *, days: int) -> list[Taken]:
        start, end = slot.start - DAY * days, slot.end + DAY * days
        return [entry for entry in self.busy if entry.span.start < end and entry.span.end > start]


def resolve(session: Session, rule: Mapping[str, Any]) -> Rule:
    """Return the rule that plain values say: an RRULE, or weekdays and weeks of a term by its id.

    Args:
        rule: `{"rrule", "first", "holidays"}`, or `{"term", "weekdays", "weeks", "holidays"}` (`recurrence.read`).

    Raises:
        errors.Invalid: it cannot be understood, by field.
    """
    if "rrule" in rule:
        return recurrence.read(rule)
    number = rule.get("term")
    term = session.get(Term, number) if isinstance(number, int) and 0 < number < 2**31 else None
    if term is None:
        raise errors.Invalid({"term": _("Please choose a term, or give a rule.")})
    return recurrence.read({**rule, "name": term.name, "first_day": term.first_day.isoformat(), "of_weeks": term.weeks})


def dates_by(rule: Rule) -> list[Dated]:
    """Return the days of a rule by the working calendar as it is known; raises as `recurrence.dates_of`."""
    return recurrence.dates_of(rule, workdays(*rule.span()))


def refusal_text(occurrences: Sequence[Occurrence]) -> str:
    """Return why a series cannot be booked as a whole, in a sentence or two."""
    against = [entry for entry in occurrences if entry.hinders]
    fitting = sum(entry.fits for entry in occurrences)
    named = str(_(", ")).join(dates.day(entry.day) for entry in against[:3])
    more = _(" and more") if len(against) > 3 else ""
    return str(
        _(
            "%(fitting)s of %(count)s dates can be booked. In the way: %(days)s%(more)s. %(why)s",
            fitting=fitting,
            count=fitting + len(against),
            days=named,
            more=more,
            why=against[0].message if against else "",
        )
    )


def _resources(session: Session, ids: Collection[int]) -> dict[int, Resource]:
    rows = session.scalars(
        select(Resource).where(Resource.id.in_(family(session, ids)), Resource.archived_at.is_(None))
    )
    return {resource.id: resource for resource in rows}
