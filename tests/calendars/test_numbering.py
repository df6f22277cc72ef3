"""The change numbers of collections: one for each commit, even when many write at the same moment."""

from functools import partial

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core import db
from core.calendars.models import Collection, Entry, Membership
from tests.booking.shop import Shop
from tests.calendars.conftest import FEED
from tests.support.people import at_once
from tests.support.statements import counting

pytestmark = pytest.mark.database

WRITERS = 8


def numbers(shop: Shop) -> tuple[int, list[int]]:
    """Return the change number of the base's collection, and those of its entries."""
    db.db.session.rollback()
    collection = db.db.session.scalars(select(Collection).where(Collection.key == f"base:{shop.base.id}")).one()
    changes = select(Membership.change).where(Membership.collection_id == collection.id).order_by(Membership.change)
    return collection.change, list(db.db.session.scalars(changes))


@pytest.mark.parametrize("first", [True, False], ids=["of a new calendar", "of one that is there"])
def test_writers_at_the_same_moment_get_a_number_each(shop_app: Flask, shop: Shop, first: bool) -> None:
    if not first:
        shop.session(hour=8, day=3)

    def book(number: int) -> None:
        with shop_app.app_context():
            one = Shop()
            one.book(
                who="north" if number % 2 else "south",
                picks={0: one.resource(f"lathe{number % 2 + 1}")},
                start=one.at(8 + number),
                end=one.at(9 + number),
            )

    db.db.session.rollback()
    results = at_once([partial(book, number) for number in range(WRITERS)])
    assert results == [None] * WRITERS
    change, changes = numbers(shop)
    expected = WRITERS + (0 if first else 1)
    assert len(set(changes)) == len(changes) == expected, "no number twice"
    assert changes[0] > 0, "none left pending"
    assert change == changes[-1]


def test_what_one_commit_changes_has_one_number(shop: Shop) -> None:
    shop.session()
    training = shop.session(hour=14, uses=[shop.resource("lathe1")])
    change, (first, second) = numbers(shop)
    assert first < second == change
    places = select(Collection.key, Membership.change, Collection.change).join_from(Membership, Collection)
    own = db.db.session.execute(places.join(Entry).where(Entry.source == f"session:{training.id}")).all()
    assert {f"base:{shop.base.id}", f"resource:{shop.resource('lathe1')}"} <= {key for key, _, _ in own}
    assert all(member == collection for _, member, collection in own)


def test_numbers_are_given_in_three_statements_however_many_calendars_have_changed(shop: Shop) -> None:
    shop.session()
    with counting() as statements:
        shop.book()
    (first,) = [at for at, sent in enumerate(statements) if sent.startswith("UPDATE calendar_collection")]
    assert "calendar_collection" in statements[first - 1], "they are locked in their order"
    assert [sent.startswith("UPDATE calendar_membership") for sent in statements].count(True) == 1


def test_a_commit_that_changes_nothing_public_takes_no_number(shop: Shop, visitor: FlaskClient) -> None:
    training = shop.session()
    before, tag = numbers(shop), visitor.get(FEED).headers["ETag"]
    shop.book("course", training_id=training.id)
    assert numbers(shop) == before
    assert visitor.get(FEED, headers={"If-None-Match": tag}).status_code == 304
