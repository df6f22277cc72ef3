"""Calendar programs that people use, run as they run them, each made to say what it keeps."""

import re
import shutil
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from sys import executable
from tempfile import TemporaryDirectory

from tests.calendars.judges import readers
from tests.calendars.judges.readers import Read
from tests.support.servers import clean_environment

BIN = Path(executable).parent
SECONDS = 240


def run(program: str, *arguments: str, home: Path, answer: str = "") -> str:
    """Run a program of .venv in a home of its own and return what it says; fails with that if it fails."""
    environment = clean_environment(HOME=str(home), XDG_CONFIG_HOME=str(home), XDG_DATA_HOME=str(home), LANG="C.UTF-8")
    done = subprocess.run(
        [BIN / program, *arguments],
        cwd=home,
        env=environment | {"XDG_CACHE_HOME": str(home), "XDG_STATE_HOME": str(home), "TZ": "Asia/Shanghai"},
        input=answer,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-4000:]
    return said


@dataclass(frozen=True)
class Vdirsyncer:
    """vdirsyncer with one pair: a calendar of a site, and a folder.

    Attributes:
        home: where it keeps everything.
        settings: of the side of the site (`type`, `url`, …).
        collections: as the configuration has it: `null` for a calendar's own address.
    """

    home: Path
    settings: Mapping[str, str]
    collections: str = "null"

    def __post_init__(self) -> None:
        """Write the configuration and let it find what is there."""
        self.home.mkdir()
        site = "\n".join(f'{name} = "{value}"' for name, value in self.settings.items())
        read_only = "read_only = true\n" if self.settings["type"] == "caldav" else ""
        (self.home / "config").write_text(
            f'[general]\nstatus_path = "{self.home}/status/"\n'
            f'[pair calendars]\na = "site"\nb = "here"\ncollections = {self.collections}\n'
            'conflict_resolution = "a wins"\n'
            f"[storage site]\n{site}\n{read_only}"
            f'[storage here]\ntype = "filesystem"\npath = "{self.home}/here/"\nfileext = ".ics"\n'
        )
        (self.home / "here").mkdir()
        self._run("discover", answer="y\n" * 40)

    def sync(self) -> int:
        """Bring the folder up to date, and return how many entries that touched."""
        return len(re.findall(r"^(?:Copying|Deleting)", self._run("sync"), re.MULTILINE))

    def kept(self, collection: str = "") -> dict[str, Read]:
        """Return by UID what it keeps."""
        files = sorted((self.home / "here" / collection).glob("*.ics"))
        events = [event for file in files for event in readers.icalendar(file.read_bytes())]
        assert len(events) == len(files)
        return {event.uid: event for event in events}

    def _run(self, command: str, answer: str = "") -> str:
        return run("vdirsyncer", "--config", str(self.home / "config"), command, home=self.home, answer=answer)


PREFERENCES = """\
user_pref("calendar.timezone.local", "Asia/Shanghai");
user_pref("app.update.enabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("toolkit.telemetry.enabled", false);
user_pref("mailnews.start_page.enabled", false);
user_pref("mail.provider.suppress_dialog_on_startup", true);
user_pref("network.proxy.type", 1);
user_pref("network.proxy.http", "127.0.0.1");
user_pref("network.proxy.http_port", 9);
user_pref("network.proxy.ssl", "127.0.0.1");
user_pref("network.proxy.ssl_port", 9);
user_pref("network.proxy.no_proxies_on", "127.0.0.1");
"""
"""Of a profile that talks to nobody but 127.0.0.1: for all else there is a proxy that is not there."""


@dataclass(frozen=True)
class Thunderbird:
    """Thunderbird without a window, with calendars that it follows.

    Attributes:
        profile: its folder.
        calendars: by a name: type (`ics` or `caldav`) and address, credentials included.
    """

    profile: Path
    calendars: Mapping[str, tuple[str, str]]
    _ids: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Write the profile."""
        self.profile.mkdir()
        lines = []
        for number, (name, (kind, address)) in enumerate(self.calendars.items(), start=1):
            known = self._ids.setdefault(name, f"{number:08}-1111-4111-8111-111111111111")
            values = {"type": kind, "uri": address, "name": name, "cache.enabled": True, "refreshInterval": "1"}
            for key, value in values.items():
                written = str(value).lower() if isinstance(value, bool) else f'"{value}"'
                lines.append(f'user_pref("calendar.registry.{known}.{key}", {written});\n')
        (self.profile / "user.js").write_text(PREFERENCES + "".join(lines))

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let it run: it asks for its calendars as it starts."""
        environment = clean_environment(MOZ_HEADLESS="1", HOME=str(self.profile), TZ="Asia/Shanghai")
        command = [shutil.which("thunderbird") or "", "--headless", "--no-remote", "--profile", str(self.profile)]
        with (self.profile / "log").open("ab") as log:
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
            try:
                yield
            finally:
                process.terminate()
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def log(self) -> str:
        """Return what it said last."""
        return (self.profile / "log").read_text(errors="replace")[-2000:]

    def kept(self, name: str) -> dict[str, tuple[int, int, str, str]]:
        """Return by UID what it keeps of a calendar: start and end in microseconds, title, status."""
        with TemporaryDirectory() as copy:  # it gives up writing when another has its file open
            for file in (self.profile / "calendar-data").glob("cache.sqlite*"):
                if not file.name.endswith("-shm"):
                    shutil.copy(file, copy)
            with closing(sqlite3.connect(Path(copy) / "cache.sqlite")) as connection:
                try:
                    rows = connection.execute(
                        "SELECT id, event_start, event_end, title, ical_status FROM cal_events WHERE cal_id = ?",
                        (self._ids[name],),
                    ).fetchall()
                except sqlite3.DatabaseError:  # it is about to make or to write it
                    return {}
        return {row[0]: tuple(row[1:]) for row in rows}


def until(found: Callable[[], bool], seconds: float) -> bool:
    """Look each second until something is so; return whether it is."""
    pause, end = threading.Event(), time.monotonic() + seconds
    while not (so := found()) and time.monotonic() < end:
        pause.wait(1)
    return so
