"""Addresses at which media files are fetched."""

from typing import Any

from flask import Blueprint, Response, abort, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from core import errors, files
from core.content import preview
from core.content.media import access, filetypes, renditions
from core.content.media.models import MediaFile
from core.db import db

bp = Blueprint("media", __name__)

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'self'; base-uri 'none'"
"""For the file itself: whatever a browser takes it for, it runs nothing."""

SANDBOX = f"{POLICY}; sandbox"
"""For all but PDF, which browsers refuse to show in a sandbox."""


@bp.get("/media/<int:id>/<name>")
def file(id: int, name: str) -> ResponseReturnValue:  # noqa: A002
    """Send a file as it was uploaded."""
    media, is_open = _readable(id)
    if media.name != name:
        return _moved(".file", media)
    return _sent(media, media.key, media.type, media.size, is_open=is_open)


@bp.get("/media/<int:id>/w<int:width>/<name>")
def rendition(id: int, width: int, name: str) -> ResponseReturnValue:  # noqa: A002
    """Send a smaller picture; of what there is none, the file itself."""
    if width not in renditions.WIDTHS:
        abort(404)
    media, is_open = _readable(id)
    if media.name != name:
        return redirect(
            url_for(".rendition", id=id, width=width, name=media.name, preview=request.args.get("preview")), 301
        )
    if not renditions.has(media):
        if not media.is_picture:
            abort(404)
        return _sent(media, media.key, media.type, media.size, is_open=is_open)
    try:
        key = renditions.made(media, width)
    except (FileNotFoundError, errors.Invalid):
        abort(404)
    return _sent(media, key, renditions.TYPE, None, is_open=is_open)


def _readable(media_id: int) -> tuple[MediaFile, bool]:
    """Return a file that the reader may fetch, and whether everybody may."""
    media = db.session.get(MediaFile, media_id)
    if media is None:
        abort(404)
    is_open = access.may_visit(media)
    if not is_open and not access.may_use(current_user, media) and not _previewed(media):
        abort(404)
    return media, is_open


def _moved(endpoint: str, media: MediaFile, **values: Any) -> ResponseReturnValue:
    """Lead on to the address with the name that the file has now."""
    token = request.args.get("preview")
    return redirect(url_for(endpoint, id=media.id, name=media.name, preview=token, **values), 301)


def _previewed(media: MediaFile) -> bool:
    """Say whether the address carries a link's token that lets its holder see an unfinished text with its files."""
    token = request.args.get("preview")
    return token is not None and media.trashed_at is None and preview.shows(token, media)


def _sent(media: MediaFile, key: str, kind: str, size: int | None, *, is_open: bool) -> Response:
    """Send bytes from the storage, whole or in part, or say that the browser has them already."""
    try:
        stored = files.opened(key)
    except FileNotFoundError:
        abort(404)
    response = send_file(
        stored,
        mimetype=kind,
        as_attachment=kind not in filetypes.SHOWN | {renditions.TYPE},
        download_name=media.name if kind == media.type else f"{media.name}.webp",
        conditional=False,
        etag=key,
        last_modified=media.updated_at,
    )
    response.call_on_close(stored.close)
    response.headers["Content-Security-Policy"] = POLICY if kind == filetypes.PDF else SANDBOX
    response.headers["Cache-Control"] = f"{'public' if is_open else 'private'}, no-cache"
    response.content_length = files.size(key) if size is None else size
    response.make_conditional(request, accept_ranges=_is_one_range(), complete_length=response.content_length)
    response.headers["Accept-Ranges"] = "bytes"
    return response


def _is_one_range() -> bool:
    """Say whether one part of a file is asked for; other wishes may be passed over (RFC 9110 14.2)."""
    wanted = request.range
    return wanted is not None and wanted.units == "bytes" and len(wanted.ranges) == 1
