"""Serving the site: granian for visitors, a reloading server for whoever writes code."""

import os
import signal
import socket
import time
import traceback
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from granian import Granian
from granian.constants import Interfaces
from werkzeug.serving import WSGIRequestHandler, run_simple

from core import ending, paths
from core.app import create_app
from core.config import Settings, SettingsError
from core.hushed import hushed
from core.plugins.discovery import discover

LAST_REQUESTS = 5
"""Seconds that a worker process may take to answer what it has begun, when the server ends."""


def serve(settings: Settings) -> None:
    """Serve the site until the process is told to end; the application is made anew in each worker process.

    It ends within a few seconds whenever it is told to, also while it starts.

    Raises:
        SettingsError: nobody can listen at this host and port.
    """
    server = Granian(
        "core.serve:in_worker",
        factory=True,
        address=_listening(settings),
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=settings.threads,
        respawn_failed_workers=True,
        workers_kill_timeout=LAST_REQUESTS,
        websockets=False,
    )
    ending.when_told(partial(_insist, server.signal_handler_interrupt))
    server.serve()


def _insist(end: Callable[[], object]) -> None:
    """Tell the server to end until it has: granian forgets it when a worker process fails at that moment."""
    while True:
        end()
        time.sleep(0.5)


def in_worker() -> WSGIApplication:
    """Return the application for a worker process, and see to it that SIGTERM ends this process from now on.

    Ctrl-C reaches all processes at once; workers leave it to the main one, which would take their end for a failure.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # what was inherited belongs to the main process
    ending.when_told(_end_worker, by={signal.SIGTERM})
    return create_app()


def _end_worker() -> None:
    """Do what granian would do in its handler; before it has one, there is nothing to finish."""
    handler = signal.getsignal(signal.SIGTERM)
    if not callable(handler):
        os._exit(128 + signal.SIGTERM)
    handler(signal.SIGTERM, None)


def _listening(settings: Settings) -> str:
    """Return the host as a number, having tried whether its port is free: the server would end in a panic."""
    try:
        family, kind, _, _, place = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except OSError as error:
        raise SettingsError(
            f"JIDI_HOST, JIDI_PORT: cannot listen at {settings.host}, port {settings.port}: {error.strerror}"
        ) from None
    return str(place[0])


def serve_reloading(settings: Settings) -> None:
    """Serve the site for development: it starts anew when a file of the core or of a plugin changes."""
    run_simple(
        settings.host,
        settings.port,
        _application(),
        request_handler=Quiet,
        use_reloader=True,
        threaded=True,
        extra_files=_watched(settings),
    )


class Quiet(WSGIRequestHandler):
    """Logs requests without the secrets that their addresses may hold; granian logs none at all."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log a request."""
        whole, self.path = self.path, hushed(self.path)
        super().log_request(code, size)
        self.path = whole


def _application() -> WSGIApplication:
    """Return the application, or one that shows why there is none until the file is mended."""
    try:
        return create_app()
    except Exception:  # noqa: BLE001 (whatever is wrong with the code is shown, and mended while this runs)
        traceback.print_exc()
        return _Broken(traceback.format_exc())


class _Broken:
    def __init__(self, text: str) -> None:
        self._text = text.encode()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("500 Internal Server Error", [("Content-Type", "text/plain; charset=utf-8")])
        return [self._text]


def _watched(settings: Settings) -> list[str]:
    """Return the files that the reloader would not see by itself: those not imported, or not Python at all."""
    folders = {paths.PACKAGE, paths.TEMPLATES, paths.PLUGINS, settings.instance / "plugins"}
    folders |= {candidate.folder for candidate in discover(settings) if candidate.folder is not None}
    endings = {".py", ".html", ".toml", ".mo", ".md"}
    return [str(file) for folder in folders for file in folder.rglob("*") if _is_source(file, endings)]


def _is_source(file: Path, endings: set[str]) -> bool:
    return file.suffix in endings and "node_modules" not in file.parts
