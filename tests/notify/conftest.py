"""The workshop of the booking tests, and the people of an application with nothing else."""

import pytest
from flask import Flask

from tests.booking.conftest import lent_shop, shop, shop_app, workshop
from tests.support.people import People

__all__ = ["lent_shop", "shop", "shop_app", "workshop"]


@pytest.fixture
def people(app: Flask) -> People:
    """Those who use `app`."""
    return People(app)
