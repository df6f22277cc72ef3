"""The demo's people, signed in."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import Demo, MakeApp

SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def shown(make_app: MakeApp, demo: Demo) -> Flask:
    """An application with the demo in its database."""
    return make_app(demo.template)


@pytest.fixture
def sign_in(shown: Flask, demo: Demo) -> SignIn:
    """Sign in the first demo account of a role: `sign_in("manager")`."""

    def sign_in(role: str) -> FlaskClient:
        account = next(account for account in demo.accounts if account["role"] == role)
        client = shown.test_client()
        answer = client.post("/account/sign-in", data={"email": account["email"], "password": account["password"]})
        assert answer.status_code == 302, answer.text
        return client

    return sign_in
