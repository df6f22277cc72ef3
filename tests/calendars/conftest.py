"""The workshop of the tests of booking: what happens there is what stands in its calendars."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar, Event

from tests.booking.conftest import lent_shop, shop, shop_app, visit, workshop
from tests.booking.visitors import Visitors

__all__ = ["lent_shop", "shop", "shop_app", "visit", "workshop"]

FEED = "/bases/workshop/calendar.ics"

Read = Callable[..., list[Event]]


@pytest.fixture
def visitor(visit: Visitors) -> FlaskClient:
    """Somebody who is not signed in."""
    return visit()


@pytest.fixture
def read(visitor: FlaskClient) -> Read:
    """Return the entries of a public feed: the base's unless told."""

    def read(address: str = FEED) -> list[Event]:
        answer = visitor.get(address)
        assert answer.status_code == 200, answer.text
        return [event for event in Calendar.from_ical(answer.data).walk("VEVENT") if isinstance(event, Event)]

    return read
