"""Rules across fields: the cell takes the mould, and each trainee's safety training is valid on the day."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from core.plugin_api import ZONE, BookingRequest, Problem, day
from core.plugin_api import gettext as _

from .resources import CELLS, Cell


def problems(request: BookingRequest) -> list[Problem]:
    """Return what speaks against a booking at this base."""
    if request.kind == "trial":
        return mould_fits(request)
    if request.kind == "teaching":
        return safety_valid(request)
    return []


def mould_fits(request: BookingRequest) -> list[Problem]:
    """Refuse a mould that the chosen cell does not take; each reason names the figure and the cells that would do."""
    chosen = next((cell for cell in CELLS if cell.slug in request.resources), None)
    if chosen is None:
        return []
    reasons = misfits(chosen, request.answers)
    if not reasons:
        return []
    fitting = [cell for cell in CELLS if not misfits(cell, request.answers)]
    if fitting:
        way_out = _("Please take %(cells)s instead.", cells=_(" or ").join(str(cell.name) for cell in fitting))
    else:
        way_out = _("No cell of this base takes this mould. Please check the figures, or ask the base first.")
    return [Problem(f"cell_{field}", f"{reason}{way_out}", field) for field, reason in reasons.items()]


def misfits(cell: Cell, mould: Mapping[str, object]) -> dict[str, str]:
    """Return why a cell does not take a mould, by the field that says so; empty when it fits."""
    name, reasons = str(cell.name), {}
    force, thickness = _number(mould, "clamping_force"), _number(mould, "mould_thickness")
    if force > cell.clamping:
        reasons["clamping_force"] = _(
            "%(cell)s clamps with at most %(most)skN, you ask for %(asked)skN. ",
            cell=name,
            most=cell.clamping,
            asked=force,
        )
    if not cell.thinnest <= thickness <= cell.thickest:
        reasons["mould_thickness"] = _(
            "%(cell)s takes moulds of %(least)s–%(most)smm thickness, yours has %(asked)smm. ",
            cell=name,
            least=cell.thinnest,
            most=cell.thickest,
            asked=thickness,
        )
    shorter, longer = sorted((_number(mould, "mould_length"), _number(mould, "mould_width")))
    if shorter > min(cell.platen) or longer > max(cell.platen):
        field = "mould_width" if _number(mould, "mould_width") == longer else "mould_length"
        reasons[field] = _(
            "Between the tie bars of %(cell)s there is room for %(width)s × %(height)smm, "
            "your mould has %(longer)s × %(shorter)smm. ",
            cell=name,
            width=cell.platen[0],
            height=cell.platen[1],
            longer=longer,
            shorter=shorter,
        )
    shot = _number(mould, "shot_weight")
    if shot > cell.shot:
        reasons["shot_weight"] = _(
            "%(cell)s shoots at most %(most)skg, you ask for %(asked)skg. ", cell=name, most=cell.shot, asked=shot
        )
    return reasons


def safety_valid(request: BookingRequest) -> list[Problem]:
    """Refuse trainees whose safety training is not valid on the day of the booking."""
    on = request.start.astimezone(ZONE).date()
    found = []
    for position, person in enumerate(request.people, start=1):
        until = _date(person.details.get("safety_until", ""))
        if until is None:
            text = _(
                "Trainee %(position)s: please write until when the safety training is valid, as 2027-05-31.",
                position=position,
            )
            found.append(Problem("safety_date", text, "trainees"))
        elif until < on:
            text = _(
                "Trainee %(position)s: the safety training ends on %(until)s, before the day of the booking. "
                "Please book a safety training first, or take the name off the list.",
                position=position,
                until=day(until),
            )
            found.append(Problem("safety_expired", text, "trainees"))
    return found


def _number(answers: Mapping[str, object], name: str) -> Decimal:
    return Decimal(str(answers[name]))


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip().replace("/", "-"))
    except ValueError:
        return None
