"""What leaves a calendar in time, and how its followers hear of it."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from core import clock, db, worker
from core.booking import workflow
from core.calendars.models import Membership
from core.calendars.tidy import tidy
from tests.booking.shop import Shop
from tests.calendars.conftest import FEED, Read
from tests.support.statements import counting

pytestmark = pytest.mark.database


def places() -> dict[int, Any]:
    """Return the change number of each place and whether it was left, by the collection's id."""
    chosen = select(Membership.collection_id, Membership.change, Membership.deleted)
    return {row.collection_id: row for row in db.db.session.execute(chosen)}


def test_a_cancelled_entry_leaves_30_days_after_its_end(shop: Shop, read: Read) -> None:
    booking = shop.book()
    end = booking.end_at
    workflow.move(actor=shop.user("manager"), ref=booking.ref, action="cancel", reason="不来了")
    with clock.set_to(end + timedelta(days=29)):
        assert tidy() == 0
        assert len(read()) == 1
    with clock.set_to(end + timedelta(days=31)):
        assert tidy() > 0
        assert read() == []


def test_what_took_place_stays_for_13_months(shop: Shop, read: Read) -> None:
    end = shop.session().end_at
    with clock.set_to(end + timedelta(days=390)):
        assert tidy() == 0
        assert len(read()) == 1
    with clock.set_to(end + timedelta(days=400)):
        tidy()
        assert read() == []


def test_followers_are_told_by_a_change_number_of_its_own(shop: Shop, visitor: FlaskClient) -> None:
    end = shop.session().end_at
    before = visitor.get(FEED).headers["ETag"]
    with clock.set_to(end + timedelta(days=400)):
        first = places()
        tidy()
        assert visitor.get(FEED, headers={"If-None-Match": before}).status_code == 200
        rows = places()
        assert all(row.deleted and row.change > first[key].change for key, row in rows.items())
        assert tidy() == 0, "done once"


def test_the_worker_sees_to_it(shop: Shop, read: Read) -> None:
    end = shop.session().end_at
    with clock.set_to(end + timedelta(days=400)):
        worker.tidy()
    assert read() == []


def test_nothing_is_written_when_nothing_has_had_its_time(shop: Shop) -> None:
    shop.session()
    with counting() as statements:
        assert tidy() == 0
    assert not [statement for statement in statements if statement.startswith(("UPDATE", "BEGIN IMMEDIATE"))]
