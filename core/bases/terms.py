"""The terms of the schools: teaching week 1 begins on a Monday; terms do not overlap."""

from datetime import date, timedelta

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit, dates, errors
from core.accounts import roles
from core.accounts.models import User
from core.bases.models import Term
from core.db import db, write

WEEKS = range(1, 61)


def terms() -> list[Term]:
    """Return all terms, the latest first."""
    return list(db.session.scalars(select(Term).order_by(Term.first_day.desc())))


def find(term_id: int) -> Term:
    """Return a term.

    Raises:
        errors.NotFound: there is none.
    """
    term = db.session.get(Term, term_id)
    if term is None:
        raise errors.NotFound
    return term


def save(*, actor: User, name: str, first_day: date, weeks: int, term_id: int | None = None) -> Term:
    """Enter a term, or change one.

    Args:
        actor: somebody of the office.
        name: “2026年秋季学期”.
        first_day: Monday of teaching week 1.
        weeks: number of teaching weeks.
        term_id: the term to change; None for a new one.

    Raises:
        errors.Forbidden, errors.NotFound: the actor may not, or there is no such term.
        errors.Invalid: it begins on another weekday, has no sensible length, or overlaps another, or the name is taken.
    """
    wrong: dict[str, object] = {}
    if not name.strip():
        wrong["name"] = _("Please give the term a name.")
    if first_day.weekday():
        monday = first_day - timedelta(days=first_day.weekday())
        wrong["first_day"] = _("Teaching week 1 begins on a Monday: %(day)s, for instance.", day=dates.day(monday))
    if weeks not in WEEKS:
        wrong["weeks"] = _("A term has 1 to %(max)d weeks.", max=WEEKS[-1])
    if wrong:
        raise errors.Invalid(wrong)
    with write() as session:
        roles.require(actor, "calendar.manage")
        term = _own(session, term_id)
        others = [other for other in session.scalars(select(Term).with_for_update()) if other.id != term.id]
        _check(others, name.strip(), first_day, weeks)
        term.name, term.first_day, term.weeks = name.strip(), first_day, weeks
        session.add(term)
        session.flush()
        audit.record(session, actor_id=actor.id, action="term.save", subject=f"term:{term.id}", name=term.name)
    return term


def remove(*, actor: User, term_id: int) -> None:
    """Remove a term; what was booked in it stays.

    Raises:
        errors.Forbidden, errors.NotFound: the actor may not, or there is no such term.
    """
    with write() as session:
        roles.require(actor, "calendar.manage")
        term = _own(session, term_id)
        audit.record(session, actor_id=actor.id, action="term.remove", subject=f"term:{term.id}", name=term.name)
        session.delete(term)


def _own(session: Session, term_id: int | None) -> Term:
    if term_id is None:
        return Term()
    term = session.get(Term, term_id, with_for_update=True)
    if term is None:
        raise errors.NotFound
    return term


def _check(others: list[Term], name: str, first_day: date, weeks: int) -> None:
    if any(other.name == name for other in others):
        raise errors.Invalid({"name": _("There is a term of this name already.")})
    end = first_day + timedelta(weeks=weeks)
    for other in others:
        if other.first_day < end and first_day < other.end:
            raise errors.Invalid(
                {
                    "first_day": _(
                        "This overlaps “%(name)s”, %(first)s to %(last)s.",
                        name=other.name,
                        first=dates.day(other.first_day),
                        last=dates.day(other.last_day),
                    )
                }
            )
