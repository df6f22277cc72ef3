"""The sitemap (sitemaps.org, 0.9): every public address of lasting content, in parts when there are many."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from xml.etree import ElementTree as ET

from flask import url_for
from sqlalchemy import Select, func, select

from core import errors
from core.bases.models import Base
from core.bases.queries import visible_bases
from core.content.addresses import absolute, address_of
from core.content.atom import stamp
from core.content.models import Item
from core.content.queries import is_shown
from core.db import db

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
CONTENT_TYPE = "application/xml; charset=utf-8"
PART = 10_000
"""Items in one file; the format allows 50,000."""


def whole() -> bytes:
    """Return the sitemap, or the index of its parts where there are more items than one holds."""
    count = db.session.scalar(select(func.count()).select_from(_items().order_by(None).subquery())) or 0
    if count <= PART:
        return _document("urlset", "url", [*_places(), *_entries(_items())])
    parts = range(1, -(-count // PART) + 1)
    return _document("sitemapindex", "sitemap", [(url_for("feeds.sitemap_part", part=number), "") for number in parts])


def part(number: int) -> bytes:
    """Return a part of the sitemap, counted from 1; the first holds the bases as well.

    Raises:
        errors.NotFound: there are fewer parts.
    """
    entries = list(_entries(_items().offset((number - 1) * PART).limit(PART))) if 0 < number < 10_000 else []
    if not entries:
        raise errors.NotFound
    return _document("urlset", "url", [*(_places() if number == 1 else ()), *entries])


def _places() -> Iterator[tuple[str, str]]:
    """Yield the pages that are always there: path, and when it last changed ("": not said)."""
    for endpoint in ("web.portal", "bases.index", "calendars.portal", "content.all_announcements", "web.help"):
        yield url_for(endpoint), ""
    for base in visible_bases():
        for endpoint in ("bases.home", "calendars.page", "content.announcements"):
            yield url_for(endpoint, base=base.slug), ""


def _items() -> Select[str, str, str, datetime, datetime | None]:
    chosen = select(Item.type, Base.slug, Item.path, Item.changed_at, Item.publish_at)
    return chosen.outerjoin(Base, Item.base_id == Base.id).where(is_shown()).order_by(Item.id)


def _entries(chosen: Select[str, str, str, datetime, datetime | None]) -> Iterator[tuple[str, str]]:
    place = cache(lambda kind, base: address_of(kind, base, "-").removesuffix("-"))  # the same for thousands
    for kind, base, path, changed_at, publish_at in db.session.execute(chosen):
        yield place(kind, base) + path, stamp(max(changed_at, publish_at or changed_at))


def _document(root: str, entry: str, entries: Iterable[tuple[str, str]]) -> bytes:
    top = ET.Element(root, xmlns=NAMESPACE)
    for path, changed in entries:
        one = ET.SubElement(top, entry)
        ET.SubElement(one, "loc").text = absolute(path)
        if changed:
            ET.SubElement(one, "lastmod").text = changed
    written: bytes = ET.tostring(top, encoding="utf-8", xml_declaration=True)
    return written
