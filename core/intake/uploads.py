"""Files given with a form: kept as soon as they arrive, bound to an answer when it is saved.

A file that arrived with a form that still has mistakes is not asked for again: it waits under a random key, which the
form carries, and is forgotten after a day.
"""

import mimetypes
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from pathlib import PurePath

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from core import clock, db, errors, events, files
from core.intake.models import Answer, Upload

WAITS = timedelta(days=1)


def keep(field: str, file: FileStorage) -> Upload:
    """Store a file that has just arrived; its row waits for an answer.

    The bytes are written before the transaction, and removed when it fails.

    Args:
        field: name of the form's field.
        file: the checked file.
    """
    file.stream.seek(0)
    content = file.stream.read()
    name = PurePath((file.filename or "").replace("\\", "/")).name[-200:]
    key = files.store(content)
    try:
        with db.write() as session:
            upload = Upload(
                field=field,
                key=key,
                filename=name,
                media_type=mimetypes.guess_type(name)[0] or "application/octet-stream",
                size=len(content),
                created_at=clock.now(),
            )
            session.add(upload)
    except BaseException:
        files.remove(key)
        raise
    return upload


def find_waiting(field: str, key: str) -> Upload | None:
    """Return the file that waits under a key for a field, or the one that already belongs to an answer; else None."""
    return db.db.session.scalar(select(Upload).where(Upload.key == key, Upload.field == field))


def bind(session: Session, answer: Answer, keys: Sequence[str]) -> None:
    """Make waiting files part of an answer, in place of those it had for the same fields.

    Raises:
        errors.Invalid: a file is no longer there, or belongs to another answer.
    """
    for key in keys:
        upload = session.scalar(select(Upload).where(Upload.key == key).with_for_update())
        if upload is None or upload.answer_id not in {None, answer.id}:
            raise errors.Invalid({"": _("A file you had chosen is no longer here. Please choose it again.")})
        if upload.answer_id is None:
            _replace(session, answer, upload.field)
            upload.answer_id = answer.id
    session.flush()


def _replace(session: Session, answer: Answer, field: str) -> None:
    for old in session.scalars(select(Upload).where(Upload.answer_id == answer.id, Upload.field == field)):
        session.delete(old)
        events.after_commit(partial(files.remove, old.key))


def forget_waiting() -> int:
    """Delete files that no answer has claimed within a day, bytes and rows; return how many. The worker calls it."""
    with db.write() as session:
        old = list(
            session.scalars(select(Upload).where(Upload.answer_id.is_(None), Upload.created_at < clock.now() - WAITS))
        )
        keys = [upload.key for upload in old]
        for upload in old:
            session.delete(upload)
    for key in keys:
        files.remove(key)
    return len(keys)
