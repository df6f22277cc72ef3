"""`jidi check --calendars` on the demo: nothing, or each difference in a line; `jidi upgrade` mends what it finds."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from core import db
from core.calendars.models import Entry
from core.upgrade import upgrade
from tests.conftest import Demo
from tests.support.servers import COMMAND, clean_environment

pytestmark = pytest.mark.slow


def test_the_command_counts_or_names_what_differs(
    demo: Demo, keys: dict[str, str], tmp_path: Path, make_app: Any
) -> None:
    app = make_app(demo.template)
    url = app.extensions["jidi_settings"].database_url
    settings = clean_environment(**keys, JIDI_DATABASE_URL=url, JIDI_INSTANCE=str(tmp_path / "instance"))

    def check() -> subprocess.CompletedProcess[str]:
        command: list[str | Path] = [COMMAND, "check", "--calendars"]
        return subprocess.run(command, env=settings, check=False, capture_output=True, text=True)

    ended = check()
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout
    assert re.fullmatch(r"no difference in [1-9]\d\d+ entries\n", ended.stdout)
    with app.app_context(), db.write() as session:
        entry = session.scalars(select(Entry).where(Entry.source.startswith("session:")).order_by(Entry.id)).first()
        assert entry is not None
        source, before = entry.source, entry.data
        entry.data = entry.data.replace(b"SUMMARY:", b"SUMMARY:X")
    ended = check()
    assert (ended.returncode, ended.stdout) == (1, f"{source} (public): says something else\n")
    assert upgrade(app) == {}
    assert check().returncode == 0
    with app.app_context():
        mended = db.db.session.scalars(select(Entry).where(Entry.source == source)).one()
        said = [data for data in mended.data.split(b"\r\n") if not data.startswith((b"DTSTAMP", b"LAST-MODIFIED"))]
        assert [data for data in before.split(b"\r\n") if not data.startswith((b"DTSTAMP", b"LAST-MODIFIED"))] == said
