"""Announcements with a date stand in the calendars while they are public, and no longer."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar, Event
from sqlalchemy import select

from core import clock, db, jobs
from core.bases.models import Base
from core.calendars import announced
from core.calendars.models import Collection, Entry, Membership
from core.content import trash, workflow, writing
from core.content.errors import Gone
from core.content.models import Item, Place
from core.content.snapshots import Happening, Texts, working
from core.errors import NotFound
from tests.booking.shop import Shop
from tests.calendars.kept import sequence

pytestmark = pytest.mark.database

Announce = Callable[..., Item]
NOON = datetime.fromisoformat("2026-12-08T12:00+08:00")
DAY = timedelta(days=1)
OPEN_DAY = Happening(start=NOON, end=NOON + timedelta(hours=2))


@pytest.fixture
def announce(shop: Shop) -> Announce:
    """Publish an announcement of the base with a date: `announce("开放日", event=OPEN_DAY)`."""

    def announce(title: str = "开放日", *, act: str = writing.PUBLISH, **texts: Any) -> Item:
        values: dict[str, Any] = {"event": OPEN_DAY, "body": "<p>欢迎参观。</p>"} | texts
        return writing.create(
            actor=shop.user("manager"), base_id=shop.base.id, texts=Texts(title=title, **values), act=act
        )

    return announce


def standing(key: str) -> list[Event]:
    """Return the entries that stand in a collection now."""
    chosen = select(Entry.data).join(Membership).join(Collection)
    there = chosen.where(Collection.key == key, Membership.deleted.is_(False)).order_by(Entry.start_at)
    return [event for data in db.db.session.scalars(there) if isinstance(event := Event.from_ical(data), Event)]


def titles(key: str) -> list[str]:
    """Return what stands in a collection now, by title."""
    return [str(event["SUMMARY"]) for event in standing(key)]


def change(shop: Shop, item: Item, act: str = writing.PUBLISH, **texts: Any) -> Item:
    """Save an announcement as its manager."""
    values = working(item)
    return writing.save(
        actor=shop.user("manager"),
        item_id=item.id,
        version=item.version,
        texts=Texts(**{name: getattr(values, name) for name in Texts.__dataclass_fields__} | texts),
        act=act,
    )


def test_it_stands_in_the_calendars_of_its_base_the_portal_and_the_desk(shop: Shop, announce: Announce) -> None:
    announce(location="一号车间", category="event")
    for key in (f"base:{shop.base.id}", "portal", f"desk:{shop.base.id}"):
        (event,) = standing(key)
    assert (event.start, event.end) == (NOON, NOON + timedelta(hours=2))
    assert str(event["SUMMARY"]) == "开放日"
    assert str(event["DESCRIPTION"]) == "欢迎参观。"
    assert str(event["LOCATION"]) == "一号车间"
    assert event.categories == ["活动"]
    assert str(event["TRANSP"]) == "TRANSPARENT"


def test_it_stands_at_further_bases_that_show_it(shop: Shop, announce: Announce) -> None:
    with db.write() as session:
        other = Base(slug="annexe", declared=shop.base.declared)
        session.add(other)
    item = announce()
    assert titles(f"base:{other.id}") == []
    with db.write() as session:
        row = writing.locked(session, item.id)
        row.places = [Place(base_id=other.id)]
        writing.record(session, row, working(row), act="publish", actor_id=None)
    assert titles(f"base:{other.id}") == titles(f"desk:{other.id}") == ["开放日"]


def test_whole_days_are_dates_and_the_end_is_the_day_after(announce: Announce) -> None:
    first = clock.at(date(2026, 12, 8), NOON.time().replace(hour=0))
    announce(event=Happening(start=first, end=first + 3 * DAY, all_day=True))
    (event,) = standing("portal")
    assert (event.start, event.end) == (date(2026, 12, 8), date(2026, 12, 11))
    assert b"DTSTART;VALUE=DATE:20261208" in event.to_ical()


def test_without_a_date_it_stands_nowhere(shop: Shop, announce: Announce) -> None:
    item = announce(event=None)
    assert titles("portal") == []
    change(shop, item, event=OPEN_DAY)
    assert titles("portal") == ["开放日"]
    change(shop, item, event=None)
    assert titles("portal") == []


def test_only_what_is_public_counts(shop: Shop, announce: Announce) -> None:
    item = announce(act=writing.SAVE)
    assert titles("portal") == []
    workflow.publish(actor=shop.user("manager"), item_id=item.id, version=item.version)
    (before,) = standing("portal")
    change(shop, item, act=writing.SAVE, event=Happening(start=NOON + DAY, end=NOON + 2 * DAY), title="改期")
    assert standing("portal") == [before]


def test_it_is_the_same_entry_after_a_change_and_counts_moves_only(shop: Shop, announce: Announce) -> None:
    item = announce()
    (before,) = standing("portal")
    change(shop, item, title="校园开放日")
    (retitled,) = standing("portal")
    change(shop, item, event=Happening(start=NOON + DAY, end=NOON + 2 * DAY))
    (moved,) = standing("portal")
    assert before["UID"] == retitled["UID"] == moved["UID"]
    assert [sequence(event) for event in (before, retitled, moved)] == [0, 0, 1]


def test_it_appears_and_expires_by_itself(announce: Announce) -> None:
    now = clock.now()
    announce(publish_at=now + timedelta(hours=1), expire_at=now + timedelta(hours=2))
    seen = []
    for minutes in (0, 59, 60, 119, 120):
        with clock.set_to(now + timedelta(minutes=minutes)):
            jobs.run_due()
            seen.append(titles("portal"))
    assert seen == [[], [], ["开放日"], ["开放日"], []]


def test_one_that_is_put_off_appears_at_its_new_time_only(shop: Shop, announce: Announce) -> None:
    now = clock.now()
    item = announce(publish_at=now + timedelta(hours=1))
    change(shop, item, publish_at=now + timedelta(hours=3))
    seen = []
    for hours in (1, 3):
        with clock.set_to(now + timedelta(hours=hours)):
            jobs.run_due()
            seen.append(titles("portal"))
    assert seen == [[], ["开放日"]]


def test_it_leaves_when_archived_or_thrown_away_without_being_cancelled(shop: Shop, announce: Announce) -> None:
    manager = shop.user("manager")
    archived, binned = announce("甲"), announce("乙")
    workflow.archive(actor=manager, item_id=archived.id)
    assert titles("portal") == ["乙"]
    trash.throw_away(actor=manager, item_id=binned.id)
    assert titles("portal") == []
    assert db.db.session.scalars(select(Entry.cancelled)).all() == [False, False]
    trash.recover(actor=manager, item_id=binned.id)
    assert titles("portal") == ["乙"]


def test_one_that_was_erased_leaves_its_name_to_no_other(shop: Shop, announce: Announce) -> None:
    """SQLite gives the number of what was erased last to what is written next."""
    item = announce()
    (before,) = standing("portal")
    trash.throw_away(actor=shop.user("manager"), item_id=item.id)
    with clock.set_to(clock.now() + trash.KEPT + timedelta(minutes=1)):
        trash.erase_old()
    announce("招生说明会")
    (event,) = standing("portal")
    assert event["UID"] != before["UID"]
    assert sequence(event) == 0


def test_it_can_be_fetched_as_a_file_of_its_own_while_it_is_public(shop: Shop, announce: Announce) -> None:
    item = announce()
    (event,) = Calendar.from_ical(announced.file_of(shop.base, item.slug)).walk("VEVENT")
    (entry,) = standing("portal")
    assert event["UID"] == entry["UID"]
    assert str(event["URL"]).endswith(f"/bases/workshop/announcements/{item.slug}")
    for missing in (announce(event=None).slug, announce(act=writing.SAVE).slug, "nothing"):
        with pytest.raises(NotFound):
            announced.file_of(shop.base, missing)
    workflow.archive(actor=shop.user("manager"), item_id=item.id)
    with pytest.raises(Gone):
        announced.file_of(shop.base, item.slug)


def test_the_calendar_in_the_page_shows_what_touches_its_days(shop: Shop, announce: Announce) -> None:
    announce()
    announce("草稿", act=writing.SAVE)
    there = [shop.base.id]
    (shown,) = announced.between(there, NOON + timedelta(hours=1), NOON + DAY)
    assert (shown.title, shown.start, shown.all_day, shown.base) == ("开放日", NOON, False, shop.base)
    assert announced.between(there, NOON + timedelta(hours=2), NOON + DAY) == []
    assert announced.between(there, NOON - DAY, NOON) == []
    assert announced.between([], NOON, NOON + DAY) == []
