"""What the schemas of the REST API share: moments, lists, the form of a refusal (API.md; RFC 3339, RFC 9457)."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from apiflask import Schema
from apiflask.fields import Field, Integer, List, Nested, String
from apiflask.validators import Length, Range
from flask_babel import lazy_gettext as _l
from marshmallow import ValidationError

from core import clock, errors

T = TypeVar("T")

UNREADABLE = _l("Write a time with date, time and offset. Example: 2026-12-08T09:00:00+08:00")
STRANGE = _l("This cursor was not given out by this list.")

MOST = 200
"""Entries of one page of a list, at most."""

MOST_DAYS = 366
"""Days that can be asked for at once, at most."""

LATEST = 2100
EARLIEST = 2000
"""Years that moments lie in."""


class Moment(Field[datetime]):
    """A moment as RFC 3339: any offset is taken in, none is refused; answered as the bases' clocks show it, +08:00."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return shown(value) if isinstance(value, datetime) else value

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        if not isinstance(value, str) or len(value) > 40 or "T" not in value.upper():
            raise ValidationError(str(UNREADABLE))
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise ValidationError(str(UNREADABLE)) from None
        if moment.tzinfo is None:
            raise ValidationError(str(_l("The offset is missing. Example: 2026-12-08T09:00:00+08:00")))
        if not EARLIEST <= moment.year < LATEST:
            raise ValidationError(str(_l("This year is out of range.")))
        return moment.astimezone(UTC).replace(microsecond=0)


def shown(moment: datetime) -> str:
    """Return a moment as the API writes it."""
    return clock.local(moment).isoformat(timespec="seconds")


def moment_field(**options: Any) -> Moment:
    """Return a field for a moment, described as one in the OpenAPI document."""
    metadata = {"type": "string", "format": "date-time", "example": "2026-12-08T09:00:00+08:00"}
    return Moment(metadata=metadata | options.pop("metadata", {}), **options)


class SpanQuery(Schema):
    """From when to when."""

    from_ = moment_field(data_key="from", required=True)
    to = moment_field(required=True)


class PageQuery(Schema):
    """Which part of a list."""

    limit = Integer(load_default=50, validate=Range(1, MOST))
    cursor = String(load_default=None, validate=Length(max=200))


class FieldProblem(Schema):
    """What is wrong with one value of the input."""

    pointer = String(required=True, metadata={"description": "JSON pointer (RFC 6901) into the input."})
    code = String(required=True)
    message = String(required=True)


class Taken(Schema):
    """Where something is taken; never by whom."""

    resource = String(required=True)
    start = moment_field(required=True)
    end = moment_field(required=True)


class OfferedLeg(Schema):
    """A resource that is free."""

    resource = String(required=True)


class Alternative(Schema):
    """What is free near what was asked for."""

    legs = List(Nested(OfferedLeg))
    session = Integer(allow_none=True)
    start = moment_field(required=True)
    end = moment_field(required=True)


class Occurrence(Schema):
    """One date of a series; `code` is empty when it fits."""

    day = String(required=True, metadata={"format": "date"})
    start = moment_field(required=True)
    end = moment_field(required=True)
    code = String(required=True)
    message = String(required=True)
    conflicts = List(Nested(Taken), required=True)
    alternatives = List(Nested(Alternative), required=True)


class Problem(Schema):
    """Why a request was not carried out (RFC 9457); `code` is stable, the texts follow Accept-Language."""

    type = String(required=True)
    title = String(required=True)
    status = Integer(required=True)
    detail = String()
    code = String(required=True)
    errors = List(Nested(FieldProblem))
    conflicts = List(Nested(Taken))
    alternatives = List(Nested(Alternative))
    occurrences = List(Nested(Occurrence))


def paged(
    rows: Sequence[T],
    *,
    limit: int,
    cursor: str | None,
    key: Callable[[T], Sequence[int | str]],
    show: Callable[[T], Any],
) -> dict[str, Any]:
    """Return one page of a short list that is read whole, as `{items, next}`.

    Args:
        rows: the whole list, in the order of `key`.
        limit, cursor: as in `PageQuery`.
        key: what the list is ordered by, different for each row.
        show: makes an entry of a row.

    Raises:
        errors.Invalid: the cursor is none that was given out.
    """
    after = read_cursor(cursor)
    if after is not None and any([type(part) for part in key(row)] != [type(part) for part in after] for row in rows):
        raise errors.Invalid({"cursor": STRANGE})
    rest = [row for row in rows if after is None or list(key(row)) > after]
    page = rest[:limit]
    return {
        "items": [show(row) for row in page],
        "next": write_cursor(key(page[-1])) if len(rest) > limit else None,
    }


def write_cursor(place: Sequence[int | str]) -> str:
    """Return a place in a list as a cursor."""
    return base64.urlsafe_b64encode(json.dumps(list(place)).encode()).decode().rstrip("=")


def read_cursor(cursor: str | None) -> list[int | str] | None:
    """Return the place that a cursor stands for.

    Raises:
        errors.Invalid: it is none that was given out.
    """
    if not cursor:
        return None
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        place = None
    if not isinstance(place, list) or not all(isinstance(part, int | str) for part in place):
        raise errors.Invalid({"cursor": STRANGE})
    return place
