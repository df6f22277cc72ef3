"""The list of an organisation's bookings, as its contacts see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from core.accounts.models import User
from core.booking import queries
from core.booking.models import Booking
from core.booking.pages.lines import positions
from core.booking.pages.words import listed
from core.organisations.queries import organisations

STATES = ("offered", "waitlisted", "submitted", "returned")

TO_ACT = ("offered", "returned")
"""States in which a booking lapses unless its contact does something."""


@dataclass(frozen=True)
class Filter:
    """A choice of bookings: its name in the address, label, and how many there are."""

    name: str
    label: str
    count: int


@dataclass(frozen=True)
class OwnPage:
    """A page of the list, with the names of the organisations.

    `to_act` are the choices in which something is kept for a time and waits for the reader; `positions` are those in
    waiting lists, by id; `next` is the cursor of the following page, or None.
    """

    organisations: str
    several: bool
    filters: Sequence[Filter]
    to_act: Sequence[Filter]
    shown: str
    bookings: Sequence[Booking]
    positions: Mapping[int, int]
    next: str | None


def page(actor: User, *, shown: str, cursor: str | None) -> OwnPage:
    """Return a page of the bookings of all organisations the actor is a contact of.

    Args:
        shown: "" for what is under way, `past`, or one of `STATES`; anything else counts as "".
        cursor: what the page before gave as `next`.
    """
    ids = actor.organisation_ids()
    counts = queries.counts_of(ids)
    filters = [
        Filter("", _("Under way"), counts["current"]),
        Filter("submitted", _("Waiting for approval"), counts["submitted"]),
        Filter("returned", _("To be changed"), counts["returned"]),
        Filter("offered", _("Offered to you"), counts["offered"]),
        Filter("waitlisted", _("On the waiting list"), counts["waitlisted"]),
        Filter("past", _("Closed"), counts["past"]),
    ]
    shown = shown if shown in {entry.name for entry in filters} else ""
    state = shown if shown in STATES else None
    found = queries.bookings_of(ids, state=state, current=None if state else shown != "past", cursor=cursor)
    mine = [organisation.name for organisation in organisations() if organisation.id in ids]
    to_act = [entry for entry in filters if entry.name in TO_ACT and entry.count and not shown]
    return OwnPage(
        organisations=listed(mine),
        several=len(mine) > 1,
        filters=filters,
        to_act=to_act,
        shown=shown,
        bookings=found.items,
        positions=positions(found.items),
        next=found.next,
    )
