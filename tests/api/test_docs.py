"""The examples of docs/api.md, run as they stand."""

import json
import re
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask

from core import clock
from core.accounts import api_tokens
from core.db import db
from tests.booking.conftest import Workshop
from tests.booking.shop import Shop, settings
from tests.support.servers import serving

EXAMPLES = re.findall(r"```sh\n(curl.*?)```", (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8"), re.S)


def test_the_examples_do_what_they_say(shop_app: Flask, workshop: Workshop, keys: dict[str, str]) -> None:
    with shop_app.app_context():
        token = api_tokens.create(user_id=Shop().user("north").id)
        url = db.engine.url.render_as_string(hide_password=False)
    day = (clock.today() + timedelta(days=14)).isoformat()
    with serving(workshop.instance, settings(keys, url) | {"JIDI_INSTANCE": str(workshop.instance)}) as site:
        values = {"SITE": site, "BASE": "workshop", "KIND": "machine", "DAY": day, "TOKEN": token}
        free, made, again, mine = (
            _run(example, values | {"ANSWERS": json.dumps({"purpose": "练习"})})
            for example in (EXAMPLES[0], EXAMPLES[1], EXAMPLES[1], EXAMPLES[2])
        )
    assert {entry["resource"] for entry in free["items"]} >= {"lathe1", "lathe2"}
    assert made["state"] == "confirmed"
    assert again == made
    assert mine["items"] == [made]


def _run(example: str, values: dict[str, str]) -> Any:
    ended = subprocess.run(
        ["bash", "-c", example.replace("curl", "curl --silent --show-error --fail-with-body", 1)],
        env=values | {"PATH": "/usr/bin:/bin"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return json.loads(ended.stdout)
