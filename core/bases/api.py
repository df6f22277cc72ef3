"""The bases in the API."""

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Dict, List, Nested, String
from flask import url_for

from core import clock
from core.api_schemas import PageQuery, paged
from core.bases.models import Base
from core.bases.queries import find_base, visible_bases

bp = APIBlueprint("bases_api", __name__, url_prefix="/api/v1", tag="Bases")


class Colours(Schema):
    """A base's colours in one theme, as #rrggbb."""

    accent = String(required=True)
    tint = String(required=True)
    line = String(required=True)


class Themes(Schema):
    """A base's colours in both themes."""

    light = Nested(Colours, required=True)
    dark = Nested(Colours, required=True)


class BaseOut(Schema):
    """A training base."""

    slug = String(required=True)
    name = String(required=True)
    short_name = String(required=True)
    summary = String(required=True)
    colour = Nested(Themes, required=True)
    zone = String(required=True)
    links = Dict(keys=String(), values=String(), required=True)


class BasesOut(Schema):
    """A page of bases."""

    items = List(Nested(BaseOut), required=True)
    next = String(required=True, allow_none=True)


@bp.get("/bases")
@bp.input(PageQuery, location="query", arg_name="page")
@bp.output(BasesOut)
@bp.doc(responses=[422])
def bases(page: dict[str, Any]) -> dict[str, Any]:
    """List the bases."""
    return paged(visible_bases(), **page, key=lambda base: (base.position, base.slug), show=shown)


@bp.get("/bases/<base>")
@bp.output(BaseOut)
@bp.doc(responses=[404])
def one(base: str) -> dict[str, Any]:
    """Show one base."""
    return shown(find_base(base))


def shown(base: Base) -> dict[str, Any]:
    """Return a base as the API shows it."""
    return {
        "slug": base.slug,
        "name": base.name,
        "short_name": base.short_name,
        "summary": base.summary,
        "colour": base.declared["palette"],
        "zone": clock.ZONE.key,
        "links": {
            "page": url_for("bases.home", base=base.slug),
            "calendar": url_for("calendars.base_feed", base=base.slug),
            "resources": url_for("catalogue_api.resources", base=base.slug),
            "kinds": url_for("catalogue_api.kinds", base=base.slug),
            "sessions": url_for("catalogue_api.sessions", base=base.slug),
        },
    }
