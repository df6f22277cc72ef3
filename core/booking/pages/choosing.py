"""Buttons in the booking form that change what is chosen instead of sending it. What they send is not trusted."""

from datetime import datetime, time, timedelta
from typing import Any

from werkzeug.datastructures import MultiDict

from core import clock
from core.booking.pages.asking import DAY, END, PERIOD, START, pick_name, read_number
from core.booking.pages.keeping import KEEP
from core.booking.times import period_span
from core.forms import read_day
from core.plugins.declarations import BookingKind

CELL, TAKE, SHOW = "cell", "take", "show"
"""Names of the buttons that change what is chosen instead of sending the form: a cell of the day plan, an alternative
after a clash, another day."""


def adjusted(kind: BookingKind, sent: MultiDict[str, Any]) -> bool:
    """Carry out a button that only changes what is chosen; say whether there was one."""
    if CELL in sent:
        _apply_cell(kind, sent, str(sent[CELL]))
        return True
    if TAKE in sent:
        _apply_alternative(kind, sent, str(sent[TAKE]))
        return True
    if KEEP in sent:
        return True
    if SHOW in sent:
        day = read_day(str(sent[SHOW]))
        if day:
            sent[DAY] = day.isoformat()
        return True
    return False


def _apply_cell(kind: BookingKind, sent: MultiDict[str, Any], cell: str) -> None:
    position, resource_id, when = [*cell.split("|"), "", "", ""][:3]
    if position in {str(number) for number, leg in enumerate(kind.legs) if leg.pick}:
        _pick(sent, int(position), resource_id, count=kind.legs[int(position)].count)
    if kind.periods:
        sent[PERIOD] = when
        return
    length = max(kind.shortest, _minutes(sent.get(END)) - _minutes(sent.get(START)))
    sent[START] = when
    sent[END] = _mark(min(_minutes(when) + length, timedelta(days=1)))


def _pick(sent: MultiDict[str, Any], position: int, resource_id: str, *, count: int) -> None:
    """Pick a resource for a leg; of several, one more than the leg takes makes the first give way."""
    before = [picked for picked in sent.getlist(pick_name(position)) if picked not in ("", resource_id)]
    sent.setlist(pick_name(position), [*before, resource_id][-count:])


def _apply_alternative(kind: BookingKind, sent: MultiDict[str, Any], alternative: str) -> None:
    try:
        begins, ends, resources = alternative.split("|")
        start, end = (datetime.fromisoformat(moment).astimezone(clock.ZONE) for moment in (begins, ends))
        chosen = [pair.split(":", 1) for pair in resources.split(",") if pair]
    except (ValueError, OverflowError):
        return
    day = start.date()
    sent[DAY] = day.isoformat()
    for position, leg in enumerate(kind.legs):
        if leg.pick:
            sent.setlist(pick_name(position), [ids for leg_position, ids in chosen if leg_position == str(position)])
    if kind.periods:
        spans = {period_span(period, day): period.slug for period in kind.periods}
        sent[PERIOD] = spans.get((start, end), "")
        return
    midnight = clock.at(day, time(0))
    sent[START], sent[END] = _mark(start - midnight), _mark(end - midnight)


def _minutes(mark: str | None) -> timedelta:
    hours, _colon, minutes = (mark or "").partition(":")
    return timedelta(hours=read_number(hours) or 0, minutes=read_number(minutes) or 0)


def _mark(since_midnight: timedelta) -> str:
    minutes = int(since_midnight.total_seconds()) // 60
    return f"{minutes // 60:02}:{minutes % 60:02}"
