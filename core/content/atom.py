"""Web feeds of announcements as Atom (RFC 4287), made of rows; the views are in `feeds.py`.

Feeds and entries are called by UUIDs made of the site's own (`identity.py`): they hold for ever, wherever the site may
move, and no other site's feed or entry shares them.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from core import identity
from core.content.addresses import absolute, address
from core.content.attachments import Attachment
from core.content.categories import label
from core.content.models import Item
from core.content.richtext import plain

NAMESPACE = "http://www.w3.org/2005/Atom"
XML = "http://www.w3.org/XML/1998/namespace"
CONTENT_TYPE = "application/atom+xml; charset=utf-8"
LANGUAGE = "zh-CN"
NEVER = datetime(2014, 10, 21, tzinfo=UTC)
"""When a feed without entries last changed."""

SUMMARY = 200
"""Characters of an entry's summary, at most."""

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 cannot hold, not even escaped."""

TAG = re.compile(r'<[a-z][^"<>]*(?:"[^"]*"[^"<>]*)*>')
OWN = re.compile(r'\b(href|src)="(?=/(?!/))')

ET.register_namespace("", NAMESPACE)


def document(
    *,
    name: str,
    title: str,
    page: str,
    itself: str,
    author: str,
    items: Sequence[Item],
    attachments: Mapping[int, Sequence[Attachment]],
) -> bytes:
    """Return a feed.

    Args:
        name: what its name for ever is made of.
        title: its heading.
        page, itself: paths of the list that people read, and of the feed.
        author: who speaks where an item has no base.
        items: the entries, the first on top.
        attachments: their files, by id of the item.
    """
    feed = ET.Element(_atom("feed"), {f"{{{XML}}}lang": LANGUAGE})
    _text(feed, "id", identity.name_of(name).urn)
    _text(feed, "title", title)
    _text(feed, "updated", stamp(updated(items)))
    _link(feed, "self", itself, type="application/atom+xml")
    _link(feed, "alternate", page, type="text/html")
    _author(feed, author)
    for item in items:
        _entry(feed, item, author, attachments.get(item.id, ()))
    written: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def updated(items: Sequence[Item]) -> datetime:
    """Return when the latest of the entries became what it is."""
    return max((item.public_since for item in items), default=NEVER)


def stamp(moment: datetime) -> str:
    """Return a moment as RFC 3339 in whole seconds, so that no client stumbles over fractions."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def tag(item: Item) -> str:
    """Return what an entry is called for ever."""
    return identity.name_of(f"{item.type}:{item.id}").urn


def absolute_links(html: str) -> str:
    """Return clean HTML whose links and pictures on this site can be followed from anywhere."""
    return TAG.sub(lambda found: OWN.sub(rf'\1="{absolute("")}', found[0]), html)


def _entry(feed: ET.Element, item: Item, office: str, files: Sequence[Attachment]) -> None:
    entry = ET.SubElement(feed, _atom("entry"))
    _text(entry, "id", tag(item))
    _text(entry, "title", item.title)
    _text(entry, "published", stamp(item.publish_at or item.created_at))
    _text(entry, "updated", stamp(item.public_since))
    _link(entry, "alternate", address(item), type="text/html")
    for file in files:
        _link(entry, "enclosure", file.url, type=file.type, length=str(file.size), title=_clean(file.name))
    _author(entry, item.base.name if item.base else office)
    if words := label(item.category):
        ET.SubElement(entry, _atom("category"), term=item.category, label=words)
    _text(entry, "summary", plain(item.body, SUMMARY))
    _text(entry, "content", absolute_links(item.body), type="html")


def _author(parent: ET.Element, name: str) -> None:
    _text(ET.SubElement(parent, _atom("author")), "name", name)


def _link(parent: ET.Element, rel: str, path: str, **attributes: str) -> None:
    ET.SubElement(parent, _atom("link"), {"rel": rel, "href": absolute(path), **attributes})


def _text(parent: ET.Element, name: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, _atom(name), attributes).text = _clean(text)


def _clean(text: str) -> str:
    return FORBIDDEN.sub("", text)


def _atom(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
