"""Bookings as the API shows them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from apiflask import Schema
from apiflask.fields import Dict, Integer, List, Nested, Raw, String
from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.api_schemas import moment_field, shown
from core.booking.errors import Alternative, Conflict
from core.booking.models import Booking
from core.booking.resource_queries import slugs_of
from core.booking.series_plans import Occurrence
from core.intake import answers
from core.localised import pick


class TakenLeg(Schema):
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
    legs = List(Nested(TakenLeg), required=True)
    start = moment_field(required=True)
    end = moment_field(required=True)
    units = Integer(required=True)
    organisation = String(required=True)
    answers = Dict(keys=String(), values=Raw(allow_none=True), required=True)
    warnings = List(Nested(WarningOut), required=True)
    lapses = moment_field(required=True, allow_none=True)
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


def conflicts(found: Sequence[Conflict], slugs: Mapping[int, str]) -> list[dict[str, str]]:
    """Return where something is taken; never by whom."""
    return [
        {"resource": slugs[entry.resource_id], "start": shown(entry.start), "end": shown(entry.end)} for entry in found
    ]


def alternatives(found: Sequence[Alternative], slugs: Mapping[int, str]) -> list[dict[str, Any]]:
    """Return what is free near what was asked for."""
    return [_alternative(entry, slugs) for entry in found]


def named(conflicts: Iterable[Conflict], alternatives: Iterable[Alternative]) -> dict[int, str]:
    """Return the slugs of all resources that conflicts and alternatives name, in one query."""
    ids = {entry.resource_id for entry in conflicts} | {number for entry in alternatives for _, number in entry.picks}
    return slugs_of(ids) if ids else {}


def occurrences(found: Sequence[Occurrence]) -> list[dict[str, Any]]:
    """Return the dates of a series with what stands against each."""
    slugs = named(
        (conflict for entry in found for conflict in entry.conflicts),
        (way for entry in found for way in entry.alternatives),
    )
    return [
        {
            "day": entry.day.isoformat(),
            "start": shown(entry.start),
            "end": shown(entry.end),
            "code": entry.code,
            "message": entry.message,
            "conflicts": conflicts(entry.conflicts, slugs),
            "alternatives": alternatives(entry.alternatives, slugs),
        }
        for entry in found
    ]


def _alternative(entry: Alternative, slugs: Mapping[int, str]) -> dict[str, Any]:
    found: dict[str, Any] = {"start": shown(entry.start), "end": shown(entry.end)}
    if entry.training_id is not None:
        return found | {"session": entry.training_id}
    return found | {"legs": [{"resource": slugs[number]} for _, number in entry.picks]}


def remembered(session: Session, answer: Any) -> Booking:
    """Return the booking that a service has remembered, as it is in the transaction."""
    row = session.scalars(select(Booking).where(Booking.ref == answer["ref"])).one()
    session.expire(row, ["allocations"])  # they may have been read before they were taken
    return row
