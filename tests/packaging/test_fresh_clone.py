"""What a newcomer meets: a fresh clone, an empty home folder, `make run`, and the demo site answers."""

import os
import signal
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.servers import clean_environment, free_port

ROOT = Path(__file__).parent.parent.parent

pytestmark = pytest.mark.slow


@contextmanager
def make_run(clone: Path, port: int) -> Iterator[None]:
    """Start `make run` in a clone until the portal answers, and say how long it took; ends it as Ctrl-C would."""
    # What is set where the tests run (the tests' own environment, caches) must not help the clone.
    environment = {k: v for k, v in clean_environment().items() if not k.startswith(("VIRTUAL_ENV", "PYTHON", "UV_"))}
    home = clone.parent / "home"
    home.mkdir(exist_ok=True)
    environment |= {"HOME": str(home), "JIDI_PORT": str(port)}
    start = time.monotonic()
    file = clone.parent / "log"
    with file.open("ab") as log:
        process = subprocess.Popen(
            ["make", "run"], cwd=clone, env=environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/", process, file)
            print(f"make run: the portal answers after {time.monotonic() - start:.1f} s")  # noqa: T201
            yield
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
                wait_for_end(process, file)


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    pause = threading.Event()
    while process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=10):
                return
        except OSError:
            pause.wait(0.05)
    raise AssertionError(f"make run ended with {process.returncode}; its log is\n{tail(log)}")


def wait_for_end(process: subprocess.Popen[bytes], log: Path) -> None:
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        ps = f"ps -o pid,ppid,stat,wchan:20,args -s {process.pid}"
        left = subprocess.run(ps, shell=True, check=False, capture_output=True, text=True)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise AssertionError(f"make run does not end; it leaves\n{left.stdout}and its log is\n{tail(log)}") from None


def tail(log: Path) -> str:
    return log.read_text(errors="replace")[-8000:]


def test_make_run_brings_a_fresh_clone_to_the_demo_twice_and_leaves_nothing_behind(tmp_path: Path) -> None:
    clone = tmp_path / "jidi"
    subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
    port = free_port()
    for _time in ("cold", "warm"):
        with make_run(clone, port):
            pass
    left = subprocess.run(["git", "status", "--porcelain"], cwd=clone, check=True, capture_output=True, text=True)
    assert left.stdout == ""
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5)
