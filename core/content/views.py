"""What visitors read: pages and announcements."""

from flask import Blueprint, render_template, request

from core.bases.queries import find_base
from core.content import queries
from core.content.markdown import plain, render

bp = Blueprint("content", __name__)


@bp.get("/bases/<base>/pages/<path:path>")
def page(base: str, path: str) -> str:
    """Show a page of a base."""
    row = find_base(base)
    shown = queries.find_page(row, path)
    return render_template(
        "content/page.html", base=row, pages=queries.navigation(row), page=shown, body=render(shown.body)
    )


@bp.get("/bases/<base>/announcements/")
def announcements(base: str) -> str:
    """List a base's announcements."""
    row = find_base(base)
    listed = queries.published_of(row, _number())
    return render_template(
        "content/announcements.html", base=row, pages=queries.navigation(row), listed=listed, plain=plain
    )


@bp.get("/bases/<base>/announcements/<slug>")
def announcement(base: str, slug: str) -> str:
    """Show an announcement of a base."""
    row = find_base(base)
    shown = queries.find_published(row, slug)
    return render_template(
        "content/announcement.html",
        base=row,
        pages=queries.navigation(row),
        announcement=shown,
        body=render(shown.body),
    )


@bp.get("/announcements/")
def all_announcements() -> str:
    """List the announcements of the consortium and of all bases."""
    listed = queries.published_everywhere(_number())
    return render_template("content/all_announcements.html", listed=listed, plain=plain)


@bp.get("/announcements/<slug>")
def consortium_announcement(slug: str) -> str:
    """Show an announcement of the consortium."""
    shown = queries.find_published(None, slug)
    return render_template(
        "content/consortium_announcement.html",
        announcement=shown,
        body=render(shown.body),
    )


def _number() -> int:
    """Return the number of the list's page that is asked for; what is no number is the first."""
    return request.args.get("page", 1, type=int)
