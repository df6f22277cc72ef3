"""The timeline of a base's resources: bars that are dragged to another time or resource."""

from datetime import datetime, timedelta
from typing import Any

from flask import Response, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from core import clock, dates
from core.accounts import roles
from core.bases.queries import any_base
from core.booking import changing, timeline
from core.booking.errors import ResourceTaken
from core.booking.pages import desk
from core.booking.pages.resource_forms import kind_name
from core.booking.pages.words import listed
from core.booking.times import day_bounds
from core.errors import DomainError, Invalid
from core.forms import read_day

LONGEST = timedelta(days=42)


def show(base: str) -> str:
    """Show the timeline around a day (`?date=`); without script, and on the phone, the day as a list."""
    row = any_base(base)
    roles.require(current_user, "booking.decide", base_id=row.id)
    day = read_day(request.args.get("date")) or clock.today()
    view = "week" if request.args.get("view") == "week" else "day"
    step = timedelta(days=7 if view == "week" else 1)
    kinds = {resource.kind for resource in timeline.rows(row)}
    return render_template(
        "manage/timeline.html",
        base=row,
        sheet=desk.day_sheet(row, day),
        view=view,
        previous=day - step,
        following=day + step,
        kinds=sorted((kind, kind_name(kind)) for kind in kinds),
    )


def data(base: str) -> Response:
    """Return resources and bars between two days (`?start=`, `?end=`; the end not included) as JSON."""
    row = any_base(base)
    roles.require(current_user, "booking.decide", base_id=row.id)
    first, last = read_day(request.args.get("start")), read_day(request.args.get("end"))
    if first is None or last is None or not first < last <= first + LONGEST:
        raise Invalid({"start": _("Please choose days that are at most %(days)s apart.", days=LONGEST.days)})
    resources = timeline.rows(row)
    bars = timeline.bars(row, resources, day_bounds(first)[0], day_bounds(last)[0])
    return jsonify(
        resources=[{"id": one.id, "title": one.name, "kind": one.kind, "parent": one.parent_id} for one in resources],
        bars=[_bar(base, bar) for bar in bars],
        cut=len(bars) == timeline.MOST_BARS,
    )


def drop(base: str, ref: str) -> ResponseReturnValue:
    """Move a booking to where it was dropped; answers with JSON: what it is now, or why not and what is free."""
    row = any_base(base)
    roles.require(current_user, "booking.decide", base_id=row.id)
    try:
        booking = changing.drop(actor=current_user, base_id=row.id, ref=ref, **_read())
    except DomainError as error:
        return jsonify(_refusal(error, ref)), error.status
    return jsonify(version=booking.version, text=_("%(ref)s is moved.", ref=booking.ref))


def _read() -> dict[str, Any]:
    sent = request.form
    try:
        start, end = (datetime.fromisoformat(sent.get(name, "")) for name in ("start", "end"))
        numbers = [int(sent.get(name, "")[:9]) for name in ("from", "to", "version")]
        if start.year < 2000 or end.year > 2100:
            raise ValueError
    except (ValueError, OverflowError):
        raise Invalid({"": _("Please load the page again.")}) from None
    wall = [moment.replace(tzinfo=clock.ZONE) if moment.tzinfo is None else moment for moment in (start, end)]
    return {
        "start": wall[0],
        "end": wall[1],
        "from_resource": numbers[0],
        "to_resource": numbers[1],
        "version": numbers[2],
        "reason": sent.get("reason", "")[:1000],
    }


def _refusal(error: DomainError, ref: str) -> dict[str, Any]:
    """Return a refusal in words: what stands in the way, and what is free near it."""
    answer: dict[str, Any] = {"code": error.code, "text": str(error), "conflicts": [], "free": []}
    if isinstance(error, ResourceTaken):
        answer["conflicts"] = [
            f"{one.resource} {dates.span(one.start, one.end)}" + (f" {one.closed}" if one.closed else "")
            for one in error.conflicts
        ]
        answer["free"] = [
            {
                "text": f"{dates.span(other.start, other.end)} {listed(other.resources)}",
                "url": url_for("booking.move", ref=ref, date=clock.local(other.start).date().isoformat()),
            }
            for other in error.alternatives
        ]
    return answer


def _bar(base: str, bar: timeline.Bar) -> dict[str, Any]:
    if bar.ref:
        url = url_for("booking.show", ref=bar.ref)
    elif bar.session_id:
        url = url_for("booking_manage.session_edit", base=base, id=bar.session_id)
    else:
        url = ""
    return {
        "id": bar.key,
        "resource": bar.resource_id,
        "start": _wall(bar.start),
        "end": _wall(bar.end),
        "begins": _wall(bar.begins),
        "ends": _wall(bar.ends),
        "title": bar.title,
        "whom": bar.whom,
        "kind": bar.kind,
        "state": bar.state,
        "ref": bar.ref,
        "url": url,
        "version": bar.version,
        "movable": bar.movable,
        "units": bar.units,
    }


def _wall(moment: datetime) -> str:
    """Return a moment as the wall clock of the bases shows it, without a zone."""
    return clock.local(moment).strftime("%Y-%m-%dT%H:%M:%S")
