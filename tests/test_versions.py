"""Tests of `core/versions.py`: what counts as a change of what is public, and what does not."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from core import clock, db, versions
from core.bases.models import Base
from core.booking.models import Kind
from core.organisations.models import AccountRequest, Organisation

pytestmark = pytest.mark.database


@pytest.fixture
def site(app: Flask) -> Iterator[Flask]:
    """An application whose topics have all been counted once."""
    with app.app_context():
        with db.write() as session:
            for topic in ("booking", "content", "site"):
                versions.touch(session, topic)
        yield app


def changed(site: Flask, before: dict[str, int]) -> set[str]:
    """Return the topics that were counted since."""
    now = versions.read(db.db.engine)
    assert all(now[topic] > number for topic, number in before.items() if now[topic] != number)
    return {topic for topic in now if now[topic] != before.get(topic)}


def numbers() -> dict[str, int]:
    """Return all counts."""
    return dict(versions.read(db.db.engine))


def school(name: str) -> Organisation:
    """Return a new school."""
    return Organisation(slug=name, name=name, short_name=name, kind="school", created_at=clock.now())


def test_a_changed_row_counts_for_its_topic_alone(site: Flask) -> None:
    before = numbers()
    with db.write() as session:
        session.add(school("one"))
    assert changed(site, before) == {"site"}


def test_so_does_a_statement_over_many_rows(site: Flask) -> None:
    before = numbers()
    with db.write() as session:
        session.execute(update(Kind).values(archived_at=clock.now()))
    assert changed(site, before) == {"booking"}


def test_reading_and_what_no_page_shows_count_for_nothing(site: Flask) -> None:
    before = numbers()
    with db.write() as session:
        session.scalars(select(Base)).all()
        session.execute(update(AccountRequest).values(message=""))
    assert changed(site, before) == set()


def test_what_is_rolled_back_counts_neither_then_nor_with_the_next_change(site: Flask) -> None:
    before = numbers()
    with pytest.raises(IntegrityError), db.write() as session:
        session.add_all([school("one"), school("one")])
    with db.write() as session:
        session.execute(update(Kind).values(archived_at=None))
    assert changed(site, before) == {"booking"}


def test_a_savepoint_rolled_back_forgets_nothing_of_what_is_committed_around_it(site: Flask) -> None:
    before = numbers()
    with db.write() as session:
        session.add(school("one"))
        session.flush()
        savepoint = session.begin_nested()
        session.execute(update(Kind).values(archived_at=None))
        savepoint.rollback()
    assert "site" in changed(site, before)


def test_a_change_inside_a_savepoint_counts_once_all_is_committed(site: Flask) -> None:
    before = numbers()
    with db.write() as session, session.begin_nested():
        session.add(school("one"))
    assert changed(site, before) == {"site"}


def test_a_number_never_comes_twice_also_when_the_database_is_put_back(site: Flask) -> None:
    old = numbers()
    with db.write() as session:
        session.add(school("one"))
    seen = numbers()["site"]
    with db.write() as session:  # as from a copy that was made before
        session.execute(update(versions.SiteVersion).values(value=old["site"]))
    with db.write() as session:
        session.add(school("two"))
    assert numbers()["site"] > seen
