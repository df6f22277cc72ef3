"""Real processes for tests: Jidi's commands in a folder of their own, and a server that is waited for."""

import os
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

COMMAND = Path(sys.executable).with_name("jidi")


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def clean_environment(**settings: str) -> dict[str, str]:
    """Return this process's environment without any setting of Jidi's, and with the given ones."""
    return {name: value for name, value in os.environ.items() if not name.startswith("JIDI_")} | settings


@contextmanager
def serving(
    folder: Path, settings: Mapping[str, str], *, command: Path = COMMAND, seconds: float = 30
) -> Iterator[str]:
    """Run `jidi serve` in a folder and yield the site's address once it answers; ends the server afterwards.

    Args:
        folder: where the process is started.
        settings: `JIDI_…` variables; host and port are chosen here.
        command: the `jidi` to run.
        seconds: how long the server may take to answer.
    """
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    environment = clean_environment(**{"JIDI_BASE_URL": address, **settings, "JIDI_PORT": str(port)})
    log = folder / f"serve-{port}.log"
    with log.open("wb") as out:
        process = subprocess.Popen([command, "serve"], cwd=folder, env=environment, stdout=out, stderr=out)
        try:
            wait_until_it_answers(f"{address}/healthz", process, log, seconds)
            yield address
        finally:
            process.terminate()
            process.wait(20)


def wait_until_it_answers(url: str, process: subprocess.Popen[bytes], log: Path, seconds: float) -> None:
    """Return once something answers at an address; fail with the server's log if it ends or takes too long."""
    pause = threading.Event()
    for _ in range(int(seconds / 0.05)):
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except urllib.error.HTTPError as error:
            error.close()
            break
        except OSError:
            if process.poll() is not None:
                break
            pause.wait(0.05)
    raise AssertionError(f"{url} does not answer; the server's log:\n{log.read_text(errors='replace')[-4000:]}")
