"""A site served by this very process, so that a test can turn its clock (`core/clock.py`)."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from flask import Flask
from werkzeug.serving import make_server

from core import clock
from tests.support.servers import free_port


@runtime_checkable
class Closable(Protocol):
    """An answer that has to be closed."""

    def close(self) -> None:
        """Let go what it holds."""


@dataclass
class Hands:
    """The hands of a clock: None lets the time run."""

    moment: datetime | None = None


@contextmanager
def serving_at(app: Flask, hands: Hands) -> Iterator[str]:
    """Serve an application in threads of this process, at the moment its clock shows; yields its address."""
    run = app.wsgi_app

    def at_the_moment(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if hands.moment is None:
            return run(environ, start)
        with clock.set_to(hands.moment), ExitStack() as stack:
            answer = run(environ, start)
            if isinstance(answer, Closable):
                stack.callback(answer.close)
            return list(answer)

    port = free_port()
    server = make_server("127.0.0.1", port, at_the_moment, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
