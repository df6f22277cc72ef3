"""Announcements go from draft to published to archived; nobody's text is lost, nothing unpublished leaks."""

import re
from datetime import timedelta

import pytest

from core import clock, db
from core.audit import AuditEntry
from core.content import queries, writing
from core.content.errors import EditedMeanwhile
from core.content.models import Announcement
from core.errors import Forbidden, NotFound, StateChanged
from tests.booking.shop import Shop
from tests.content.conftest import Announce


def titles(shop: Shop) -> list[str]:
    """Return the titles a visitor finds in the base's list."""
    return [row.title for row in queries.published_of(shop.base, 1).rows]


def test_it_is_public_from_publication_until_it_is_archived(shop: Shop, announce: Announce) -> None:
    draft = announce("检修通知")
    assert titles(shop) == []
    writing.publish(actor=shop.user("manager"), announcement_id=draft.id, version=draft.version)
    assert titles(shop) == ["检修通知"]
    writing.archive(actor=shop.user("manager"), announcement_id=draft.id)
    assert titles(shop) == []


def test_its_address_is_made_of_the_date_and_a_short_mark(announce: Announce) -> None:
    first, second = announce("压铸单元2检修"), announce("压铸单元2检修")
    assert re.fullmatch(rf"{clock.today()}-[0-9a-f]{{4}}", first.slug)
    assert first.slug != second.slug


def test_a_publisher_writes_and_a_manager_publishes(writers: Shop) -> None:
    publisher = writers.user("publisher")
    draft = writing.create(actor=publisher, base_id=writers.base.id, title="草稿", body="正文")
    with pytest.raises(Forbidden):
        writing.publish(actor=publisher, announcement_id=draft.id, version=draft.version)
    with pytest.raises(Forbidden):
        writing.create(actor=publisher, base_id=writers.base.id, title="草稿", body="正文", publish=True)
    writing.publish(actor=writers.user("manager"), announcement_id=draft.id, version=draft.version)
    with pytest.raises(Forbidden):
        edit(writers, draft, "publisher", title="改了")


def test_only_the_office_writes_for_the_consortium(writers: Shop) -> None:
    with pytest.raises(Forbidden):
        writing.create(actor=writers.user("manager"), base_id=None, title="题", body="文")
    writing.create(actor=writers.user("office"), base_id=None, title="题", body="文", publish=True)
    assert [row.title for row in queries.latest(5)] == ["题"]


def test_a_contact_writes_nothing(writers: Shop, announce: Announce) -> None:
    draft = announce()
    for deed in (
        lambda: writing.create(actor=writers.user("north"), base_id=writers.base.id, title="题", body="文"),
        lambda: edit(writers, draft, "north"),
        lambda: writing.archive(actor=writers.user("north"), announcement_id=draft.id),
    ):
        with pytest.raises(Forbidden):
            deed()


def edit(shop: Shop, announcement: Announcement, who: str, version: int | None = None, **texts: str) -> Announcement:
    """Save an announcement as one of the writers, by default over the version that is saved."""
    return writing.edit(
        actor=shop.user(who),
        announcement_id=announcement.id,
        version=announcement.version if version is None else version,
        title=texts.get("title", announcement.title),
        body=texts.get("body", announcement.body),
        pinned_until=None,
    )


def test_the_second_of_two_writers_gets_both_texts(writers: Shop, announce: Announce) -> None:
    draft = announce(body="原文")
    opened = draft.version
    edit(writers, draft, "publisher", opened, body="编辑写的")
    with pytest.raises(EditedMeanwhile) as refused:
        edit(writers, draft, "manager", opened, body="管理员写的")
    assert refused.value.body == "编辑写的"
    edit(writers, draft, "manager", refused.value.version, body="两边合起来")
    assert queries.find_to_write(writers.base, draft.id).body == "两边合起来"


def test_what_is_published_is_what_the_manager_saw(writers: Shop, announce: Announce) -> None:
    draft = announce()
    seen = draft.version
    edit(writers, draft, "publisher", seen, body="后来改的")
    with pytest.raises(StateChanged):
        writing.publish(actor=writers.user("manager"), announcement_id=draft.id, version=seen)
    assert titles(writers) == []


def test_what_is_archived_changes_no_more(writers: Shop, announce: Announce) -> None:
    row = announce(publish=True)
    manager = writers.user("manager")
    writing.archive(actor=manager, announcement_id=row.id)
    with pytest.raises(StateChanged):
        writing.archive(actor=manager, announcement_id=row.id)
    with pytest.raises(StateChanged):
        writing.publish(actor=manager, announcement_id=row.id, version=row.version)
    with pytest.raises(StateChanged):
        edit(writers, row, "manager")


def test_pinned_ones_come_first_as_long_as_they_are_pinned(shop: Shop, announce: Announce) -> None:
    announce("置顶的", publish=True, pinned_until=clock.now() + timedelta(days=2))
    with clock.set_to(clock.now() + timedelta(hours=1)):
        announce("新的", publish=True)
        assert titles(shop) == ["置顶的", "新的"]
    with clock.set_to(clock.now() + timedelta(days=3)):
        assert titles(shop) == ["新的", "置顶的"]


def test_lists_are_cut_into_pages(shop: Shop, announce: Announce) -> None:
    for number in range(queries.PER_PAGE + 1):
        announce(f"第{number}条", publish=True)
    first, second = queries.published_of(shop.base, 1), queries.published_of(shop.base, 2)
    assert (len(first.rows), first.last, len(second.rows)) == (queries.PER_PAGE, 2, 1)
    assert queries.published_of(shop.base, 99).number == 2
    assert queries.published_of(shop.base, -1).number == 1


def test_an_announcement_is_found_at_its_own_base_only(shop: Shop, announce: Announce) -> None:
    row = announce(publish=True)
    assert queries.find_published(shop.base, row.slug).id == row.id
    with pytest.raises(NotFound):
        queries.find_published(None, row.slug)


def test_each_deed_is_in_the_audit_log(shop: Shop, announce: Announce) -> None:
    row = announce(publish=True)
    writing.archive(actor=shop.user("manager"), announcement_id=row.id)
    deeds = [entry.action for entry in db.db.session.query(AuditEntry).order_by(AuditEntry.id)]
    assert deeds == ["announcement.create", "announcement.publish", "announcement.archive"]
