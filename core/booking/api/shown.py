"""Bookings as the API shows them."""

from typing import Any

from apiflask import Schema
from apiflask.fields import Dict, Integer, List, Nested, Raw, String
from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.api_schemas import shown
from core.booking.models import Booking
from core.intake import answers
from core.localised import pick


class LegOut(Schema):
    """What a booking takes for one of its legs."""

    resource = String(required=True)
    units = Integer(required=True)


class WarningOut(Schema):
    """What a rule of the base tells whoever books."""

    code = String(required=True)
    message = String(required=True)


class BookingOut(Schema):
    """A booking. Times are the booked ones, without set-up and clean-up; personal answers are masked."""

    ref = String(required=True)
    state = String(required=True)
    base = String(required=True)
    kind = String(required=True)
    session = Integer(required=True, allow_none=True)
    legs = List(Nested(LegOut), required=True)
    start = String(required=True)
    end = String(required=True)
    units = Integer(required=True)
    organisation = String(required=True)
    answers = Dict(keys=String(), values=Raw(allow_none=True), required=True)
    warnings = List(Nested(WarningOut), required=True)
    lapses = String(required=True, allow_none=True)
    series = Integer(required=True, allow_none=True)
    version = Integer(required=True)
    links = Dict(keys=String(), values=String(), required=True)


class BookingsOut(Schema):
    """A page of bookings."""

    items = List(Nested(BookingOut), required=True)
    next = String(required=True, allow_none=True)


def booking(row: Booking) -> dict[str, Any]:
    """Return a booking as a JSON value."""
    return {
        "ref": row.ref,
        "state": row.state,
        "base": row.base.slug,
        "kind": row.kind.slug,
        "session": row.session_id,
        "legs": [
            {"resource": entry.resource.slug, "units": entry.units}
            for entry in row.allocations
            if entry.active and not entry.covering and row.session_id is None
        ],
        "start": shown(row.start_at),
        "end": shown(row.end_at),
        "units": row.units,
        "organisation": row.organisation.slug,
        "answers": answers.masked(row.answer) if row.answer else {},
        "warnings": [{"code": "rule", "message": pick(text)} for text in row.rules.get("warnings", [])],
        "lapses": shown(row.lapses_at) if row.lapses_at else None,
        "series": row.series_id,
        "version": row.version,
        "links": {
            "self": url_for("bookings_api.one", ref=row.ref),
            "page": url_for("booking.show", ref=row.ref),
        },
    }


def remembered(session: Session, answer: Any) -> Booking:
    """Return the booking that a service has remembered, as it is in the transaction."""
    return session.scalars(select(Booking).where(Booking.ref == answer["ref"])).one()
