"""People of the workshop in front of its pages."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, g
from flask.testing import FlaskClient

from tests.booking.shop import Shop


class Visitor(FlaskClient):
    """A client inside the test's own application context, which must not remember who came before."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Send a request."""
        for name in ("_login_user", "csrf_token", "jidi_plugin_states"):
            g.pop(name, None)
        return super().open(*args, **kwargs)


@dataclass(frozen=True)
class Visitors:
    """Makes clients of the workshop's site."""

    app: Flask
    shop: Shop

    def __call__(self, name: str = "") -> FlaskClient:
        """Return a client: `north`, `south` or `manager` signed in, or "" for a visitor."""
        client = Visitor(self.app, self.app.response_class)
        if name:
            with client.session_transaction() as session:
                session["_user_id"] = self.shop.user(name).get_id()
                session["_fresh"] = True
        return client


def machine_form(shop: Shop, **changes: str) -> dict[str, str]:
    """Return a machine's booking form as a browser sends it: in two weeks from nine to eleven."""
    return {
        "for-organisation": str(shop.organisation("north")),
        "retry-key": "first",
        "on-day": shop.at(9).date().isoformat(),
        "on-start": "09:00",
        "on-end": "11:00",
        "pick-0": "",
        "purpose": "练习",
    } | changes
