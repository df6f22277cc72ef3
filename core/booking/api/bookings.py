"""Bookings in the API: made, read, and moved from state to state."""

from collections.abc import Callable
from typing import Any

from apiflask import APIBlueprint
from apiflask.fields import Dict, Integer, Raw, String
from apiflask.validators import Length, OneOf, Range

from core import errors
from core.accounts.models import User
from core.accounts.roles import allows, require
from core.api_schemas import STRANGE, PageQuery, moment_field, read_cursor
from core.bases.queries import any_base, find_base
from core.booking import approvals, changing, making, queries, waiting, workflow
from core.booking.api import shown
from core.booking.api.asking import (
    SLUG,
    BookingIn,
    PlaceIn,
    answers_of,
    organisation_id,
    picks_of,
    place_of,
    signed_in,
    token_needed,
    units_of,
)
from core.booking.api.once import OnceHeader, once
from core.booking.changing import Aim
from core.booking.kinds import offered
from core.booking.models import Booking
from core.booking.states import STATES
from core.db import db

bp = APIBlueprint("bookings_api", __name__, url_prefix="/api/v1/bookings", tag="Bookings")
bp.before_request(token_needed)


class BookingsQuery(PageQuery):
    """Which bookings: of one's own organisations, or (`base`) those of a base one manages."""

    state = String(load_default=None, validate=OneOf(STATES))
    base = String(load_default=None, validate=SLUG)
    from_ = moment_field(data_key="from", load_default=None)
    to = moment_field(load_default=None)


class DeedIn(PlaceIn):
    """What an action needs beside the booking."""

    reason = String(load_default="", validate=Length(max=2000))
    version = Integer(load_default=None, allow_none=True, validate=Range(1, 2**31 - 1))
    deadline = moment_field(load_default=None, allow_none=True)
    answers = Dict(keys=String(), values=Raw(allow_none=True), load_default=None, allow_none=True)


@bp.post("")
@bp.input(OnceHeader, location="headers", arg_name="header")
@bp.input(BookingIn, arg_name="asked")
@bp.output(shown.BookingOut, status_code=201)
@bp.doc(responses=[403, 404, 409, 415, 422], security="token")
def make(header: dict[str, Any], asked: dict[str, Any]) -> Any:
    """Make a booking, all or nothing."""
    actor = signed_in()
    base = find_base(asked["base"])
    kind = offered(base, asked["kind"]).kind
    cleaned = answers_of(kind, asked["answers"])
    wanted: dict[str, Any] = {
        "actor": actor,
        "organisation_id": organisation_id(actor, asked.get("organisation")),
        "base": base,
        "kind": kind,
        "cleaned": cleaned,
        **place_of(base, kind, asked),
        "units": units_of(kind, cleaned, asked.get("units")),
        "waitlist": asked["waitlist"],
    }
    made = once(lambda key: making.book(**wanted, retry_key=key), shown.booking, shown.remembered)
    return made, 201, {"Location": made["links"]["self"]}


@bp.get("")
@bp.input(BookingsQuery, location="query", arg_name="asked")
@bp.output(shown.BookingsOut)
@bp.doc(responses=[403, 404, 422], security="token")
def several(asked: dict[str, Any]) -> dict[str, Any]:
    """List bookings: your organisation's, or those of a base you manage."""
    actor = signed_in()
    if asked["cursor"] and [type(part) for part in read_cursor(asked["cursor"]) or ()] != [int, int]:
        raise errors.Invalid({"cursor": STRANGE})
    where = {name: asked[name] for name in ("state", "cursor", "limit")} | {"start": asked["from_"], "end": asked["to"]}
    if asked["base"] is None:
        page = queries.bookings_between(organisation_ids=actor.organisation_ids(), **where)
    else:
        base = any_base(asked["base"])
        require(actor, "booking.decide", base_id=base.id)
        page = queries.bookings_between(base_id=base.id, **where)
    return {"items": [shown.booking(row) for row in page.items], "next": page.next}


@bp.get("/<ref>")
@bp.output(shown.BookingOut)
@bp.doc(responses=[404], security="token")
def one(ref: str) -> dict[str, Any]:
    """Show a booking."""
    return shown.booking(readable(signed_in(), ref))


@bp.post("/<ref>/<any(submit, cancel, reschedule, approve, reject, return, accept):action>")
@bp.input(OnceHeader, location="headers", arg_name="header")
@bp.input(DeedIn, arg_name="asked")
@bp.output(shown.BookingOut)
@bp.doc(responses=[403, 404, 409, 415, 422], security="token")
def act(ref: str, action: str, header: dict[str, Any], asked: dict[str, Any]) -> Any:
    """Move a booking. `submit` is for a hold, and for one that was returned; `accept` takes a place that is offered."""
    actor = signed_in()
    row = readable(actor, ref)
    return once(DEEDS.get(action, _move(action))(actor, row, asked), shown.booking, shown.remembered)


Deed = Callable[[str | None], Booking]


def readable(actor: User, ref: str) -> Booking:
    """Return a booking that somebody may see: their organisation's, or one they decide on.

    Raises:
        errors.NotFound: there is none, or they may not know of it.
    """
    row = queries.find_booking(ref)
    own = allows(actor, "booking.read_own", organisation_id=row.organisation_id)
    if not own and not approvals.may_read(db.session(), actor, row):
        raise errors.NotFound
    return row


def _move(action: str) -> Callable[[User, Booking, dict[str, Any]], Deed]:
    def prepared(actor: User, row: Booking, asked: dict[str, Any]) -> Deed:
        told = {name: asked[name] for name in ("reason", "version", "deadline")}
        return lambda key: workflow.move(actor=actor, ref=row.ref, action=action, **told, retry_key=key)

    return prepared


def _submit(actor: User, row: Booking, asked: dict[str, Any]) -> Deed:
    kind = offered(row.base, row.kind.slug).kind
    cleaned = answers_of(kind, asked["answers"] or {})
    if not _began_as_hold(row):
        version = asked["version"]
        return lambda key: making.resubmit(actor=actor, ref=row.ref, cleaned=cleaned, version=version, retry_key=key)
    wanted: dict[str, Any] = {
        "actor": actor,
        "organisation_id": row.organisation_id,
        "base": row.base,
        "kind": kind,
        "cleaned": cleaned,
        "training_id": row.session_id,
        "start": row.start_at,
        "end": row.end_at,
        "picks": {int(position): tuple(ids) for position, ids in row.wish.items()},
        "units": None if kind.units_field else row.units,
        "hold_ref": row.ref,
    }
    return lambda key: making.book(**wanted, retry_key=key)


def _began_as_hold(row: Booking) -> bool:
    """Say whether the first form is (or was, when a request is sent twice) submitted for a place that is held."""
    steps = {step.action for step in row.history}
    return "hold" in steps and "return" not in steps


def _reschedule(actor: User, row: Booking, asked: dict[str, Any]) -> Deed:
    kind = offered(row.base, row.kind.slug).kind
    picks = picks_of(row.base, kind, asked["legs"], asked.get("units")) if "legs" in asked else None
    aim = Aim(asked.get("start"), asked.get("end"), asked.get("session"), picks, asked.get("units"))
    told = {"reason": asked["reason"], "version": asked["version"]}
    return lambda key: changing.reschedule(actor=actor, ref=row.ref, aim=aim, **told, retry_key=key)


def _accept(actor: User, row: Booking, asked: dict[str, Any]) -> Deed:
    return lambda key: waiting.accept(actor=actor, ref=row.ref, version=asked["version"], retry_key=key)


DEEDS: dict[str, Callable[[User, Booking, dict[str, Any]], Deed]] = {
    "submit": _submit,
    "reschedule": _reschedule,
    "accept": _accept,
}
