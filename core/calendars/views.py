"""Calendar pages, and their entries as JSON; programs are answered by `server.py`."""

from flask import Blueprint, Response, jsonify, render_template

from core.bases.queries import find_base, visible_bases
from core.caching import public_page
from core.calendars import shown
from core.calendars.place import read_place, read_span
from core.content.queries import navigation

bp = Blueprint("calendars", __name__)


@bp.get("/calendar")
@public_page("content", "booking", args=("date", "view"))
def portal() -> str:
    """Show the sessions of all bases: month, week or list."""
    bases, place = visible_bases(), read_place()
    entries = shown.everywhere(bases, place.start, place.end)
    return render_template("calendars/portal.html", bases=bases, place=place, entries=entries)


@bp.get("/calendar/events.json")
def portal_events() -> Response:
    """Return the sessions of all bases as JSON, for the script of the page."""
    return jsonify([entry.as_json() for entry in shown.everywhere(visible_bases(), *read_span())])


@bp.get("/bases/<base>/calendar")
@public_page("content", "booking", args=("date", "view"))
def page(base: str) -> str:
    """Show a base's calendar: sessions, closures and what is occupied."""
    row, place = find_base(base), read_place()
    entries = shown.at_base(row, place.start, place.end)
    return render_template("calendars/page.html", base=row, pages=navigation(row), place=place, entries=entries)


@bp.get("/bases/<base>/calendar/events.json")
def events(base: str) -> Response:
    """Return a base's entries as JSON, for the script of the page."""
    return jsonify([entry.as_json() for entry in shown.at_base(find_base(base), *read_span())])
