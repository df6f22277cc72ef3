"""What a thing and its members are (PROPFIND, RFC 4918, 9.1)."""

from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element

from werkzeug import Request, Response

from core.calendars.caldav import answers, files, places, properties, rows
from core.calendars.caldav.answers import ALL, Wanted
from core.calendars.caldav.places import Place
from core.calendars.caldav.refusals import Refused
from core.calendars.caldav.rows import Change, Item
from core.calendars.caldav.xml import DAV, element
from core.calendars.collections import Calendar


def answer(request: Request, place: Place, root: Element | None) -> Response:
    """Answer with properties of a thing, and of its members at depth 1.

    Raises:
        Refused: 403, for an infinite depth, which is also meant when none is sent; 400, for no depth at all.
    """
    if root is not None and root.tag != f"{DAV}propfind":
        raise Refused(400, "the body of PROPFIND is DAV:propfind")
    depth = request.headers.get("Depth", "infinity").strip().lower()
    if depth == "infinity" and place.kind != "item":
        raise Refused(403, "the depth is 0 or 1", element(f"{DAV}propfind-finite-depth"))
    if depth not in {"0", "1", "infinity"}:
        raise Refused(400, "the depth is 0 or 1")
    asked = Wanted(ALL) if root is None else answers.wanted({str(part.tag): part for part in root}, request)
    return answers.multistatus(answers.body(_told(place, asked, members=depth == "1")))


def _told(place: Place, asked: Wanted, *, members: bool) -> Iterator[str]:
    if place.kind == "item":
        parts = properties.of_items(place.home, files.whole)
        yield answers.of_items(place.folder, parts, asked)(place.item())
        return
    yield answers.of_thing(place.path, properties.of(place, place.change), asked)
    if members and place.calendar is not None:
        parts = properties.of_items(place.home, files.whole)
        yield from map(answers.of_items(place.path, parts, asked), _items(place.calendar, asked))
    elif members:
        found = places.members(place)
        changes = rows.numbers([member.key for member in found])
        for member in found:
            yield answers.of_thing(member.path, properties.of(member, changes.get(member.key, 0)), asked)


def _items(calendar: Calendar, asked: Wanted) -> Iterable[Item | Change]:
    """Return the entries of a calendar; what they say is read only where it is asked for."""
    if asked.mode == ALL or not properties.NEED_DATA.isdisjoint(asked.names):
        return rows.items(calendar.key)
    return rows.everything(calendar.key)[1]
