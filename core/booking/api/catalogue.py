"""What there is at a base: its resources, what can be booked, sessions, closures. Public fields only."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Boolean, Date, Dict, Integer, List, Nested, String
from flask_babel import gettext as _

from core import errors
from core.api_schemas import MOST_DAYS, PageQuery, SpanQuery, moment_field, paged
from core.bases import terms
from core.bases.hours import write
from core.bases.opening import week_of
from core.bases.queries import find_base
from core.booking import resource_queries, session_queries
from core.booking.availability import seats_left
from core.booking.kinds import Offered, offered
from core.booking.legs import fits
from core.booking.models import Closure, Resource
from core.booking.rule_words import in_words
from core.intake.schema import json_schema

bp = APIBlueprint("catalogue_api", __name__, url_prefix="/api/v1/bases/<base>", tag="Bases")


class ResourceOut(Schema):
    """A resource: what can be taken for a time."""

    slug = String(required=True)
    name = String(required=True)
    kind = String(required=True)
    capacity = Integer(required=True, metadata={"description": "Units that can be taken at one instant."})
    parent = String(required=True, allow_none=True)
    hours = List(
        String(),
        required=True,
        allow_none=True,
        metadata={"description": "By weekday, Monday first; null: the base's."},
    )


class ResourcesOut(Schema):
    """A page of resources."""

    items = List(Nested(ResourceOut), required=True)
    next = String(required=True, allow_none=True)


class LegOut(Schema):
    """What each booking of a kind takes of one sort."""

    kind = String(required=True)
    of = List(String(), required=True, metadata={"description": "Slugs of the resources that can serve."})
    count = Integer(required=True)
    per_unit = Boolean(required=True)
    pick = Boolean(required=True)


class PeriodOut(Schema):
    """A named span of the day that can be booked."""

    slug = String(required=True)
    label = String(required=True)
    starts = String(required=True)
    ends = String(required=True)


class TermOut(Schema):
    """A term of the schools: teaching week 1 begins on `first_day`, a Monday."""

    id = Integer(required=True)
    name = String(required=True)
    first_day = Date(required=True)
    weeks = Integer(required=True)


class KindOut(Schema):
    """Something that can be booked."""

    slug = String(required=True)
    title = String(required=True)
    summary = String(required=True)
    mode = String(required=True)
    approval = Boolean(required=True)
    rules = List(String(), required=True, metadata={"description": "The rules in words."})
    legs = List(Nested(LegOut), required=True)
    periods = List(Nested(PeriodOut), required=True)
    waiting = String(required=True)
    series = Boolean(required=True)
    terms = List(Nested(TermOut), required=True, metadata={"description": "In whose teaching weeks a series can be."})
    form = Dict(required=True, metadata={"description": "JSON Schema of `answers`."})


class KindsOut(Schema):
    """A page of kinds."""

    items = List(Nested(KindOut), required=True)
    next = String(required=True, allow_none=True)


class SessionOut(Schema):
    """A dated training with seats."""

    id = Integer(required=True)
    kind = String(required=True)
    title = String(required=True)
    start = moment_field(required=True)
    end = moment_field(required=True)
    seats = Integer(required=True)
    seats_left = Integer(required=True)
    state = String(required=True)


class SessionsOut(Schema):
    """A page of sessions."""

    items = List(Nested(SessionOut), required=True)
    next = String(required=True, allow_none=True)


class ClosureOut(Schema):
    """A resource out of use."""

    resource = String(required=True)
    start = moment_field(required=True)
    end = moment_field(required=True)
    reason = String(required=True)


class ClosuresOut(Schema):
    """A page of closures."""

    items = List(Nested(ClosureOut), required=True)
    next = String(required=True, allow_none=True)


class SpanPage(SpanQuery, PageQuery):
    """From when to when, and which part of the list."""


@bp.get("/resources")
@bp.input(PageQuery, location="query", arg_name="page")
@bp.output(ResourcesOut)
@bp.doc(responses=[404, 422])
def resources(base: str, page: dict[str, Any]) -> dict[str, Any]:
    """List a base's resources."""
    rows = resource_queries.resources_with_hours(find_base(base).id)
    slugs = {row.id: row.slug for row in rows}
    return paged(rows, **page, key=lambda row: (row.position, row.id), show=lambda row: _resource(row, slugs))


@bp.get("/kinds")
@bp.input(PageQuery, location="query", arg_name="page")
@bp.output(KindsOut)
@bp.doc(responses=[404, 422])
def kinds(base: str, page: dict[str, Any]) -> dict[str, Any]:
    """List what can be booked at a base."""
    row = find_base(base)
    rows = [offered(row, kind.slug) for kind in resource_queries.kinds_of(row.id)]
    there = resource_queries.resources_of(row.id)
    return paged(rows, **page, key=lambda kind: (kind.row.position, kind.row.id), show=lambda kind: _kind(kind, there))


@bp.get("/kinds/<kind>")
@bp.output(KindOut)
@bp.doc(responses=[404])
def kind(base: str, kind: str) -> dict[str, Any]:
    """Show what can be booked, with the JSON Schema of its form."""
    row = find_base(base)
    return _kind(offered(row, kind), resource_queries.resources_of(row.id))


@bp.get("/sessions")
@bp.input(SpanPage, location="query", arg_name="asked")
@bp.output(SessionsOut)
@bp.doc(responses=[404, 422])
def sessions(base: str, asked: dict[str, Any]) -> dict[str, Any]:
    """List a base's published sessions between two moments."""
    start, end = span(asked)
    rows = session_queries.sessions_between([find_base(base).id], start, end)
    seats = seats_left(rows)
    return paged(
        rows,
        limit=asked["limit"],
        cursor=asked["cursor"],
        key=lambda row: (int(row.start_at.timestamp()), row.id),
        show=lambda row: {
            "id": row.id,
            "kind": row.kind.slug,
            "title": row.title,
            "start": row.start_at,
            "end": row.end_at,
            "seats": row.seats,
            "seats_left": seats[row.id].left,
            "state": row.state,
        },
    )


@bp.get("/closures")
@bp.input(SpanPage, location="query", arg_name="asked")
@bp.output(ClosuresOut)
@bp.doc(responses=[404, 422])
def closures(base: str, asked: dict[str, Any]) -> dict[str, Any]:
    """List what is out of use at a base between two moments."""
    start, end = span(asked)
    rows = [row for row in resource_queries.closures_of(find_base(base).id, after=start) if row.start_at < end]
    return paged(
        rows,
        limit=asked["limit"],
        cursor=asked["cursor"],
        key=lambda row: (int(row.start_at.timestamp()), row.id),
        show=_closure,
    )


def span(asked: Mapping[str, Any]) -> tuple[datetime, datetime]:
    """Return from when to when is asked.

    Raises:
        errors.Invalid: it runs backwards, or is longer than `MOST_DAYS`.
    """
    start, end = asked["from_"], asked["to"]
    if end <= start:
        raise errors.Invalid({"to": _("The end must be later than the start.")})
    if end - start > timedelta(days=MOST_DAYS):
        raise errors.Invalid({"to": _("Please ask for %(days)s days at most.", days=MOST_DAYS)})
    return start, end


def _resource(row: Resource, slugs: Mapping[int, str]) -> dict[str, Any]:
    week = week_of(row.hours)
    return {
        "slug": row.slug,
        "name": row.name,
        "kind": row.kind,
        "capacity": row.capacity,
        "parent": slugs.get(row.parent_id or 0),
        "hours": None if week is None else [write(spans) for spans in week],
    }


def _kind(offer: Offered, there: Sequence[Resource]) -> dict[str, Any]:
    kind, rules = offer.kind, offer.rules()
    return {
        "slug": kind.slug,
        "title": str(kind.title),
        "summary": str(kind.summary),
        "mode": kind.mode,
        "approval": rules.needs_approval,
        "rules": in_words(rules),
        "legs": [
            {
                "kind": leg.kind,
                "of": [resource.slug for resource in there if fits(resource, leg)],
                "count": leg.count,
                "per_unit": leg.per_unit,
                "pick": leg.pick,
            }
            for leg in kind.legs
        ],
        "periods": [
            {
                "slug": period.slug,
                "label": str(period.label),
                "starts": f"{period.starts:%H:%M}",
                "ends": f"{period.ends:%H:%M}",
            }
            for period in kind.periods
        ],
        "waiting": rules.waiting,
        "series": rules.series,
        "terms": terms.terms() if rules.series else [],
        "form": json_schema(kind.fields),
    }


def _closure(row: Closure) -> dict[str, Any]:
    return {"resource": row.resource.slug, "start": row.start_at, "end": row.end_at, "reason": row.reason}
