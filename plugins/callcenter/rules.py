"""The rule across fields: nobody under 18 works the night shift."""

from datetime import date

from core.plugin_api import ZONE, BookingRequest, Problem
from core.plugin_api import gettext as _

from .kinds import NIGHT_STARTS


def problems(request: BookingRequest) -> list[Problem]:
    """Return what speaks against a booking at this base."""
    starts = request.start.astimezone(ZONE)
    if request.kind not in {"seats", "internship"} or starts.time() != NIGHT_STARTS:
        return []
    if request.kind == "seats":
        return _declared(request)
    return [
        Problem(
            "night_shift_minor",
            _(
                "Intern %(position)s is younger than 18 on that day, and under-18s do not work the night shift. "
                "Please choose the early or middle shift, or take the name off this list.",
                position=position,
            ),
            "interns",
        )
        for position, person in enumerate(request.people, start=1)
        if person.born is not None and not adult(person.born, starts.date())
    ]


def adult(born: date, on: date) -> bool:
    """Say whether somebody is 18 or older on a day."""
    return (on.year - born.year, on.month, on.day) >= (18, born.month, born.day)


def _declared(request: BookingRequest) -> list[Problem]:
    if request.answers.get("youngest") != "minor":
        return []
    text = _(
        "Some of the group are younger than 18, and under-18s do not work the night shift. "
        "Please choose the early or middle shift, or bring only adults."
    )
    return [Problem("night_shift_minor", text, "youngest")]
