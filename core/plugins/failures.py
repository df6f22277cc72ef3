"""What plugins' hooks failed at while the site ran, kept in the database so that every process can tell of it."""

import logging
from datetime import datetime, timedelta
from threading import Lock

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from core import clock
from core.db import write
from core.plugins import state

log = logging.getLogger(__name__)

PAUSE = timedelta(minutes=1)
"""A hook that fails on every page costs one small write in this time, not one a page."""


class Failures:
    """Failures of one process that are not saved yet: how many and the last one, by plugin."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._lock = Lock()
        self._unsaved: dict[str, tuple[int, str]] = {}
        self._saved_at: datetime | None = None

    def note(self, slug: str, hook: str, error: object) -> None:
        """Count a failure."""
        with self._lock:
            count, _last = self._unsaved.get(slug, (0, ""))
            self._unsaved[slug] = (count + 1, f"{hook}: {error}")

    def of(self, slug: str) -> tuple[int, str]:
        """Return how many failures of a plugin are not saved yet, and the last of them."""
        return self._unsaved.get(slug, (0, ""))

    def save(self) -> None:
        """Add what was counted to the database, unless that was done a moment ago; call it outside of `db.write()`."""
        now = clock.now()
        with self._lock:
            if not self._unsaved or (self._saved_at is not None and now - self._saved_at < PAUSE):
                return
            taken, self._unsaved, self._saved_at = self._unsaved, {}, now
        try:
            with self._app.app_context(), write() as session:
                for slug, (count, last) in taken.items():
                    state.remember_failures(session, slug, count=count, last=last)
        except SQLAlchemyError:
            log.exception("failures of plugins could not be saved: %s", taken)
