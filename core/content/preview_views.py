"""The page that a preview link opens: an unfinished text, for whoever holds the link."""

from flask import Blueprint, Response, make_response, render_template
from markupsafe import Markup

from core.content import preview, registration
from core.content.media.models import MediaFile
from core.content.snapshots import working
from core.db import db

bp = Blueprint("content_preview", __name__)


@bp.get("/preview/<token>")
def show(token: str) -> Response:
    """Show an unfinished text; kept by no cache and no search engine."""
    found = preview.find(token)
    texts = working(found.item)
    files = [row for number in texts.attachments if (row := db.session.get(MediaFile, number)) is not None]
    page = render_template(
        "content/preview.html",
        base=found.item.base,
        item=found.item,
        texts=texts,
        body=Markup(preview.with_pictures(texts.body, token)),  # noqa: S704 - cleaned when it was saved
        files=[row for row in files if row.trashed_at is None],
        offer=registration.offer_of(texts.session_id),
        token=token,
        until=found.until,
    )
    answer = make_response(page)
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.headers["Cache-Control"] = "no-store"
    return answer
