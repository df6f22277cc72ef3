"""What stands around every page: who is here, what they may open, where they are."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from core.accounts.roles import Role, allows
from core.bases.models import Base
from core.bases.queries import visible_bases
from core.booking import delegations
from core.booking.queries import waiting_count
from core.content import types
from core.content.reviewing import count as reviews
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
    """An entry of the manage navigation; `waiting` is the number of things that wait there, `group` its heading."""

    label: str
    href: str
    icon: str
    current: bool
    waiting: int = 0
    group: str = ""


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
    return [
        *_grouped(_("Day by day"), _daily(base)),
        *_grouped(_("Content"), _content(base)),
        *_grouped(_("Set up the base"), _set_up(base)),
    ]


def _daily(base: Base) -> Iterator[Item]:
    slug = base.slug
    if can("booking.decide", base):
        yield _item(_("Today at the base"), "sun", "booking_manage.today", base=slug)
        yield _item(_("Bookings"), "inbox", "booking_manage.waiting", waiting_count(base.id), base=slug)
        yield _item(_("Timeline"), "bar-chart-steps", "booking_manage.timeline", base=slug)
    if can("base.see_schedule", base):
        yield _item(_("Day sheet"), "calendar2-day", "booking_manage.schedule", base=slug)
    if can("session.manage", base):
        yield _item(_("Sessions"), "easel", "booking_manage.sessions", base=slug)
    if can("booking.decide", base):
        yield _item(_("Waiting lists"), "people", "booking_manage.waiting_lists", base=slug)
    if can("closure.manage", base):
        yield _item(_("Resources out of use"), "tools", "booking_manage.closures", base=slug)


def _content(base: Base) -> Iterator[Item]:
    if can("content.write", base):
        yield _item(_("Announcements"), "megaphone", "content_manage.announcements", scope=base.slug)
        yield _item(_("Pages"), "file-text", "content_pages.index", scope=base.slug)
        for kind in types.of_base(base.slug):
            yield _item(str(kind.plural), kind.icon, "content_typed.items", scope=base.slug, type=kind.slug)
        yield _item(_("Pictures and files"), "images", "media_manage.index", scope=base.slug)
        # To who writes, the number would say that there is something to do.
        waits = reviews(base.id) if can("content.publish", base) else 0
        yield _item(_("Waiting for review"), "eye", "content_desk.review", waits, scope=base.slug)
        yield _item(_("Recycle bin"), "trash", "content_desk.bin", scope=base.slug)


def _set_up(base: Base) -> Iterator[Item]:
    if can("base.settings", base):
        yield _item(_("Resources"), "box-seam", "booking_manage.resources", base=base.slug)
        yield _item(_("What can be booked"), "card-checklist", "booking_manage.kinds", base=base.slug)
        yield _item(_("Opening hours"), "clock", "booking_manage.hours", base=base.slug)
        yield _item(_("Settings"), "sliders", "bases.settings", base=base.slug)


def _consortium_nav() -> list[Item]:
    return [
        *_mine(),
        *_grouped(_("Organisations and people"), _partners()),
        *_grouped(_("Teaching calendar"), _teaching_calendar()),
        *_grouped(_("Website"), _website()),
    ]


def _mine() -> Iterator[Item]:
    yield _item(_("Overview"), "grid", "web.manage")
    if current_user.is_authenticated and delegations.concerns(current_user):
        yield _item(_("Waiting for me"), "inbox", "booking.waiting")


def _partners() -> Iterator[Item]:
    if can("organisation.manage"):
        yield _item(_("Account requests"), "person-plus", "organisations.requests", organisations.waiting_count())
        yield _item(_("Organisations"), "buildings", "organisations.index")
        yield _item(_("Agreements and quotas"), "file-earmark-text", "agreements.index")
    if can("instructor.manage"):
        yield _item(_("Instructors"), "person-video3", "instructors.index")
    if can("account.manage"):
        yield _item(_("Accounts"), "people", "accounts.users")


def _teaching_calendar() -> Iterator[Item]:
    if can("calendar.manage"):
        yield _item(_("Working calendar"), "calendar2-week", "bases_manage.years")
        yield _item(_("Terms"), "mortarboard", "bases_manage.terms")


def _website() -> Iterator[Item]:
    if can("content.consortium"):
        yield _item(_("Announcements"), "megaphone", "content_manage.announcements", scope="consortium")
        yield _item(_("Pages"), "file-text", "content_pages.index", scope="consortium")
        yield _item(_("Pictures and files"), "images", "media_manage.index", scope="consortium")
        yield _item(_("Recycle bin"), "trash", "content_desk.bin", scope="consortium")
        framing = _item(_("Banner and footer"), "card-heading", "portal_manage.edit_frame")
        front = _item(_("Front page"), "window", "portal_manage.index")
        yield replace(front, current=front.current and not framing.current)  # its address begins like the other's
        yield framing
        yield _item(_("Content without its plugin"), "plug", "content_typed.left")
        yield _item(_("Synonyms of the search"), "search", "search.table")
    if can("outbox.read"):
        yield _item(_("Outbox"), "envelope", "notify.outbox")
    if can("plugin.manage"):
        yield _item(_("Plugins"), "plug", "plugins_manage.index")


def _grouped(group: str, items: Iterable[Item]) -> list[Item]:
    return [replace(item, group=group) for item in items]


def _item(label: str, icon: str, endpoint: str, waiting: int = 0, **values: Any) -> Item:
    href = url_for(endpoint, **values)
    # The start pages lie above all others: they are open only when they are the very page.
    exact = endpoint in {"web.manage", "booking_manage.today"}
    current = request.path == href if exact else request.path.startswith(href)
    return Item(label, href, icon, current, waiting)
