"""Web feeds of announcements, the sitemap, and what robots are told."""

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _

from core import errors
from core.bases.models import Base
from core.bases.queries import find_base
from core.content import atom, listing, sitemaps
from core.content.addresses import absolute
from core.content.attachments import attached
from core.content.categories import CATEGORIES, label
from core.localised import LANGUAGES

bp = Blueprint("feeds", __name__)

ROBOTS = (
    "/manage/",
    "/account/",
    "/bookings/",
    "/bases/*/book/",
    "/api/",
    "/preview/",
    "/search",
    "/calendars/",
    "/caldav/",
    "/calendar/subscribe",
)
"""Where there is nothing for a search engine."""


@bp.get("/announcements.atom")
def portal() -> Response:
    """Return the feed of the announcements of the consortium and of all bases."""
    return _feed(None)


@bp.get("/bases/<base>/announcements.atom")
def of_base(base: str) -> Response:
    """Return the feed of a base's announcements."""
    return _feed(find_base(base))


def _feed(base: Base | None) -> Response:
    category = request.args.get("category", "")
    if category and category not in CATEGORIES:
        raise errors.NotFound
    items = listing.newest(base, category=category)
    where: dict[str, Any] = {"base": base.slug} if base else {}
    where |= {"category": category} if category else {}
    with force_locale(LANGUAGES[0]):  # one feed, whoever asks
        office = _("West Chongqing Technician-Education Consortium")
        author = base.name if base else office
        words = f"{author}{label(category) or _('Announcements')}"
        body = atom.document(
            name=f"{f'bases/{base.slug}/' if base else ''}announcements/{category}",
            title=words,
            page=url_for("content.announcements" if base else "content.all_announcements", **where),
            itself=url_for("feeds.of_base" if base else "feeds.portal", **where),
            author=office,
            items=items,
            attachments=attached(items),
        )
    return _asked_again(Response(body, content_type=atom.CONTENT_TYPE))


@bp.get("/sitemap.xml")
def sitemap() -> Response:
    """Return the addresses that search engines should know; those of a large site in parts, which are named here."""
    return _asked_again(Response(sitemaps.whole(), content_type=sitemaps.CONTENT_TYPE))


@bp.get("/sitemap-<int:part>.xml")
def sitemap_part(part: int) -> Response:
    """Return a part of a large site's addresses, from 1."""
    return _asked_again(Response(sitemaps.part(part), content_type=sitemaps.CONTENT_TYPE))


@bp.get("/robots.txt")
def robots() -> Response:
    """Tell robots where to look."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in ROBOTS), "", f"Sitemap: {absolute('/sitemap.xml')}", ""]
    return _asked_again(Response("\n".join(lines), content_type="text/plain; charset=utf-8"))


def _asked_again(answer: Response) -> Response:
    """Let whoever has it already ask whether it is still the same."""
    answer.headers["Cache-Control"] = "no-cache"
    answer.add_etag()
    answer.make_conditional(request)
    return answer
