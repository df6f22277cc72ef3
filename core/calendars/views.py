"""Calendar pages, their entries as JSON, and the public iCalendar feeds."""

from flask import Blueprint, Response, jsonify, render_template, request

from core.bases.queries import find_base, visible_bases
from core.caching import public_page
from core.calendars import feeds, shown
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


@bp.get("/bases/<base>/calendar.ics")
def base_feed(base: str) -> Response:
    """Return a base's public feed."""
    return _answer(feeds.of_base(find_base(base)))


@bp.get("/bases/<base>/resources/<resource>.ics")
def resource_feed(base: str, resource: str) -> Response:
    """Return the public feed of one resource."""
    return _answer(feeds.of_resource(find_base(base), resource))


@bp.get("/bases/<base>/sessions/<int:id>.ics")
def session_file(base: str, id: int) -> Response:  # noqa: A002
    """Return one session as a file."""
    answer = Response(feeds.of_session(find_base(base), id), content_type=feeds.CONTENT_TYPE)
    answer.headers["Content-Disposition"] = f'attachment; filename="{base}-{id}.ics"'
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def _answer(feed: feeds.Feed) -> Response:
    """Answer with a feed, or with 304 when the reader has it already; its entries are read only when they are sent."""
    answer = Response(content_type=feeds.CONTENT_TYPE)
    answer.set_etag(feed.tag)
    answer.last_modified = feed.changed_at
    answer.headers["Cache-Control"] = "public, no-cache"
    answer.make_conditional(request)
    if answer.status_code == 200:
        answer.set_data(feed.body())
    return answer
