"""Showing an unfinished text to somebody without an account: a signed link that expires, and can be made void.

The link shows what its writers go on with, as it is at the moment of looking. It dies after seven days, when the item
is thrown away, and when a writer makes all links to it void.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import exists, select

from core import clock, errors
from core.accounts.models import User
from core.content import writing
from core.content.media.models import MediaFile
from core.content.models import Item, Reference
from core.content.permissions import may_write
from core.db import db, write

VALID = timedelta(days=7)
"""How long a link works."""

SOURCE = re.compile(r'(src|href)="(/media/[^"?]*)"')


@dataclass(frozen=True)
class Preview:
    """What a link shows: the item, and until when."""

    item: Item
    until: datetime


def token(item: Item) -> str:
    """Return the last part of a link that shows an item's unfinished text from now on for seven days."""
    return _signer().dumps([item.id, item.preview_key, int((clock.now() + VALID).timestamp())])


def find(token: str) -> Preview:
    """Return what a link shows.

    Raises:
        errors.NotFound: the link is broken, too old or void, or the item is thrown away.
    """
    try:
        item_id, key, until = _signer().loads(token)
    except (BadSignature, ValueError, TypeError):
        raise errors.NotFound from None
    item = db.session.get(Item, item_id)
    if item is None or item.trashed_at is not None or item.preview_key != key or until <= clock.now().timestamp():
        raise errors.NotFound
    return Preview(item, datetime.fromtimestamp(until, UTC))


def shows(token: str, media: MediaFile) -> bool:
    """Say whether a picture or file belongs to what a link shows."""
    try:
        item = find(token).item
    except errors.NotFound:
        return False
    used = (Reference.source_id == item.id, Reference.media_id == media.id)
    return bool(db.session.scalar(select(exists().where(*used, Reference.live.is_(item.pending is None)))))


def with_pictures(html: str, token: str) -> str:
    """Return clean HTML whose pictures and files from the library can be fetched by who holds the link."""
    return SOURCE.sub(lambda found: f'{found[1]}="{found[2]}?preview={token}"', html)


def make_void(*, actor: User, item_id: int) -> Item:
    """Make every link to an item's unfinished text void; new ones can be made.

    Raises:
        errors.Forbidden, errors.NotFound: the actor may not, or there is no such item.
    """
    with write() as session:
        item = writing.locked(session, item_id)
        if not may_write(actor, item.base_id):
            raise errors.Forbidden
        item.preview_key += 1
    return item


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="content.preview")
