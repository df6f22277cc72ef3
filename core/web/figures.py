"""Figures of the consortium for the portal: plain numbers, each with its meaning in words and a next step."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, func, select

from core import clock
from core.bases.queries import is_visible
from core.booking.models import Booking, TrainingSession
from core.db import db
from core.organisations.models import Organisation

COUNTED = ("confirmed", "checked_in", "completed")
"""States of bookings that count as booked."""

KINDS = {
    "lead": _l("Lead school"),
    "branch": _l("Branches"),
    "school": _l("Schools"),
    "enterprise": _l("Enterprises"),
    "other": _l("Others"),
}
"""Kinds of organisations in the order in which the portal lists them."""


@dataclass(frozen=True)
class Figure:
    """A number, what is counted, exactly what that means, and where to go on."""

    number: int
    label: str
    meaning: str
    href: str
    step: str


def figures(bases: int) -> list[Figure]:
    """Return the consortium's figures.

    Args:
        bases: number of bases to be seen.
    """
    year = clock.today().year
    first, last = _moment(year), _moment(year + 1)
    sessions = db.session.scalar(
        select(func.count(TrainingSession.id)).where(
            TrainingSession.state == "published",
            TrainingSession.start_at >= first,
            TrainingSession.start_at < last,
            TrainingSession.base.has(is_visible()),
        )
    )
    people = db.session.scalar(
        select(func.coalesce(func.sum(Booking.units), 0)).where(
            Booking.state.in_(COUNTED),
            Booking.start_at >= first,
            Booking.start_at < last,
            Booking.base.has(is_visible()),
        )
    )
    organisations = db.session.scalar(select(func.count(Organisation.id)).where(*_members()))
    return [
        Figure(
            bases, _("Bases"), _("open to all members of the consortium"), url_for("bases.index"), _("Choose a base")
        ),
        Figure(
            organisations or 0,
            _("Member organisations"),
            _("the lead school, its branches, schools and enterprises; a branch counts by itself"),
            url_for("organisations.request"),
            _("Ask for an account"),
        ),
        Figure(
            sessions or 0,
            _("Sessions in %(year)s", year=year),
            _("announced by the bases, with a start from January to December"),
            url_for("calendars.portal", view="list"),
            _("See the next sessions"),
        ),
        Figure(
            people or 0,
            _("Person-times booked in %(year)s", year=year),
            _("places of confirmed and completed bookings with a start in the year; a team or a machine counts as one"),
            url_for("bases.index"),
            _("Book for your group"),
        ),
    ]


def members() -> list[tuple[str, Sequence[Organisation]]]:
    """Return the organisations that are members, by kind: the kind's name, and its organisations by name."""
    order = list(KINDS)
    rows = sorted(
        db.session.scalars(select(Organisation).where(*_members()).order_by(Organisation.id)),
        key=lambda row: order.index(row.kind),
    )
    return [(str(KINDS[kind]), list(group)) for kind, group in groupby(rows, key=lambda row: row.kind)]


def _members() -> tuple[ColumnElement[bool], ...]:
    return Organisation.member.is_(True), Organisation.archived_at.is_(None)


def _moment(year: int) -> datetime:
    return clock.at(date(year, 1, 1), time())
