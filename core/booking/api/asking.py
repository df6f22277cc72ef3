"""What a program asks for, put into the words of the services: legs as picks, answers as a filled-in form."""

from collections.abc import Mapping, Sequence
from typing import Any

from apiflask import Schema
from apiflask.fields import Boolean, Dict, Integer, List, Nested, Raw, String
from apiflask.validators import Length, Range
from flask_babel import gettext as _
from flask_login import current_user

from core import errors
from core.accounts.models import User
from core.api_schemas import moment_field
from core.bases.models import Base
from core.booking import legs
from core.booking.models import Resource
from core.db import db
from core.errors import DomainError
from core.intake import answers
from core.intake.answers import Cleaned
from core.intake.schema import json_schema
from core.organisations.queries import find_organisation
from core.plugins.declarations import BookingKind, Leg

SLUG = Length(min=1, max=60)
JSON_TYPES: Mapping[str, tuple[type, ...]] = {"string": (str,), "integer": (int,), "number": (int, float)}
UNITS = Range(1, 10_000)


class SignInNeeded(DomainError):
    """The call needs a bearer token."""

    status = 401
    code = "unauthorized"


class LegIn(Schema):
    """What is wanted for one leg of the kind, in the order of the kind's legs."""

    resource = String(validate=SLUG)
    any_of = List(String(validate=SLUG), validate=Length(min=1, max=200))
    count = Integer(validate=Range(1, 200))
    units = Integer(validate=UNITS)


class PlaceIn(Schema):
    """Where and when: a session, or legs and a time."""

    session = Integer(allow_none=True, validate=Range(1, 2**31 - 1))
    legs = List(Nested(LegIn), validate=Length(max=20))
    start = moment_field(allow_none=True)
    end = moment_field(allow_none=True)
    units = Integer(validate=UNITS)


class AskingIn(PlaceIn):
    """What is asked for, and for whom."""

    base = String(required=True, validate=SLUG)
    kind = String(required=True, validate=SLUG)
    organisation = String(validate=SLUG, metadata={"description": "Its slug; your own if left out."})


class BookingIn(AskingIn):
    """A booking to be made."""

    answers = Dict(keys=String(), values=Raw(allow_none=True), load_default=dict)
    waitlist = Boolean(load_default=False)


def signed_in() -> User:
    """Return who asks.

    Raises:
        SignInNeeded: nobody: there is no token.
    """
    if not current_user.is_authenticated:
        raise SignInNeeded(_("This needs a bearer token."))
    user: User = current_user._get_current_object()
    return user


def token_needed() -> None:
    """Refuse whoever brings no token, before their input is looked at: `before_request` of blueprints."""
    signed_in()


def organisation_id(actor: User, slug: str | None) -> int:
    """Return the organisation that is booked for: the one named, or the actor's only one.

    Raises:
        errors.Invalid: there is none of this name, or it has to be named.
    """
    if slug is not None:
        found = find_organisation(slug)
        if found is None:
            raise errors.Invalid({"organisation": _("There is no organisation “%(slug)s”.", slug=slug)})
        return found.id
    own = actor.organisation_ids()
    if len(own) != 1:
        raise errors.Invalid({"organisation": _("Please name the organisation.")})
    return next(iter(own))


def picks_of(base: Base, kind: BookingKind, wanted: Sequence[Mapping[str, Any]], units: int | None) -> legs.Picks:
    """Return legs as picks.

    Raises:
        errors.Invalid: a resource is not there, or a leg cannot be served like this; by pointer.
    """
    if len(wanted) > len(kind.legs):
        raise errors.Invalid({"legs": _("This kind has %(count)s legs.", count=len(kind.legs))})
    named = {slug for asked in wanted for slug in (asked.get("resource"), *asked.get("any_of", ())) if slug}
    there = {resource.slug: resource for resource in legs.serving(db.session(), base, slugs=named)} if named else {}
    problems: dict[str, object] = {}
    picks: dict[int, tuple[int, ...]] = {}
    for position, (leg, asked) in enumerate(zip(kind.legs, wanted, strict=False)):
        problems |= _mistakes(f"legs/{position}", leg, asked, there, units)
        chosen = asked.get("any_of") or ([asked["resource"]] if "resource" in asked else [])
        if chosen and not problems:
            picks[position] = tuple(there[slug].id for slug in chosen)
    if problems:
        raise errors.Invalid(problems)
    return picks


def place_of(base: Base, kind: BookingKind, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return where and when, as `making.book` and `holding.hold` take it.

    Raises:
        errors.Invalid: as `picks_of`; or a session is named for what is booked by time.
    """
    if asked.get("session") is not None and kind.mode != "session":
        raise errors.Invalid({"session": _("This is booked by time. Please leave the session out.")})
    return {
        "training_id": asked.get("session"),
        "start": asked.get("start"),
        "end": asked.get("end"),
        "picks": picks_of(base, kind, asked.get("legs", ()), asked.get("units")),
    }


def answers_of(kind: BookingKind, given: Mapping[str, Any]) -> Cleaned:
    """Return answers as a filled-in form.

    Raises:
        errors.Invalid: an answer is missing, unknown or cannot be used; by pointer.
    """
    shapes = json_schema(kind.fields)["properties"]
    strange: dict[str, object] = {name: _("The form has no such field.") for name in given if name not in shapes}
    for name, value in given.items():
        if name in shapes and value is not None and not _has_shape(value, shapes[name]):
            strange[name] = _("This is of another type than the form asks for.")
    if strange:
        raise errors.Invalid(under_answers(strange))
    try:
        return answers.from_values(kind.fields, given)
    except errors.Invalid as error:
        raise errors.Invalid(under_answers(error.problems)) from error


def under_answers(problems: Mapping[str, object]) -> dict[str, object]:
    """Return problems of a form by where they stand in the input."""
    return {f"answers/{name}" if name else "answers": message for name, message in problems.items()}


def units_of(kind: BookingKind, cleaned: Cleaned, asked: int | None) -> int | None:
    """Return how many units are asked for; None where the form says it.

    Raises:
        errors.Invalid: the form says something else.
    """
    if kind.units_field is None or asked is None:
        return asked
    counted = cleaned.count(kind.units_field)
    if asked != counted:
        raise errors.Invalid({"units": _("The form says %(count)s.", count=counted)})
    return None


def _has_shape(value: Any, shape: Mapping[str, Any]) -> bool:
    """Say whether an answer is of the JSON type that the form's schema asks for; the form itself checks the rest."""
    if shape.get("type") == "array":
        return isinstance(value, list) and all(_has_shape(entry, shape["items"]) for entry in value)
    if shape.get("type") == "object":
        columns = shape["properties"]
        return isinstance(value, dict) and all(
            name in columns and _has_shape(entry, columns[name]) for name, entry in value.items()
        )
    if isinstance(value, bool):
        return shape.get("type") == "boolean" or shape.get("const") is True
    return isinstance(value, JSON_TYPES.get(shape.get("type", "string"), ()))


def _mistakes(
    place: str, leg: Leg, asked: Mapping[str, Any], there: Mapping[str, Resource], units: int | None
) -> dict[str, object]:
    found: dict[str, object] = {}
    if "resource" in asked and "any_of" in asked:
        found[place] = _("Please name either one resource or several to choose from.")
    if asked.get("count", leg.count) != leg.count:
        found[f"{place}/count"] = _("Each booking takes %(count)s.", count=leg.count)
    if asked.get("units", units or 1) != ((units or 1) if leg.per_unit else 1):
        found[f"{place}/units"] = _("This leg takes %(count)s.", count=(units or 1) if leg.per_unit else 1)
    names = [("resource", asked["resource"])] if "resource" in asked else []
    names += [(f"any_of/{number}", slug) for number, slug in enumerate(asked.get("any_of", ()))]
    for name, slug in names:
        if slug not in there or not legs.fits(there[slug], leg):
            found[f"{place}/{name}"] = _("“%(slug)s” cannot serve this leg.", slug=slug)
    return found
