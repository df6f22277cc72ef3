"""How the states of bookings, sessions and announcements are shown: a word and an icon each."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l


@dataclass(frozen=True)
class Look:
    """How a state is shown: its word and the name of its icon."""

    label: object
    icon: str


STATES = {
    # bookings
    "held": Look(_l("Kept for now"), "hourglass-split"),
    "submitted": Look(_l("Submitted"), "send"),
    "in_review": Look(_l("In review"), "eye"),
    "returned": Look(_l("Returned for change"), "bell-fill"),
    "waitlisted": Look(_l("On the waiting list"), "people"),
    "offered": Look(_l("Place offered"), "bell-fill"),
    "confirmed": Look(_l("Confirmed"), "check-circle-fill"),
    "checked_in": Look(_l("Checked in"), "person-check"),
    "completed": Look(_l("Completed"), "check2-all"),
    "no_show": Look(_l("Not attended"), "person-x"),
    "rejected": Look(_l("Refused"), "x-octagon"),
    "cancelled": Look(_l("Cancelled"), "slash-circle"),
    "expired": Look(_l("Expired"), "clock-history"),
    # sessions and announcements
    "draft": Look(_l("Draft"), "pencil"),
    "published": Look(_l("Published"), "broadcast"),
    "scheduled": Look(_l("Scheduled"), "clock"),
    "archived": Look(_l("Archived"), "archive"),
    "trashed": Look(_l("In the recycle bin"), "trash"),
}


def state_look(state: str) -> Look:
    """Return word and icon of the state of a booking, session or announcement.

    Raises:
        KeyError: there is no such state.
    """
    return STATES[state]
