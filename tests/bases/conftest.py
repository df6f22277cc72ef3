"""The workshop of the tests of booking: a base that is open every day from eight to eight; and the office."""

import pytest

from core import clock, db
from core.accounts.models import Grant, User
from core.accounts.roles import Role
from tests.booking.conftest import lent_shop, shop, shop_app, visit, workshop
from tests.booking.shop import Shop

__all__ = ["lent_shop", "office", "shop", "shop_app", "visit", "workshop"]


@pytest.fixture
def office(shop: Shop) -> User:
    """Somebody of the consortium's office, `office` to visitors."""
    with db.write() as session:
        grants = [Grant(role=Role.OFFICE)]
        user = User(email="office@example.com", name="办公室", grants=grants, created_at=clock.now())
        session.add(user)
    return shop.user("office")
