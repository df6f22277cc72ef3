"""Places kept while somebody fills in a form, in the API."""

from typing import Any

from apiflask import APIBlueprint

from core.bases.queries import find_base
from core.booking import holding
from core.booking.api import shown
from core.booking.api.asking import AskingIn, organisation_id, place_of, signed_in, token_needed
from core.booking.api.once import OnceHeader, once
from core.booking.kinds import offered

bp = APIBlueprint("holds_api", __name__, url_prefix="/api/v1/holds", tag="Bookings")
bp.before_request(token_needed)


@bp.post("")
@bp.input(OnceHeader, location="headers", arg_name="header")
@bp.input(AskingIn, arg_name="asked")
@bp.output(shown.BookingOut, status_code=201)
@bp.doc(responses=[403, 404, 409, 415, 422], security="token")
def hold(header: dict[str, Any], asked: dict[str, Any]) -> Any:
    """Keep a place for some minutes; `bookings/{ref}/submit` makes a booking of it."""
    actor = signed_in()
    base = find_base(asked["base"])
    kind = offered(base, asked["kind"]).kind
    wanted: dict[str, Any] = {
        "actor": actor,
        "organisation_id": organisation_id(actor, asked.get("organisation")),
        "base": base,
        "kind": kind,
        **place_of(base, kind, asked),
        "units": asked.get("units", 1),
    }
    made = once(lambda key: holding.hold(**wanted, retry_key=key), shown.booking, shown.remembered)
    return made, 201, {"Location": made["links"]["self"]}


@bp.delete("/<ref>")
@bp.output({}, status_code=204)
@bp.doc(responses=[404], security="token")
def release(ref: str) -> str:
    """Give a kept place back."""
    holding.release(actor=signed_in(), ref=ref)
    return ""
