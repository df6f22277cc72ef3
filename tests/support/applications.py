"""Applications that tests share one after the other: made once, their databases filled anew for each test."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask

from core.db import db
from tests.support.databases import Databases


class Lent:
    """An application that each test finds as it was made, without paying for its making.

    What an application learns as it runs (addresses, compiled templates and statements) is most of what a short test
    would cost.
    """

    def __init__(self, databases: Databases, template: str, make: Callable[[str], Flask]) -> None:
        self._databases = databases
        self._template = template
        self._url = databases.fresh(template)
        self._used = False
        self._app = make(self._url)
        self._config = dict(self._app.config)
        self._extensions = dict(self._app.extensions)

    @contextmanager
    def lend(self) -> Iterator[Flask]:
        """Hand it to a test, and set right afterwards what the test has set."""
        if self._used:
            self._databases.renew(self._url, self._template)
        self._used = True
        yield self._app
        close(self._app)
        self._app.config.clear()
        self._app.config.update(self._config)
        self._app.extensions.clear()
        self._app.extensions.update(self._extensions)
        for limiter in self._app.extensions["limiter"]:
            limiter.reset()

    def end(self) -> None:
        """Throw its database away."""
        self._databases.drop(self._url)


def close(app: Flask) -> None:
    """Close an application's connections to its database, and forget the pages and feeds it has kept."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    app.extensions["jidi_calendars"].feeds.forget()
    app.extensions["jidi_front"].close()
