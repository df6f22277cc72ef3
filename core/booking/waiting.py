"""The waiting list: places that are given back are offered to those who wait, by their kind's policy.

An offer is a hold: its place is planned, taken and charged when it is made, and nothing is inserted when it is
accepted. Whoever gives a place back only leaves a job (the outbox): it is done right after the commit, and by a worker
if the process dies in between. Each offer is a transaction of its own.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock, dates, db, errors, events, jobs
from core.accounts.models import User
from core.booking import inquiry, kinds, legs, machine, queue, quotas, retries, workflow
from core.booking.allocation import Want, claim, lock
from core.booking.errors import ResourceTaken, TooLate
from core.booking.events import BookingChanged, ClosureChanged, SessionChanged
from core.booking.models import Booking, Kind, TrainingSession
from core.booking.planning import Asking, Plan
from core.booking.queue import Line
from core.booking.rules import made_under, rules_of
from core.intake import answers

log = logging.getLogger(__name__)

JOB = "booking.serve"

PENDING = "waiting"

GIVES_BACK = frozenset({"reject", "cancel", "expire", "lapse", "miss", "reschedule", "relocate"})
"""Actions after which a place may be free, or the turn of somebody else."""

MAY_SHRINK = frozenset({"held", "returned"})
"""States from which a booking can be submitted for less than it took."""


def accept(*, actor: User, ref: str, version: int | None = None, retry_key: str | None = None) -> Booking:
    """Accept the place that is offered: it is taken already, so nothing can come between.

    Args:
        actor: a contact of the organisation, or a manager of the base on its behalf.
        version: the version the actor saw; None to skip the comparison.
        retry_key: makes sending twice safe.

    Returns:
        The booking, `submitted`, or `confirmed` where the kind needs no approval.

    Raises:
        errors.NotFound: there is none, or the actor may not know of it.
        errors.StateChanged: nothing is offered (any more).
        TooLate: the time to accept it is over.
    """
    route = f"{ref}/accept"
    mark = retries.fingerprint({"ref": ref})
    with db.write() as session:
        seen = workflow.seen_for_organisation(session, actor, ref)
        if retry_key and retries.earlier(session, actor=actor, route=route, key=retry_key, mark=mark):
            return seen
        booking = workflow.locked(session, ref)
        workflow.check_version(booking, version)
        if booking.state != "offered" or booking.lapses_at is None:
            raise errors.StateChanged
        if booking.lapses_at <= clock.now():
            raise TooLate(
                _(
                    "This place was kept for you until %(moment)s; now the next in line is asked.",
                    moment=dates.moment(booking.lapses_at),
                )
            )
        action = "accept" if made_under(booking.rules["kind"]).needs_approval else "confirm"
        machine.advance(session, booking, action, actor_id=actor.id)
        if retry_key:
            retries.remember(session, actor=actor, route=route, key=retry_key, mark=mark, answer={"ref": ref})
    return booking


def serve(line: Line) -> int:
    """Offer what is free to those who wait in a line, and return how many got an offer.

    Whoever cannot take it though it is free (the quota is used up, a rule of the base refuses it now) keeps the place
    in the line and holds up nobody.
    """
    passed: set[int] = set()
    served = 0
    while True:
        before = len(passed)
        try:
            served += _serve_next(line, passed)
        except errors.DomainError as refusal:
            log.info("waiting list %s: not served: %s", line, refusal.code)
        if len(passed) == before:
            return served


def tidy() -> None:
    """End what has waited for too long, and serve all lines: what nobody tells of may have made room (the worker)."""
    overdue = [
        booking.ref
        for booking in db.db.session.scalars(select(Booking).where(Booking.state == "waitlisted"))
        if queue.waits_until(booking) <= clock.now()
    ]
    for ref in overdue:
        _expire(ref)
    for line in queue.lines(db.db.session()):
        serve(line)


def booking_changed(session: Session, event: BookingChanged) -> None:
    """Note what a booking gives back, to be offered after the commit."""
    booking = event.booking
    step = booking.history[-1]
    shrunk = event.action in {"submit", "confirm"} and step.from_state in MAY_SHRINK
    if not (event.action == "wait" or event.action in GIVES_BACK or shrunk):
        return
    sure = bool(rules_of(booking.kind).waiting)
    places = [(booking.session_id, booking.start_at, booking.end_at)]
    if step.was:
        start, end = (datetime.fromisoformat(step.was[name]) for name in ("start", "end"))
        places.append((step.was["session_id"], start, end))
    for session_id, start, end in places:
        if session_id is None:
            _due().span(start, end, sure=sure)
        else:
            _due().line(Line(booking.kind_id, session_id), sure=sure)


def session_changed(session: Session, event: SessionChanged) -> None:
    """Note that a session has more seats, or has given back what it used."""
    training = event.session
    if event.action == "edit":
        _due().line(Line(training.kind_id, training.id), sure=bool(rules_of(training.kind).waiting))
    if event.action in {"edit", "cancel"}:
        _due().everywhere()  # where it was before, nobody knows here


def closure_changed(session: Session, event: ClosureChanged) -> None:
    """Note that a resource can be used again."""
    if event.action != "enter":
        _due().span(event.closure.start_at, event.closure.end_at, sure=False)


@jobs.handler(JOB)
def serve_job(task: jobs.Task) -> None:
    """Serve the lines that a commit may have made room for."""
    for line in _lines(db.db.session(), task.payload):
        serve(line)


@dataclass
class _Due:
    """What the present transaction gives back: payloads of jobs, each with whether somebody may wait unseen.

    Somebody may be joining a line in a transaction that is not committed yet; whoever serves waits for it under the
    lock of the resources. So where a kind has a waiting list, the job is queued though nobody is seen to wait.
    """

    found: dict[tuple[Any, ...], bool] = field(default_factory=dict)

    def line(self, line: Line, *, sure: bool) -> None:
        self._add(("line", line.kind_id, line.session_id), sure)

    def span(self, start: datetime, end: datetime, *, sure: bool) -> None:
        self._add(("span", start.isoformat(), end.isoformat()), sure)

    def everywhere(self) -> None:
        self._add(("all",), False)

    def _add(self, key: tuple[Any, ...], sure: bool) -> None:
        self.found[key] = self.found.get(key, False) or sure

    def __call__(self, session: Session) -> None:
        for key, sure in self.found.items():
            payload = {"what": list(key)}
            if not sure and not _lines(session, payload):
                continue
            number = jobs.enqueue(session, JOB, payload)
            if number is not None:
                events.after_commit(_Now(number))


@dataclass(frozen=True)
class _Now:
    """Does a job of the commit that has just succeeded; whatever fails here is done by a worker later."""

    job_id: int

    def __call__(self) -> None:
        try:
            jobs.do(self.job_id)
        except Exception:
            db.db.session.rollback()
            log.exception("job %s was left to a worker", self.job_id)


def _due() -> _Due:
    due = events.pending(PENDING)
    if not isinstance(due, _Due):
        due = _Due()
        events.just_before_commit(PENDING, due)
    return due


def _lines(session: Session, payload: dict[str, Any]) -> Sequence[Line]:
    match payload["what"]:
        case ["line", kind_id, session_id]:
            line = Line(kind_id, session_id)
            return [known for known in queue.lines(session) if known == line]
        case ["span", start, end]:
            return queue.lines(session, start=datetime.fromisoformat(start), end=datetime.fromisoformat(end))
    return queue.lines(session)


def _serve_next(line: Line, passed: set[int]) -> int:
    """Make one offer, to the first who can have one; whoever had a turn is added to `passed`."""
    with db.write() as session:
        found = _next(session, line, passed)
        if found is None:
            return 0
        waiter, asking, plan, warnings = found
        passed.add(waiter.id)
        booking = workflow.locked(session, waiter.ref)
        if booking.state != "waitlisted":  # it was withdrawn meanwhile
            return 0
        claim(session, plan.wants, booking=booking)
        quotas.take(session, booking, asking.rules)
        booking.offers += 1
        booking.rules = booking.rules | {"warnings": warnings}
        booking.lapses_at = min(clock.now() + asking.rules.offer_for, queue.waits_until(booking))
        machine.advance(session, booking, "offer", actor_id=None)
    return 1


def _next(session: Session, line: Line, passed: set[int]) -> tuple[Booking, Asking, Plan, list[dict[str, str]]] | None:
    """Lock what a line waits for, and return who is served next with the plan of it, or None."""
    row = session.get_one(Kind, line.kind_id)
    offered = kinds.offered(row.base, row.slug, session)
    strict = offered.rules().waiting == queue.STRICT
    if line.session_id is None:
        every = legs.choices(session, row.base, offered.kind)
        resources = lock(session, every.all_ids())
    else:
        training = session.get_one(TrainingSession, line.session_id)
        lock(session, [] if training.seats_resource_id is None else [training.seats_resource_id])
    ahead: list[Want] = []  # what those want who were not served, and whom nobody may pass
    for waiter in queue.waiters(session, line):
        mine = queue.footprint(every, resources, waiter) if line.session_id is None else []
        if waiter.id in passed:
            continue
        if queue.overlap(mine, ahead):
            ahead += mine
            continue
        try:
            asking, plan, warnings = _plan(session, waiter)
        except ResourceTaken:
            if strict and line.session_id is not None:
                return None
            ahead += mine if strict else []
        except errors.DomainError as refusal:
            log.info("booking %s waits and cannot be served: %s", waiter.ref, refusal.code)
            passed.add(waiter.id)
        else:
            return waiter, asking, plan, warnings
    return None


def _plan(session: Session, waiter: Booking) -> tuple[Asking, Plan, list[dict[str, str]]]:
    cleaned = answers.kept(waiter.answer) if waiter.answer is not None else None
    asking = inquiry.ask(session, waiter.base, waiter.kind.slug, waiter.organisation_id, cleaned, booking_id=waiter.id)
    plan, warnings = inquiry.planned(
        session,
        asking,
        training_id=waiter.session_id,
        start=waiter.start_at,
        end=waiter.end_at,
        picks=queue.picks(waiter),
        units=waiter.units,
        bound=waiter.contact_id is not None,
        advise=False,
    )
    return asking, plan, warnings


def _expire(ref: str) -> None:
    with db.write() as session:
        booking = workflow.locked(session, ref)
        if booking.state == "waitlisted" and queue.waits_until(booking) <= clock.now():
            machine.advance(session, booking, "expire", actor_id=None)
