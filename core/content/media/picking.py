"""What the editor asks for while somebody writes: files to pick from, and a place to send new ones to."""

from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from core import errors
from core.content.manage import where_may_write
from core.content.media import addresses, keeping, library
from core.content.media.models import MediaFile

bp = Blueprint("media_picking", __name__)


@bp.get("/manage/<scope>/media/pick.json")
def pick(scope: str) -> ResponseReturnValue:
    """List files to put into a text: `q` words to find, `pictures=1` pictures only."""
    base = where_may_write(scope)
    found = library.to_pick(base, request.args.get("q", ""), pictures=bool(request.args.get("pictures")))
    return jsonify(items=[_described(media) for media in found])


@bp.post("/manage/<scope>/media/upload.json")
def upload(scope: str) -> ResponseReturnValue:
    """Take one file (`file`; `alt`, `folder` if known) and describe it as the list does."""
    base = where_may_write(scope)
    sent = request.files.get("file")
    if sent is None:
        return jsonify(message=_("Please choose a file.")), 422
    try:
        media = keeping.add(
            actor=current_user,
            base_id=base.id if base else None,
            name=sent.filename or "",
            content=sent.stream.read(),
            folder=request.form.get("folder", ""),
            alt=request.form.get("alt", ""),
        )
    except errors.Invalid as error:
        return jsonify(message=str(error)), error.status
    return jsonify(_described(media)), 201


def _described(media: MediaFile) -> dict[str, Any]:
    return {
        "id": media.id,
        "name": media.name,
        "url": addresses.plain(media),
        "thumb": addresses.thumbnail(media),
        "alt": media.alt,
        "width": media.width,
        "height": media.height,
        "type": media.type,
        "size": media.size,
    }
