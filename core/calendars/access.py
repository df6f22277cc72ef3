"""Who may read which calendar. Public ones are for everybody; a private one is asked for each time it is answered."""

from core.accounts.models import User
from core.accounts.roles import Role, allows
from core.bases.queries import visible_bases
from core.booking.models import Booking, Resource
from core.booking.resource_queries import instructors_with_account
from core.calendars import collections
from core.calendars.collections import Calendar

PUBLIC = frozenset({"portal", "base", "resource", "kind"})
"""Kinds of calendars that say nothing of persons and organisations."""


def calendars_of(user: User) -> list[Calendar]:
    """Return the calendars a user may follow: all private ones they may read, then the public ones."""
    return [*private_calendars(user), *collections.public_calendars()]


def private_calendars(user: User) -> list[Calendar]:
    """Return the private calendars that a user may read and that are there now."""
    found = (collections.find(key) for key in private_keys(user))
    return [calendar for calendar in found if calendar is not None]


def private_keys(user: User) -> list[str]:
    """Return the keys of the private calendars a user may read; whether each is there now, `collections.find` says."""
    return [
        f"user:{user.id}",
        *(f"organisation:{number}" for number in sorted(user.organisation_ids())),
        *(f"instructor:{resource.id}" for resource in _instructors(user)),
        *(f"desk:{base.id}" for base in visible_bases() if _may_read_desk(user, base.id)),
    ]


def may_read(user: User | None, key: str) -> bool:
    """Say whether a user, or a visitor (None), may read a calendar, now.

    Args:
        user: who asks, as the database has them now.
        key: of the calendar, “organisation:3”; whether there is one, `collections.find` says.
    """
    kind, _, number = key.partition(":")
    if kind in PUBLIC:
        return True
    if user is None or not user.active or not number.isdecimal():
        return False
    return _may_read_private(user, kind, int(number))


def _may_read_private(user: User, kind: str, number: int) -> bool:
    match kind:
        case "user":
            return number == user.id
        case "organisation":
            return allows(user, "booking.read_own", organisation_id=number)
        case "instructor":
            return number in {resource.id for resource in _instructors(user)}
        case "desk":
            return _may_read_desk(user, number)
    return False


def may_read_booking(user: User, booking: Booking) -> bool:
    """Say whether a booking may stand in a user's own calendar: theirs by role, and not only because they made it."""
    own = allows(user, "booking.read_own", organisation_id=booking.organisation_id)
    return own or _may_read_desk(user, booking.base_id)


def _may_read_desk(user: User, base_id: int) -> bool:
    return allows(user, "booking.decide", base_id=base_id)


def _instructors(user: User) -> list[Resource]:
    """Return the instructors whose calendar is the user's own, while they hold the role."""
    return instructors_with_account(user.id) if user.base_ids(Role.INSTRUCTOR) else []
