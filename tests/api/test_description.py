"""The API against its own description: whatever is sent is answered as the description says, and never with 500."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from flask import Flask
from schemathesis.engine import events, from_schema

from core.accounts import api_tokens
from core.accounts.queries import find_user

DESCRIPTION = "/api/v1/openapi.json"


def attack(app: Flask, email: str | None, examples: int, phases: dict[str, Any]) -> list[str]:
    """Send what the description lets one make up, and return what was answered in another way than it says."""
    config: dict[str, Any] = {
        "seed": 20261124,
        "parameters": {"path.base": "workshop"},  # one that exists, so that requests get further than to 404
        "continue-on-failure": True,
        "generation": {"max-examples": examples, "deterministic": True, "database": "none"},
        # What fits the description may still mean nothing: an end before its start, a number beyond all bounds.
        "checks": {
            "ignored_auth": {"enabled": False},  # stumbles over WSGI; test_tokens.py asks instead
            "positive_data_acceptance": {"expected-statuses": [200, 201, 204, 400, 401, 403, 404, 409, 422]},
        },
        "phases": phases,
    }
    app.config["RATELIMIT_ENABLED"] = False
    if email is not None:
        with app.app_context():
            user = find_user(email)
            assert user is not None
            config["headers"] = {"Authorization": f"Bearer {api_tokens.create(user_id=user.id)}"}
    described = schemathesis.openapi.from_wsgi(DESCRIPTION, app, config=schemathesis.Config.from_dict(config))
    found = []
    for event in from_schema(described).execute():
        if isinstance(event, events.NonFatalError):
            found.append(f"{event.label}: {event.value}")
        if isinstance(event, events.FatalError):
            raise event.exception
        if isinstance(event, events.ScenarioFinished):
            found += list(_failures(event))
    return found


def _failures(event: events.ScenarioFinished) -> Iterator[str]:
    for number, checks in event.recorder.checks.items():
        for check in checks:
            if check.failure_info is not None:
                failure, case = check.failure_info.failure, event.recorder.cases[number].value
                yield f"{case.method} {case.formatted_path} {case.query} {case.body!r:.300}: {failure}"


PEOPLE = (None, "north@example.com", "manager@example.com")
EDGES = {"examples": {"enabled": False}, "fuzzing": {"enabled": False}, "stateful": {"enabled": False}}
FEW = {"examples": {"enabled": False}, "coverage": {"enabled": False}, "stateful": {"enabled": False}}


@pytest.mark.parametrize("email", PEOPLE)
def test_every_answer_is_one_that_is_described(shop_app: Flask, email: str | None) -> None:
    assert attack(shop_app, email, 5, FEW) == []


def test_answers_at_the_edges_of_the_description_are_described(shop_app: Flask) -> None:
    assert attack(shop_app, "north@example.com", 1, EDGES) == []


@pytest.mark.slow
@pytest.mark.parametrize("email", PEOPLE)
def test_every_answer_to_many_requests_is_one_that_is_described(shop_app: Flask, email: str | None) -> None:
    assert attack(shop_app, email, 100, {}) == []
