"""The demo's people, signed in; and the workshop of the tests of booking."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.booking.conftest import lent_shop, shop, shop_app, workshop
from tests.conftest import Demo

__all__ = ["lent_shop", "shop", "shop_app", "workshop"]

SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def demo_client(demo_app: Flask) -> FlaskClient:
    """A visitor of the demo."""
    return demo_app.test_client()


@pytest.fixture
def sign_in(demo_app: Flask, demo: Demo) -> SignIn:
    """Sign in the first demo account of a role: `sign_in("manager")`."""

    def sign_in(role: str) -> FlaskClient:
        account = next(account for account in demo.accounts if account["role"] == role)
        client = demo_app.test_client()
        answer = client.post("/account/sign-in", data={"email": account["email"], "password": account["password"]})
        assert answer.status_code == 302, answer.text
        return client

    return sign_in
