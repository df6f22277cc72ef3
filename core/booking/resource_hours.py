"""What managers set about the hours of a resource, beside those of its base; for instructors the office does."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from core import audit, errors
from core.accounts import roles
from core.accounts.models import User
from core.bases.hours import Spans
from core.bases.setting_hours import PERMISSION, check_days, drop_days, replace_days, replace_week
from core.booking.models import Resource, ResourceDay, ResourceHours
from core.db import write

INSTRUCTORS = "instructor.manage"
"""The permission for resources that belong to no base."""


def may(actor: User, resource: Resource) -> None:
    """Refuse whoever may not set a resource's hours.

    Raises:
        errors.Forbidden: the actor manages neither its base nor, for an instructor, the consortium.
    """
    if resource.base_id is None:
        roles.require(actor, INSTRUCTORS)
    else:
        roles.require(actor, PERMISSION, base_id=resource.base_id)


def set_week(*, actor: User, resource_id: int, week: Sequence[Spans]) -> None:
    """Set a resource's weekly hours; all days empty, or as declared: the declared ones, else its base's.

    Raises:
        errors.Forbidden, errors.NotFound: the actor may not, or there is no such resource.
    """
    with write() as session:
        resource = _resource(session, actor, resource_id)
        replace_week(session, resource, ResourceHours, week)
        _record(session, actor, "hours", resource)


def set_days(*, actor: User, resource_id: int, first: date, last: date, spans: Spans, note: str) -> None:
    """Set when a resource can be used from one day to another; arguments as for `bases.setting_hours.set_days`.

    Raises:
        errors.Forbidden, errors.NotFound: the actor may not, or there is no such resource.
        errors.Invalid: the days make no sense.
    """
    check_days(first, last)
    with write() as session:
        resource = _resource(session, actor, resource_id)
        replace_days(session, resource, ResourceDay, first=first, last=last, spans=spans, note=note)
        _record(session, actor, "special_days", resource)


def remove_days(*, actor: User, resource_id: int, first: date, last: date) -> None:
    """Let a resource be used as usual from one day to another.

    Raises:
        errors.Forbidden, errors.NotFound: the actor may not, or there is no such resource.
    """
    with write() as session:
        resource = _resource(session, actor, resource_id)
        drop_days(session, resource, first, last)
        _record(session, actor, "usual_days", resource)


def _resource(session: Session, actor: User, resource_id: int) -> Resource:
    # The lock of claims: who books meanwhile sees the hours as they were, or as they will be.
    resource = session.get(Resource, resource_id, with_for_update={"key_share": True})
    if resource is None or resource.archived_at is not None:
        raise errors.NotFound
    may(actor, resource)
    return resource


def _record(session: Session, actor: User, verb: str, resource: Resource) -> None:
    audit.record(session, actor_id=actor.id, action=f"resource.{verb}", subject=f"resource:{resource.id}")
