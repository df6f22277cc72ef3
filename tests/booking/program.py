"""Programs that use the API of served sites over HTTP, as many at once as one likes."""

import http.client
import json
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from core.accounts import api_tokens
from tests.booking.shop import Shop
from tests.support.servers import COMMAND, clean_environment, free_port, wait_until_it_answers


class Answer(NamedTuple):
    """What a server said."""

    status: int
    body: Any

    @property
    def code(self) -> str:
        """The problem's code; "" when there was none."""
        return str(self.body.get("code", "")) if isinstance(self.body, dict) else ""


class Lost(OSError):
    """No answer came: what was asked for may have been done, or not."""


class Program:
    """Something that uses the API with a token."""

    def __init__(self, address: str, token: str) -> None:
        self._place = urlsplit(address).netloc
        self._token = token

    def post(self, path: str, body: Mapping[str, Any], key: str = "") -> Answer:
        """Send a request, with an Idempotency-Key if there is one.

        Raises:
            Lost: no whole answer came.
        """
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        connection = http.client.HTTPConnection(self._place, timeout=60)
        try:
            connection.request("POST", f"/api/v1/{path}", json.dumps(body), headers)
            answer = connection.getresponse()
            return Answer(answer.status, json.loads(answer.read()))
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Lost(str(error)) from error
        finally:
            connection.close()


def tokens(shop: Shop, who: str, count: int) -> list[str]:
    """Make tokens of somebody's, so many that no limit of requests is met."""
    user_id = shop.user(who).id
    return [api_tokens.create(user_id=user_id, label=f"{who} {number}") for number in range(count)]


class Server:
    """A `jidi serve` that can be killed with all its processes, at any moment."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._folder, self._log = folder, folder / f"serve-{self.port}.log"
        self._settings = clean_environment(**{"JIDI_BASE_URL": self.address, **settings, "JIDI_PORT": str(self.port)})
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        """Start it as the leader of a group of processes."""
        with self._log.open("ab") as out:
            self._process = subprocess.Popen(
                [COMMAND, "serve"],
                cwd=self._folder,
                env=self._settings,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def wait(self) -> None:
        """Wait until it answers."""
        if self._process is not None:
            wait_until_it_answers(f"{self.address}/healthz", self._process, self._log, 60)

    def kill(self) -> None:
        """End all its processes by SIGKILL."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


@contextmanager
def servers(folder: Path, settings: Mapping[str, str], count: int) -> Iterator[list[Server]]:
    """Run servers of one process each on one database; they start at the same time."""
    running = [Server(folder, {**settings, "JIDI_WORKERS": "1"}) for _number in range(count)]
    try:
        for server in running:
            server.begin()
        for server in running:
            server.wait()
        yield running
    finally:
        for server in running:
            server.kill()


def machine(
    shop: Shop, hour: float = 9, day: int | None = None, *, hours: float = 2, lathe: str = ""
) -> dict[str, Any]:
    """Return the request for a machine."""
    span = {"start": shop.at(hour, day).isoformat(), "end": shop.at(hour + hours, day).isoformat()}
    legs = {"legs": [{"resource": lathe}]} if lathe else {}
    return {"base": "workshop", "kind": "machine", "answers": {"purpose": "练习"}, **span, **legs}


def seats(number: int, people: int = 1) -> dict[str, Any]:
    """Return the request for seats of a session."""
    names = [{"name": f"学员{one}"} for one in range(people)]
    return {"base": "workshop", "kind": "course", "session": number, "answers": {"people": names, "purpose": "上课"}}
