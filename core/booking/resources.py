"""What a manager does with a base's resources: name them, add own ones, put them together, take them out of service.

What is booked ahead stands: a change that would break it is refused, and says what is in the way.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import audit, clock, db, errors, events, versions
from core.accounts import roles
from core.accounts.models import User
from core.booking.allocation import lock, taken
from core.booking.errors import InUse
from core.booking.events import ResourceChanged
from core.booking.families import parts_of
from core.booking.legs import INSTRUCTOR
from core.booking.models import SEATS_SLUG, Allocation, Resource
from core.booking.spans import peak
from core.booking.sync import FAR, WITHDRAWN, settle_parents, taken_whole
from core.localised import LANGUAGES, freeze

LONGEST_PREPARATION = timedelta(hours=24)
"""Set-up and clean-up are shorter than a day; what takes longer is a closure."""

MOST_UNITS = 10_000
TAKEN_SLUGS = frozenset({"new", "import"})
"""Addresses beside those of resources."""

KIND = re.compile(r"[a-z][a-z_]{0,29}")


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a manager may set of every resource.

    Attributes:
        name: what people call it; "" for a declared one: the declared name.
        setup, cleanup: taken around each booked time from now on; None: as declared.
        position: its place in lists; those of the same place in order of their making.
    """

    name: str
    setup: timedelta | None = None
    cleanup: timedelta | None = None
    position: int | None = None


@dataclass(frozen=True, kw_only=True)
class Own:
    """What a manager says of a resource of his own.

    Attributes:
        kind: a word that legs of booking kinds ask for.
        capacity: units that can be taken at one instant; one with parts has theirs.
        parent_id: the resource of the same base that it is a part of.
        facts: pairs of label and value for the equipment table.
    """

    kind: str
    capacity: int = 1
    parent_id: int | None = None
    facts: Sequence[tuple[str, str]] = ()


def add(*, actor: User, base_id: int, shown: Shown, own: Own) -> Resource:
    """Add a resource of the base's own, which no plugin declares and no upgrade takes away.

    Raises:
        errors.Forbidden: the actor does not manage the base.
        errors.Invalid: something cannot be used, by field.
        InUse: the resource it is to be a part of is booked as a whole.
    """
    with db.write() as session:
        roles.require(actor, "base.settings", base_id=base_id)
        there = lock_base(session, base_id)
        resource = add_own(session, there, actor=actor, base_id=base_id, shown=shown, own=own)
        settle_parents(session, there.values())
    return resource


def add_own(
    session: Session, there: dict[int, Resource], *, actor: User, base_id: int, shown: Shown, own: Own
) -> Resource:
    """Add an own resource in the open transaction; `there` holds the base's, locked, and takes it up. See `add`."""
    _check(shown, own, needs_name=True)
    resource = Resource(
        base_id=base_id,
        slug=_free_slug(shown.name, {row.slug for row in there.values()}),
        kind=own.kind,
        own=True,
        declared={"name": freeze(shown.name.strip())},
        capacity=own.capacity,
        position=shown.position or max((row.position for row in there.values()), default=0) + 1,
    )
    _describe(resource, shown, own)
    if own.parent_id is not None:
        _hang(session, there, resource, own.parent_id)
    session.add(resource)
    session.flush()
    there[resource.id] = resource
    _record(session, resource, "add", actor)
    return resource


def change(*, actor: User, resource_id: int, shown: Shown, own: Own | None = None) -> Resource:
    """Change a resource; what is booked keeps the set-up and clean-up it was booked with.

    Args:
        own: for a resource of the base's own; of a declared one these are the plugin's.

    Raises:
        errors.NotFound, errors.Forbidden: there is none, or the actor does not manage its base.
        errors.Invalid: something cannot be used, by field; fewer units than are taken are refused.
        InUse: it is booked, and would become a part of something else.
    """
    with db.write() as session:
        resource, there = _locked(session, resource_id, actor)
        _check(shown, own if resource.own else None, needs_name=resource.own)
        if resource.own and own is not None:
            _change_own(session, there, resource, shown, own)
        else:
            declared = resource.declared["name"]
            name = shown.name.strip()
            resource.name_set = None if name in {"", *(declared.get(language) for language in LANGUAGES)} else name
            resource.setup_set = _differing(shown.setup, resource.declared.get("setup", 0))
            resource.cleanup_set = _differing(shown.cleanup, resource.declared.get("cleanup", 0))
        if shown.position is not None:
            resource.position = shown.position
        settle_parents(session, there.values())
        _record(session, resource, "change", actor)
    return resource


def retire(*, actor: User, resource_id: int) -> Resource:
    """Take a resource out of service for good: it can no longer be booked, its past stays.

    Raises:
        errors.NotFound, errors.Forbidden: there is none, or the actor may not.
        errors.StateChanged: it is out of service already.
        InUse: something is booked ahead, which has to be moved or cancelled first.
    """
    with db.write() as session:
        resource, there = _locked(session, resource_id, actor)
        if resource.archived_at is not None:
            raise errors.StateChanged
        if _is_ahead(session, [resource.id]):
            raise InUse(
                _("%(name)s is booked ahead. Please move or cancel this first.", name=resource.name), [resource.id]
            )
        resource.archived_at = clock.now()
        session.flush()
        settle_parents(session, there.values())
        _record(session, resource, "retire", actor)
    return resource


def bring_back(*, actor: User, resource_id: int) -> Resource:
    """Bring a resource back into service.

    Raises:
        errors.NotFound, errors.Forbidden: there is none, or the actor may not.
        errors.StateChanged: it is in service, or its plugin no longer declares it.
        InUse: a part of it, or what it is a part of, is booked ahead in a way that would take it too.
    """
    with db.write() as session:
        resource, there = _locked(session, resource_id, actor)
        if resource.archived_at is None or WITHDRAWN in resource.declared:
            raise errors.StateChanged
        parts = [number for number in parts_of(there, resource.id) if there[number].archived_at is None]
        if _is_ahead(session, parts):
            raise InUse(
                _("Parts of %(name)s are booked ahead. Please wait, or move these first.", name=resource.name), parts
            )
        if resource.parent_id is not None:
            _refuse_whole(session, there, resource.parent_id)
        resource.archived_at = None
        session.flush()
        settle_parents(session, there.values())
        _record(session, resource, "bring_back", actor)
    return resource


def lock_base(session: Session, base_id: int | None) -> dict[int, Resource]:
    """Lock a base's resources, lowest id first, and return them all, those out of service too; without sessions' seats.

    Args:
        base_id: None: the consortium's instructors.
    """
    seats = Resource.slug.startswith(SEATS_SLUG, autoescape=True)
    every = select(Resource).where(Resource.base_id.is_(None) if base_id is None else Resource.base_id == base_id)
    every = every.where(~seats).order_by(Resource.id)
    lock(session, [resource.id for resource in session.scalars(every) if resource.archived_at is None])
    found = session.scalars(every.with_for_update(key_share=True).execution_options(populate_existing=True))
    return {resource.id: resource for resource in found}


def _locked(session: Session, resource_id: int, actor: User) -> tuple[Resource, dict[int, Resource]]:
    """Lock a resource with all others of its base, once the actor may change it."""
    seen = session.get(Resource, resource_id)
    if seen is None or seen.slug.startswith(SEATS_SLUG):
        raise errors.NotFound
    if seen.base_id is None:
        roles.require(actor, "instructor.manage")
    else:
        roles.require(actor, "base.settings", base_id=seen.base_id)
    there = lock_base(session, seen.base_id)
    return there[resource_id], there


def _change_own(session: Session, there: Mapping[int, Resource], resource: Resource, shown: Shown, own: Own) -> None:
    if own.parent_id != resource.parent_id:
        if own.parent_id is not None:
            _hang(session, there, resource, own.parent_id)
        if resource.parent_id is not None:
            _refuse_whole(session, there, resource.parent_id)
        if _is_ahead(session, [resource.id]):
            raise InUse(
                _(
                    "%(name)s is booked ahead, and these bookings hold what it is a part of. "
                    "Please move or cancel them first.",
                    name=resource.name,
                ),
                [resource.id],
            )
        resource.parent_id = own.parent_id
    if resource.id not in {part.parent_id for part in there.values() if part.archived_at is None}:
        _check_units(session, there, resource, own.capacity)
    resource.kind = own.kind
    _describe(resource, shown, own)


def _check_units(session: Session, there: Mapping[int, Resource], resource: Resource, capacity: int) -> None:
    """Refuse fewer units than are taken, and more while what it is a part of is booked as a whole."""
    if capacity > resource.capacity and resource.parent_id is not None:
        _refuse_whole(session, there, resource.parent_id)
    if capacity >= resource.capacity:
        return
    now = clock.now()
    needed = peak((entry.span for entry in taken(session, [resource.id], now, FAR)), now, FAR)
    if needed > capacity:
        raise errors.Invalid(
            {"capacity": _("%(needed)s units are taken at one time ahead; there cannot be fewer.", needed=needed)}
        )


def _hang(session: Session, there: Mapping[int, Resource], resource: Resource, parent_id: int) -> None:
    """Make a resource a part of another.

    Raises:
        errors.Invalid: the other is none of the base's in service, or a part of the resource itself.
        InUse: the other is booked as a whole, and this booking would not take the new part.
    """
    parent = there.get(parent_id)
    if parent is None or parent.archived_at is not None or parent.kind == INSTRUCTOR:
        raise errors.Invalid({"parent_id": _("Please choose a resource of this base that is in service.")})
    if resource.id is not None and parent_id in {resource.id, *parts_of(there, resource.id)}:
        raise errors.Invalid({"parent_id": _("A resource cannot be a part of itself or of one of its parts.")})
    _refuse_whole(session, there, parent_id)
    resource.parent_id = parent_id


def _refuse_whole(session: Session, there: Mapping[int, Resource], parent_id: int) -> None:
    """Refuse to change the parts of what is booked as a whole: the booking holds those it was made with."""
    whole = taken_whole(session, there, parent_id)
    if whole:
        name = there[whole[0]].name
        raise InUse(_("%(name)s is booked as a whole ahead. Please move or cancel this first.", name=name), whole)


def _is_ahead(session: Session, resource_ids: Collection[int]) -> bool:
    ahead = select(func.count()).where(
        Allocation.resource_id.in_(resource_ids), Allocation.active, Allocation.end_at > clock.now()
    )
    return bool(session.scalar(ahead))


def _check(shown: Shown, own: Own | None, *, needs_name: bool) -> None:
    problems: dict[str, object] = {}
    if needs_name and not shown.name.strip():
        problems["name"] = _("Please give it a name.")
    elif len(shown.name.strip()) > 120:
        problems["name"] = _("A name has 120 characters at most.")
    for field, span in (("setup", shown.setup), ("cleanup", shown.cleanup)):
        if span is not None and not timedelta() <= span <= LONGEST_PREPARATION:
            problems[field] = _("From 0 minutes to 24 hours; for what takes longer please enter a closure.")
    if shown.position is not None and not 0 < shown.position < 100_000:
        problems["position"] = _("Please give a place from 1 on.")
    if own is not None:
        if not KIND.fullmatch(own.kind) or own.kind == INSTRUCTOR:
            problems["kind"] = _("Please choose the kind of resource.")
        if not 1 <= own.capacity <= MOST_UNITS:
            problems["capacity"] = _("Please give a number from 1 to %(most)s.", most=MOST_UNITS)
    if problems:
        raise errors.Invalid(problems)


def _describe(resource: Resource, shown: Shown, own: Own) -> None:
    """Write what an own resource says where a declared one keeps its declaration."""
    resource.declared = {
        "name": freeze(shown.name.strip()),
        "facts": [[freeze(label), freeze(value)] for label, value in own.facts],
        "setup": _seconds(shown.setup) or 0,
        "cleanup": _seconds(shown.cleanup) or 0,
        "capacity": own.capacity,
    }


def _free_slug(name: str, known: set[str]) -> str:
    """Return an address for an own resource: the name where it can be one, else `r-1`, `r-2`…"""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:30]
    if re.fullmatch(r"[a-z][a-z0-9-]{2,}", plain) and plain not in known | TAKEN_SLUGS:
        return plain
    return next(slug for slug in (f"r-{number}" for number in range(1, len(known) + 2)) if slug not in known)


def _differing(span: timedelta | None, declared: int) -> int | None:
    """Return what is set instead of a declared span, in seconds; None: nothing."""
    seconds = _seconds(span)
    return None if seconds == declared else seconds


def _seconds(span: timedelta | None) -> int | None:
    return None if span is None else int(span.total_seconds())


def _record(session: Session, resource: Resource, action: str, actor: User) -> None:
    versions.touch(session, "site")  # what addresses mean, in every process
    audit.record(session, actor_id=actor.id, action=f"resource.{action}", subject=f"resource:{resource.id}")
    events.publish(session, ResourceChanged(resource, action, actor.id))
