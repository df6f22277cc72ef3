"""The workshop of the tests of booking: a base that is open every day from eight to eight."""

from tests.booking.conftest import shop, shop_app, visit, workshop

__all__ = ["shop", "shop_app", "visit", "workshop"]
