"""What stands around every page: who is here, what they may open, where they are."""

from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from core.accounts.roles import Role, allows
from core.bases.models import Base
from core.bases.queries import visible_bases
from core.booking import delegations
from core.booking.queries import waiting_count
from core.notify.messages import unread_count
from core.organisations import queries as organisations

SECTIONS = (
    ("/manage/", "manage"),
    ("/bookings/", "bookings"),
    ("/calendar", "calendar"),
    ("/announcements/", "announcements"),
    ("/bases/", "bases"),
    ("/help", "help"),
)
WORKING = frozenset(Role) - {Role.CONTACT}
"""Roles with something to do in the manage pages."""


@dataclass(frozen=True)
class Chrome:
    """The frame of a page for the present reader.

    Attributes:
        section: the part of the main navigation that is open, or "".
        books: whether the reader is the contact of an organisation.
        manages: whether the reader has work in the manage pages.
        unread: number of unread messages.
    """

    section: str
    books: bool
    manages: bool
    unread: int


@dataclass(frozen=True)
class Item:
    """An entry of the manage navigation; `waiting` is the number of things that wait there."""

    label: str
    href: str
    icon: str
    current: bool
    waiting: int = 0


def chrome() -> Chrome:
    """Return the frame for the present request; asks the database only for signed-in readers."""
    section = "home" if request.path == "/" else ""
    section = next((name for start, name in SECTIONS if request.path.startswith(start)), section)
    if not current_user.is_authenticated:
        return Chrome(section, books=False, manages=False, unread=0)
    roles = {grant.role for grant in current_user.grants}
    return Chrome(
        section,
        books=Role.CONTACT in roles,
        manages=bool(roles & WORKING),
        unread=unread_count(current_user),
    )


def can(permission: str, base: Base | int | None = None, organisation: int | None = None) -> bool:
    """Say whether the present reader has a permission, at a base (row or id) or for an organisation (id)."""
    base_id = base.id if isinstance(base, Base) else base
    return allows(current_user, permission, base_id=base_id, organisation_id=organisation)


def manage_nav(base: Base | None) -> list[Item]:
    """Return the manage navigation for a base, or for the consortium when None, as far as the reader may go."""
    return _consortium_nav() if base is None else _base_nav(base)


def managed_bases() -> list[tuple[Base, list[Item]]]:
    """Return the bases at which the present reader has work, each with the entries of its navigation."""
    navs = [(base, _base_nav(base)) for base in visible_bases()]
    return [(base, items) for base, items in navs if items]


def _base_nav(base: Base) -> list[Item]:
    items = []
    slug = base.slug
    if can("base.see_schedule", base):
        items.append(_item(_("Today at the base"), "sun", "booking_manage.today", base=slug))
    if can("booking.decide", base):
        items.append(_item(_("Timeline"), "bar-chart-steps", "booking_manage.timeline", base=slug))
        waiting = waiting_count(base.id)
        items.append(_item(_("Bookings"), "inbox", "booking_manage.waiting", waiting, base=slug))
        items.append(_item(_("Waiting lists"), "people", "booking_manage.waiting_lists", base=slug))
    if can("session.manage", base):
        items.append(_item(_("Sessions"), "easel", "booking_manage.sessions", base=slug))
    if can("closure.manage", base):
        items.append(_item(_("Resources out of use"), "tools", "booking_manage.closures", base=slug))
    if can("base.settings", base):
        items.append(_item(_("Resources"), "box-seam", "booking_manage.resources", base=slug))
        items.append(_item(_("What can be booked"), "card-checklist", "booking_manage.kinds", base=slug))
    if can("content.write", base):
        items.append(_item(_("Announcements"), "megaphone", "content_manage.announcements", scope=slug))
        items.append(_item(_("Pages"), "file-text", "content_manage.pages", base=slug))
    if can("base.settings", base):
        items.append(_item(_("Opening hours"), "clock", "booking_manage.hours", base=slug))
        items.append(_item(_("Settings"), "sliders", "bases.settings", base=slug))
    return items


def _consortium_nav() -> list[Item]:
    items = [_item(_("Overview"), "grid", "web.manage")]
    if current_user.is_authenticated and delegations.concerns(current_user):
        items.append(_item(_("Waiting for me"), "inbox", "booking.waiting"))
    if can("organisation.manage"):
        waiting = organisations.waiting_count()
        items.append(_item(_("Account requests"), "person-plus", "organisations.requests", waiting))
        items.append(_item(_("Organisations"), "buildings", "organisations.index"))
        items.append(_item(_("Agreements and quotas"), "file-earmark-text", "agreements.index"))
    if can("instructor.manage"):
        items.append(_item(_("Instructors"), "person-video3", "instructors.index"))
    if can("account.manage"):
        items.append(_item(_("Accounts"), "people", "accounts.users"))
    if can("calendar.manage"):
        items.append(_item(_("Working calendar"), "calendar2-week", "bases_manage.years"))
        items.append(_item(_("Terms"), "mortarboard", "bases_manage.terms"))
    if can("content.consortium"):
        items.append(_item(_("Announcements"), "megaphone", "content_manage.announcements", scope="consortium"))
    if can("outbox.read"):
        items.append(_item(_("Outbox"), "envelope", "notify.outbox"))
    if can("plugin.manage"):
        items.append(_item(_("Plugins"), "plug", "plugins_manage.index"))
    return items


def _item(label: str, icon: str, endpoint: str, waiting: int = 0, **values: Any) -> Item:
    href = url_for(endpoint, **values)
    # The start pages lie above all others: they are open only when they are the very page.
    exact = endpoint in {"web.manage", "booking_manage.today"}
    current = request.path == href if exact else request.path.startswith(href)
    return Item(label, href, icon, current, waiting)
