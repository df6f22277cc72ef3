"""What visitors read: pages and announcements."""

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from core import errors
from core.bases.models import Base
from core.bases.queries import find_base
from core.caching import public_page
from core.content import listing, queries, sharing
from core.content.addresses import address
from core.content.categories import CATEGORIES
from core.content.models import ANNOUNCEMENT, PAGE
from core.content.reading import read
from core.content.richtext import plain

bp = Blueprint("content", __name__)


@bp.get("/bases/<base>/pages/<path:path>")
@public_page("content")
def page(base: str, path: str) -> ResponseReturnValue:
    """Show a page of a base."""
    return _show(find_base(base), PAGE, path)


@bp.get("/pages/<path:path>")
@public_page("content")
def portal_page(path: str) -> ResponseReturnValue:
    """Show a page of the portal."""
    return _show(None, PAGE, path)


@bp.get("/bases/<base>/announcements/")
@public_page("content", args=("category", "page"))
def announcements(base: str) -> str:
    """List a base's announcements, all or those of a category."""
    row, category = find_base(base), _category()
    return render_template(
        "content/announcements.html",
        base=row,
        pages=queries.navigation(row),
        listed=listing.listed(ANNOUNCEMENT, row, _number(), *listing.of_category(category)),
        chosen=category,
        sharing=sharing.of_announcements(row, category),
        plain=plain,
    )


@bp.get("/bases/<base>/announcements/<slug>")
@public_page("content", "booking", until="minute")
def announcement(base: str, slug: str) -> ResponseReturnValue:
    """Show an announcement of a base."""
    return _show(find_base(base), ANNOUNCEMENT, slug)


@bp.get("/announcements/")
@public_page("content", args=("category", "page"))
def all_announcements() -> str:
    """List the announcements of the consortium and of all bases, all or those of a category."""
    category = _category()
    return render_template(
        "content/all_announcements.html",
        listed=listing.listed(ANNOUNCEMENT, None, _number(), *listing.of_category(category)),
        chosen=category,
        sharing=sharing.of_announcements(None, category),
        plain=plain,
    )


@bp.get("/announcements/<slug>")
@public_page("content", "booking", until="minute")
def consortium_announcement(slug: str) -> ResponseReturnValue:
    """Show an announcement of the consortium."""
    return _show(None, ANNOUNCEMENT, slug)


TEMPLATES = {
    (PAGE, True): "content/page.html",
    (PAGE, False): "content/portal_page.html",
    (ANNOUNCEMENT, True): "content/announcement.html",
    (ANNOUNCEMENT, False): "content/consortium_announcement.html",
}
"""Template by type, and whether it belongs to a base."""


def _show(base: Base | None, kind: str, path: str) -> ResponseReturnValue:
    item = queries.find_public(base, kind, path.rstrip("/"))
    if item.path != path or item.base_id != (base.id if base else None):
        return redirect(_with_query(address(item)), 301)
    template = TEMPLATES[kind, base is not None]
    reading = read(item, base)
    return render_template(template, base=base, pages=queries.navigation(base), item=item, reading=reading)


def _with_query(path: str) -> str:
    query = request.query_string.decode("ascii", "ignore")
    return f"{path}?{query}" if query else path


def _category() -> str:
    """Return the slug of the only category that is asked for, "" for all.

    Raises:
        errors.NotFound: there is no such category.
    """
    category = request.args.get("category", "")
    if category and category not in CATEGORIES:
        raise errors.NotFound
    return category


def _number() -> int:
    """Return the number of the list's page that is asked for; what is no number is the first."""
    return request.args.get("page", 1, type=int)
