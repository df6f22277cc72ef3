"""Bookings that repeat, in the API: every date with what stands against it, then all of them or those that fit."""

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Boolean, Date, Dict, Integer, List, Nested, Raw, String, Time
from apiflask.validators import Length, OneOf, Range
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from core import errors
from core.api_schemas import Occurrence
from core.bases.queries import find_base
from core.booking import series
from core.booking.api import shown
from core.booking.api.asking import (
    SLUG,
    UNITS,
    LegIn,
    answers_of,
    organisation_id,
    picks_of,
    signed_in,
    token_needed,
    units_of,
)
from core.booking.api.once import OnceHeader, once
from core.booking.kinds import Offered, offered
from core.booking.models import Series
from core.booking.recurrence import HOLIDAYS, WEEKDAYS

bp = APIBlueprint("series_api", __name__, url_prefix="/api/v1/series", tag="Series")
bp.before_request(token_needed)


class RuleIn(Schema):
    """When it repeats: an RRULE (RFC 5545) from a first day on, or weekdays in teaching weeks of a term."""

    rrule = String(validate=Length(max=200), metadata={"example": "FREQ=WEEKLY;BYDAY=TU;COUNT=18"})
    first = Date()
    term = Integer(validate=Range(1, 2**31 - 1))
    weekdays = List(String(validate=OneOf(WEEKDAYS)), validate=Length(min=1, max=7))
    weeks = String(validate=Length(max=100), metadata={"example": "3-18"})
    holidays = String(validate=OneOf(HOLIDAYS), metadata={"description": "`skip` if left out."})


class PreviewIn(Schema):
    """What repeats, with what, and for whom; times are wall-clock, an end before the start lies on the next day."""

    base = String(required=True, validate=SLUG)
    kind = String(required=True, validate=SLUG)
    organisation = String(validate=SLUG)
    rule = Nested(RuleIn, required=True)
    starts = Time(required=True, format="%H:%M", metadata={"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$"})
    ends = Time(required=True, format="%H:%M", metadata={"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$"})
    legs = List(Nested(LegIn), validate=Length(max=20))
    units = Integer(validate=UNITS)


class SeriesIn(PreviewIn):
    """A series to be booked, with the form filled in once."""

    answers = Dict(keys=String(), values=Raw(allow_none=True), load_default=dict)
    fitting = Boolean(load_default=False, metadata={"description": "Skip the dates that do not fit."})


class PreviewOut(Schema):
    """Every date of a series."""

    occurrences = List(Nested(Occurrence), required=True)


class SeriesOut(Schema):
    """A series that was booked."""

    id = Integer(required=True)
    bookings = List(Nested(shown.BookingOut), required=True)
    skipped = Dict(keys=String(), values=String(), required=True, metadata={"description": "Day → why."})


@bp.post("/preview")
@bp.input(PreviewIn, arg_name="asked")
@bp.output(PreviewOut)
@bp.doc(responses=[403, 404, 409, 415, 422], security="token")
def preview(asked: dict[str, Any]) -> dict[str, Any]:
    """Show every date of a series with what stands against it; nothing is taken."""
    occurrences = series.preview(**_wanted(asked, _offer(asked)))
    return {"occurrences": shown.occurrences(occurrences)}


@bp.post("")
@bp.input(OnceHeader, location="headers", arg_name="header")
@bp.input(SeriesIn, arg_name="asked")
@bp.output(SeriesOut, status_code=201)
@bp.doc(responses=[403, 404, 409, 415, 422], security="token")
def create(header: dict[str, Any], asked: dict[str, Any]) -> Any:
    """Book a series: every date, or with `fitting` those that can be had, in one transaction."""
    offer = _offer(asked)
    wanted = _wanted(asked, offer)
    cleaned = answers_of(offer.kind, asked["answers"])
    wanted["units"] = units_of(offer.kind, cleaned, asked.get("units"))
    made = once(
        lambda key: series.create(**wanted, cleaned=cleaned, fitting=asked["fitting"], retry_key=key).series,
        _shown,
        _remembered,
    )
    return made, 201


def _offer(asked: dict[str, Any]) -> Offered:
    signed_in()
    return offered(find_base(asked["base"]), asked["kind"])


def _wanted(asked: dict[str, Any], offer: Offered) -> dict[str, Any]:
    actor = signed_in()
    rule = dict(asked["rule"])
    if "rrule" in rule and "term" in rule:
        raise errors.Invalid({"rule": _("Please name either an RRULE or a term.")})
    if "first" in rule:
        rule["first"] = rule["first"].isoformat()
    return {
        "actor": actor,
        "organisation_id": organisation_id(actor, asked.get("organisation")),
        "base": offer.row.base,
        "kind": offer.kind,
        "rule": rule,
        "starts": asked["starts"],
        "ends": asked["ends"],
        "picks": picks_of(offer.row.base, offer.kind, asked.get("legs", ()), asked.get("units")),
        "units": asked.get("units"),
    }


def _shown(row: Series) -> dict[str, Any]:
    return {"id": row.id, "bookings": [shown.booking(entry) for entry in row.bookings], "skipped": dict(row.skipped)}


def _remembered(session: Session, answer: Any) -> Series:
    return session.get_one(Series, answer["series"])
