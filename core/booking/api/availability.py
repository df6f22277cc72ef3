"""What is free at a base, resource by resource."""

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Integer, List, Nested, String
from apiflask.validators import Length
from flask import Response, json
from flask_babel import gettext as _

from core import errors
from core.api_schemas import SpanQuery, moment_field
from core.bases.models import Base
from core.bases.queries import find_base
from core.booking import free, resource_queries
from core.booking.api.catalogue import span
from core.booking.models import Resource
from core.db import db

bp = APIBlueprint("availability_api", __name__, url_prefix="/api/v1/bases/<base>", tag="Bases")

ZONE = timezone(timedelta(hours=8))
"""China's one zone, without summer time."""


class AvailabilityQuery(SpanQuery):
    """From when to when, and for which resources."""

    resource = List(
        String(validate=Length(max=60)),
        load_default=[],
        validate=Length(max=1000),
        metadata={"description": "Slugs; none: all of the base."},
    )


class FreeOut(Schema):
    """A span in which units are free the whole time."""

    start = moment_field(required=True)
    end = moment_field(required=True)
    units = Integer(required=True)


class ClosedOut(Schema):
    """A span in which nothing can be taken."""

    start = moment_field(required=True)
    end = moment_field(required=True)
    reason = String(required=True)


class ResourceAvailability(Schema):
    """A resource with its free and closed spans."""

    resource = String(required=True)
    capacity = Integer(required=True)
    free = List(Nested(FreeOut), required=True)
    closed = List(Nested(ClosedOut), required=True)


class AvailabilityOut(Schema):
    """What is free."""

    items = List(Nested(ResourceAvailability), required=True)


@bp.get("/availability")
@bp.input(AvailabilityQuery, location="query", arg_name="asked")
@bp.output(AvailabilityOut)
@bp.doc(responses=[404, 422])
def availability(base: str, asked: dict[str, Any]) -> Response:
    """Show when resources are free, with how many units, and when and why they are closed."""
    start, end = span(asked)
    row = find_base(base)
    found = free.availability(db.session(), row, _wanted(row, asked["resource"]), start, end)
    # Written without a schema: thousands of spans are only numbers and texts here.
    return Response(json.dumps({"items": [_shown(entry) for entry in found]}), content_type="application/json")


def _wanted(base: Base, slugs: Sequence[str]) -> list[Resource]:
    there = resource_queries.resources_of(base.id)
    missing = sorted(set(slugs) - {resource.slug for resource in there})
    if missing:
        raise errors.Invalid({"resource": _("There is no resource “%(slug)s” at this base.", slug=missing[0])})
    return [resource for resource in there if not slugs or resource.slug in slugs]


def _shown(entry: free.Availability) -> dict[str, Any]:
    return {
        "resource": entry.resource.slug,
        "capacity": entry.resource.capacity,
        "free": [{"start": _iso(part.start), "end": _iso(part.end), "units": part.units} for part in entry.free],
        "closed": [{"start": _iso(part.start), "end": _iso(part.end), "reason": part.reason} for part in entry.closed],
    }


@lru_cache(maxsize=20_000)
def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, ZONE).isoformat()
