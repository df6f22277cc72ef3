"""The workshop, asked by programs."""

from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask, g
from flask.testing import FlaskClient

from core.accounts import api_tokens
from tests.booking.conftest import lent_shop, shop, shop_app, visit, workshop
from tests.booking.shop import Shop
from tests.booking.visitors import Visitor

__all__ = ["api", "lent_shop", "shop", "shop_app", "visit", "workshop"]

ROOT = "/api/v1/"


@dataclass(frozen=True)
class Api:
    """A program that acts as somebody: `north` or `south` (contacts), `manager`, or nobody ("")."""

    client: FlaskClient
    shop: Shop
    tokens: dict[str, str]

    def __call__(
        self, method: str, address: str, body: object = None, *, who: str = "north", key: str = "", **options: Any
    ) -> Any:
        """Send a request; `body` goes as JSON, `key` as Idempotency-Key."""
        g.pop("_flask_babel", None)  # the language of the request before, in this test's own context
        headers = dict(options.pop("headers", {}))
        if who:
            headers["Authorization"] = f"Bearer {self.token(who)}"
        if key:
            headers["Idempotency-Key"] = key
        if body is not None:
            options["json"] = body
        return self.client.open(ROOT + address, method=method, headers=headers, **options)

    def token(self, who: str) -> str:
        """Return somebody's token."""
        if who not in self.tokens:
            self.tokens[who] = api_tokens.create(user_id=self.shop.user(who).id)
        return self.tokens[who]

    def wish(self, **changes: object) -> dict[str, object]:
        """Return what is sent to book a machine in two weeks from nine to eleven."""
        start, end = self.shop.at(9).isoformat(), self.shop.at(11).isoformat()
        wanted = {"base": "workshop", "kind": "machine", "start": start, "end": end, "answers": {"purpose": "练习"}}
        return wanted | changes

    def made(self, **changes: object) -> dict[str, Any]:
        """Book, and return the booking."""
        answer = self("POST", "bookings", self.wish(**changes))
        assert answer.status_code == 201, answer.get_data(as_text=True)
        return dict(answer.get_json())


@pytest.fixture
def api(shop_app: Flask, shop: Shop) -> Api:
    """A program on the workshop's site."""
    shop_app.config["RATELIMIT_ENABLED"] = False
    return Api(Visitor(shop_app, shop_app.response_class), shop, {})
