"""Ending what runs, at the moments at which Python itself would not hear of it."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.databases import Databases
from tests.support.servers import COMMAND, clean_environment, free_port

WAITING = """
import threading
from core import ending

stop = threading.Event()
ending.when_told(stop.set)
print("waits", flush=True)
stop.wait()
print("ended", flush=True)
"""


def test_two_signals_at_once_end_a_process_that_waits_without_limit() -> None:
    with subprocess.Popen([sys.executable, "-c", WAITING], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "waits\n"
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=10)[0] == "ended\n"
    assert process.returncode == 0


@pytest.mark.parametrize(("tell", "number"), [(os.killpg, signal.SIGINT), (os.kill, signal.SIGTERM)])
def test_a_server_told_to_end_while_its_workers_start_ends_and_starts_none_again(
    tell: Callable[[int, int], None],
    number: signal.Signals,
    databases: Databases,
    migrated: str,
    keys: dict[str, str],
    tmp_path: Path,
) -> None:
    settings = {"JIDI_DATABASE_URL": databases.fresh(migrated), "JIDI_INSTANCE": str(tmp_path / "instance")}
    environment = clean_environment(**keys, **settings, JIDI_PORT=str(free_port()), JIDI_WORKERS="2")
    log = tmp_path / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [COMMAND, "serve"], cwd=tmp_path, env=environment, stdout=out, stderr=out, start_new_session=True
        )
    try:
        _wait_for("Spawning worker-2", log, process)
        tell(process.pid, number)
        assert process.wait(15) == 0
        with pytest.raises(ProcessLookupError):
            os.killpg(process.pid, 0)
    except BaseException:
        print(log.read_text())  # noqa: T201
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        raise
    assert "Respawning" not in log.read_text()
    assert "Killing" not in log.read_text()


def _wait_for(words: str, log: Path, process: subprocess.Popen[bytes]) -> None:
    pause = threading.Event()
    while words not in log.read_text():
        assert process.poll() is None
        pause.wait(0.005)
