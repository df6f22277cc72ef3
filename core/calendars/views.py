"""Calendar pages, and their entries as JSON; programs are answered by `server.py`."""

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from core.bases.queries import find_base, visible_bases
from core.caching import public_page
from core.calendars import overview, shown
from core.calendars.addresses import LINKS
from core.calendars.narrowing import of_base, of_bases
from core.calendars.place import ARGS, ROWS, read_place, read_span
from core.content.queries import navigation

bp = Blueprint("calendars", __name__)
for name, rule in LINKS.items():
    bp.add_url_rule(rule, name, build_only=True)


@bp.get("/calendar")
@public_page("content", "booking", args=ARGS)
def portal() -> ResponseReturnValue:
    """Show the sessions and events of all bases: month, week or list."""
    bases = visible_bases()
    place = read_place(of_bases(bases))
    if place.untidy:
        return redirect(place.address)
    listed = shown.listed(shown.everywhere(bases, place.start, place.end, place.chosen))
    return render_template("calendars/portal.html", place=place, listed=listed)


@bp.get("/calendar/events.json")
def portal_events() -> Response:
    """Return the entries of all bases as JSON, for the script of the page."""
    bases = visible_bases()
    return _sent(shown.everywhere(bases, *read_span(), of_bases(bases).read(request.args)))


@bp.get("/bases/<base>/calendar")
@public_page("content", "booking", args=ARGS)
def page(base: str) -> ResponseReturnValue:
    """Show a base's calendar: sessions, events, closures and what is occupied; or resource by resource."""
    row = find_base(base)
    place = read_place(of_base(row))
    if place.untidy:
        return redirect(place.address)
    if place.view in ROWS:
        bars = shown.bars(row, place.start, place.end, place.chosen)
        rows = shown.by_resource(place.offer.rows(place.chosen), bars[: shown.MOST_LISTED])
        listed = shown.Listed([], len(bars) > shown.MOST_LISTED)
    else:
        rows = None
        listed = shown.listed(shown.at_base(row, place.start, place.end, place.chosen))
    return render_template(
        "calendars/page.html", base=row, pages=navigation(row), place=place, listed=listed, rows=rows
    )


@bp.get("/bases/<base>/calendar/events.json")
def events(base: str) -> Response:
    """Return a base's entries as JSON, for the script of the page."""
    row = find_base(base)
    return _sent(shown.at_base(row, *read_span(), of_base(row).read(request.args)))


@bp.get("/bases/<base>/calendar/rows.json")
def rows(base: str) -> Response:
    """Return a base's resources and what takes them as JSON, for the script of the page."""
    row = find_base(base)
    offer = of_base(row)
    chosen = offer.read(request.args)
    bars = shown.bars(row, *read_span(), chosen)
    return jsonify(
        resources=[{"id": one.id, "title": one.name, "kind": one.kind} for one in offer.rows(chosen)],
        bars=[bar.as_json() for bar in bars[: shown.MOST_SENT]],
        cut=len(bars) > shown.MOST_SENT,
    )


@bp.get("/calendar/term")
@public_page("content", "booking", args=("term",))
def portal_term() -> str:
    """Show what is on at all bases in a term, to be printed."""
    return render_template("calendars/portal_term.html", sheet=overview.everywhere(request.args.get("term", "")))


@bp.get("/bases/<base>/calendar/term")
@public_page("content", "booking", args=("term",))
def term(base: str) -> str:
    """Show what is on at a base in a term, to be printed."""
    row = find_base(base)
    sheet = overview.at_base(row, request.args.get("term", ""))
    return render_template("calendars/term.html", base=row, pages=navigation(row), sheet=sheet)


def _sent(entries: list[shown.Shown]) -> Response:
    """Answer with entries for the script, and say whether there are more."""
    return jsonify(entries=[one.as_json() for one in entries[: shown.MOST_SENT]], cut=len(entries) > shown.MOST_SENT)
