"""Roles, and the one table that says which role may do what (DESIGN §6)."""

from enum import StrEnum
from typing import TYPE_CHECKING

from core import errors

if TYPE_CHECKING:
    from core.accounts.models import User


class Role(StrEnum):
    """A role is held for one base or one organisation, never globally but office and administrator."""

    CONTACT = "contact"
    INSTRUCTOR = "instructor"
    PUBLISHER = "publisher"
    MANAGER = "manager"
    OFFICE = "office"
    ADMINISTRATOR = "administrator"


PERMISSIONS: dict[str, frozenset[Role]] = {
    # at a base
    "base.see_schedule": frozenset({Role.INSTRUCTOR, Role.MANAGER, Role.OFFICE}),
    "base.settings": frozenset({Role.MANAGER, Role.OFFICE}),
    "content.write": frozenset({Role.PUBLISHER, Role.MANAGER, Role.OFFICE}),
    "content.publish": frozenset({Role.MANAGER, Role.OFFICE}),
    "session.manage": frozenset({Role.MANAGER, Role.OFFICE}),
    "closure.manage": frozenset({Role.MANAGER, Role.OFFICE}),
    "booking.decide": frozenset({Role.MANAGER, Role.OFFICE}),
    "booking.on_behalf": frozenset({Role.MANAGER, Role.OFFICE}),
    "booking.read_personal": frozenset({Role.MANAGER}),
    # for an organisation
    "booking.make": frozenset({Role.CONTACT}),
    "booking.read_own": frozenset({Role.CONTACT}),
    # for the consortium
    "organisation.manage": frozenset({Role.OFFICE, Role.ADMINISTRATOR}),
    "account.manage": frozenset({Role.OFFICE, Role.ADMINISTRATOR}),
    "calendar.manage": frozenset({Role.OFFICE}),
    "content.consortium": frozenset({Role.OFFICE}),
    "instructor.manage": frozenset({Role.OFFICE}),
    "outbox.read": frozenset({Role.ADMINISTRATOR}),
    "plugin.manage": frozenset({Role.ADMINISTRATOR}),
}
"""Permission → the roles that have it. A permission is asked for at a base, for an organisation, or for neither."""

GLOBAL = frozenset({Role.OFFICE, Role.ADMINISTRATOR})


def allows(
    user: "User | None", permission: str, *, base_id: int | None = None, organisation_id: int | None = None
) -> bool:
    """Say whether a user has a permission at a base, for an organisation, or (neither given) consortium-wide.

    Raises:
        KeyError: the permission is not in the table.
    """
    roles = PERMISSIONS[permission]
    if user is None or not user.is_authenticated or not user.active:
        return False
    return any(
        grant.role in roles
        and (
            grant.role in GLOBAL
            or (base_id is not None and grant.base_id == base_id)
            or (organisation_id is not None and grant.organisation_id == organisation_id)
        )
        for grant in user.grants
    )


def require(
    user: "User | None", permission: str, *, base_id: int | None = None, organisation_id: int | None = None
) -> None:
    """Refuse whoever lacks a permission; arguments as for `allows`.

    Raises:
        errors.Forbidden: the user does not have it.
    """
    if not allows(user, permission, base_id=base_id, organisation_id=organisation_id):
        raise errors.Forbidden
