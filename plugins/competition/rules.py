"""Rules across fields: the entry window, and a contestant in one team per event."""

from datetime import timedelta

from core.plugin_api import BookingRequest, Problem, moment, now, people_booked
from core.plugin_api import gettext as _

OPENS = timedelta(days=60)
CLOSES = timedelta(days=5)
"""Entries are taken from `OPENS` to `CLOSES` before the event begins. Both are examples."""

TEAM_KINDS = ("camp", "entry")


def problems(request: BookingRequest) -> list[Problem]:
    """Return what speaks against a booking at this base."""
    if request.kind not in TEAM_KINDS:
        return []
    found = one_team_each(request)
    if request.kind == "entry" and request.booking_id is None:  # a returned entry may be mended after the close
        found += entry_window(request)
    return found


def entry_window(request: BookingRequest) -> list[Problem]:
    """Refuse an entry before the window opens or after it has closed."""
    opens, closes = request.start - OPENS, request.start - CLOSES
    if now() < opens:
        text = _("Entries for this event are taken from %(day)s on. Please come back then.", day=moment(opens))
        return [Problem("entry_not_open", text)]
    if now() >= closes:
        text = _(
            "Entries for this event closed on %(day)s, because the workstations are drawn after that. "
            "Please choose a later event, or ask the base.",
            day=moment(closes),
        )
        return [Problem("entry_closed", text)]
    return []


def one_team_each(request: BookingRequest) -> list[Problem]:
    """Refuse a contestant who stands twice in this team, or already in another team of the same event."""
    if request.session_id is None:
        return []
    elsewhere = people_booked(request.session_id, except_booking=request.booking_id)
    seen: set[str] = set()
    found = []
    for position, person in enumerate(request.people, start=1):
        if person.index is None:
            continue
        if person.index in elsewhere:
            text = _(
                "Contestant %(position)s is already in another team of this event, and each can be in one team only. "
                "Please name somebody else, or let the other team cancel first.",
                position=position,
            )
            found.append(Problem("contestant_in_other_team", text, "contestants"))
        elif person.index in seen:
            text = _("Contestant %(position)s stands on this list twice. Please name somebody else.", position=position)
            found.append(Problem("contestant_twice", text, "contestants"))
        seen.add(person.index)
    return found
