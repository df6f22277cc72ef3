"""Copying a session: the days on which copies would take place, and what stands in the way on each."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import request
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from core import clock, dates
from core.bases.models import Base
from core.bases.opening import timetable
from core.bases.workdays import workdays
from core.booking import session_queries
from core.booking.allocation import clashes, taken
from core.booking.errors import Conflict
from core.booking.families import covered, family
from core.booking.models import Resource, TrainingSession
from core.booking.pages.forms import CopyDaysForm, CopyForm
from core.booking.sessions import Content, shifted, wants
from core.db import db
from core.forms import option


@dataclass(frozen=True)
class Copy:
    """One copy that would be made.

    Attributes:
        day: the day on which it begins.
        content: what it says.
        conflicts: what it uses and is taken then.
        notes: what else speaks against the day: a holiday, the base closed, the same session there already.
        hint: what is not known of the day, though nothing speaks against it.
        past: whether it would be over, so that it cannot be made.
    """

    day: date
    content: Content
    conflicts: tuple[Conflict, ...]
    notes: tuple[str, ...]
    hint: str
    past: bool

    @property
    def fits(self) -> bool:
        """Whether nothing speaks against it."""
        return not (self.conflicts or self.notes or self.past)


def asked(training: TrainingSession) -> CopyForm:
    """Return the form with which a first day and a number of weeks are asked for; it comes with the address."""
    first = max(clock.local(training.start_at).date(), clock.today()) + timedelta(days=7)
    usual = {"first_day": first.isoformat(), "weeks": "1"}
    given = {name: request.args.get(name, value) for name, value in usual.items()}
    return CopyForm(formdata=MultiDict(given), meta={"csrf": False})


def days_form(preview: Sequence[Copy]) -> CopyDaysForm:
    """Return the form that chooses among the days of a preview; those against which nothing speaks are chosen."""
    fitting = [line.day.isoformat() for line in preview if line.fits]
    sent = request.form if request.method == "POST" else None
    form = CopyDaysForm(formdata=sent, data={"days": fitting, "retry_key": secrets.token_urlsafe(16)})
    form.days.choices = [option(line.day.isoformat(), dates.day(line.day)) for line in preview if not line.past]
    return form


def preview(base: Base, training: TrainingSession, days: Sequence[date]) -> list[Copy]:
    """Return the copies of a session that would begin on some days, in a bounded number of queries."""
    contents = [(day, shifted(training, day)) for day in days]
    first = min(content["start"] for _day, content in contents)
    last = max(content["end"] for _day, content in contents)
    there = select(Resource).where(Resource.id.in_(family(db.session(), training.uses)), Resource.archived_at.is_(None))
    resources = {resource.id: resource for resource in db.session.scalars(there)}
    busy = taken(db.session(), resources, first, last)
    known, calendar = timetable(base, first, last), workdays(*(clock.local(moment).date() for moment in (first, last)))
    same = session_queries.starts_of(training)
    copies = []
    for day, content in contents:
        span = (content["start"], content["end"])
        wanted = covered(resources, wants(resources, content["uses"], *span, content["seats"]))
        holiday = calendar.holiday(day)
        notes = [
            _("statutory holiday: %(name)s", name=holiday) if holiday else "",
            _("the base is closed then") if not holiday and not known.is_open(*span) else "",
            _("the same session is there already") if content["start"] in same else "",
        ]
        hint = "" if calendar.is_published(day) else _("the holidays of this year are not announced yet")
        conflicts = tuple(clashes(resources, wanted, busy))
        past = content["end"] <= clock.now()
        copies.append(Copy(day, content, conflicts, tuple(note for note in notes if note), hint, past))
    return copies
