"""Content goes from draft to published to archived; nobody's text is lost, nothing unpublished leaks."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core import clock, db
from core.accounts.models import Grant, User
from core.accounts.roles import Role
from core.audit import AuditEntry
from core.bases.models import Base
from core.content import listing, queries, workflow, writing
from core.content.errors import EditedMeanwhile, Gone
from core.content.models import ANNOUNCEMENT, PAGE, Item
from core.content.snapshots import Texts, working
from core.errors import Forbidden, Invalid, NotFound, StateChanged
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.content.conftest import Announce


def titles(shop: Shop, number: int = 1) -> list[str]:
    """Return the titles a visitor finds in the base's list."""
    return [row.title for row in listing.listed(ANNOUNCEMENT, shop.base, number).rows]


def save(shop: Shop, item: Item, who: str, version: int | None = None, act: str = writing.SAVE, **texts: Any) -> Item:
    """Save an item as one of the writers, by default over the version that is saved."""
    return writing.save(
        actor=shop.user(who),
        item_id=item.id,
        version=item.version if version is None else version,
        texts=replace(working(item), **texts),
        act=act,
    )


def test_it_is_public_from_publication_until_it_is_archived(shop: Shop, announce: Announce) -> None:
    draft = announce("检修通知")
    assert titles(shop) == []
    workflow.publish(actor=shop.user("manager"), item_id=draft.id, version=draft.version)
    assert titles(shop) == ["检修通知"]
    workflow.archive(actor=shop.user("manager"), item_id=draft.id)
    assert titles(shop) == []


def test_its_address_is_made_of_the_date_and_a_short_mark(announce: Announce) -> None:
    first, second = announce("压铸单元2检修"), announce("压铸单元2检修")
    assert re.fullmatch(rf"{clock.today()}-[0-9a-f]{{4}}", first.slug)
    assert first.slug != second.slug


def test_a_publisher_writes_and_a_manager_publishes(writers: Shop) -> None:
    publisher, texts = writers.user("publisher"), Texts(title="草稿", body="<p>正文</p>")
    draft = writing.create(actor=publisher, base_id=writers.base.id, texts=texts)
    with pytest.raises(Forbidden):
        workflow.publish(actor=publisher, item_id=draft.id, version=draft.version)
    with pytest.raises(Forbidden):
        writing.create(actor=publisher, base_id=writers.base.id, texts=texts, act=writing.PUBLISH)
    workflow.publish(actor=writers.user("manager"), item_id=draft.id, version=draft.version)
    with pytest.raises(Forbidden):
        save(writers, draft, "publisher", act=writing.PUBLISH, title="改了")


def test_a_publishers_change_of_a_public_text_waits_until_it_is_reviewed(writers: Shop, announce: Announce) -> None:
    item = announce("旧题", publish=True)
    save(writers, item, "publisher", act=writing.SUBMIT, title="新题")
    assert titles(writers) == ["旧题"]
    assert working(item).title == "新题"
    workflow.publish(actor=writers.user("manager"), item_id=item.id, version=item.version)
    assert titles(writers) == ["新题"]
    assert item.pending is None


def test_only_the_office_writes_for_the_consortium(writers: Shop) -> None:
    texts = Texts(title="题", body="<p>文</p>")
    with pytest.raises(Forbidden):
        writing.create(actor=writers.user("manager"), base_id=None, texts=texts)
    writing.create(actor=writers.user("office"), base_id=None, texts=texts, act=writing.PUBLISH)
    assert [row.title for row in listing.latest(None, 5)] == ["题"]


def test_a_contact_writes_nothing(writers: Shop, announce: Announce) -> None:
    draft = announce()
    contact = writers.user("north")
    for deed in (
        lambda: writing.create(actor=contact, base_id=writers.base.id, texts=Texts(title="题", body="文")),
        lambda: save(writers, draft, "north"),
        lambda: workflow.submit(actor=contact, item_id=draft.id, version=draft.version),
        lambda: workflow.archive(actor=contact, item_id=draft.id),
    ):
        with pytest.raises(Forbidden):
            deed()


@pytest.mark.database
def test_the_second_of_two_writers_gets_both_texts(writers: Shop, announce: Announce) -> None:
    draft = announce(body="<p>原文</p>")
    opened = draft.version
    save(writers, draft, "publisher", opened, body="<p>编辑写的</p>")
    with pytest.raises(EditedMeanwhile) as refused:
        save(writers, draft, "manager", opened, body="<p>管理员写的</p>")
    assert refused.value.body == "<p>编辑写的</p>"
    save(writers, draft, "manager", refused.value.version, body="<p>两边合起来</p>")
    assert queries.find_to_write(writers.base, draft.id).body == "<p>两边合起来</p>"


def test_what_is_published_is_what_the_manager_saw(writers: Shop, announce: Announce) -> None:
    draft = announce()
    seen = draft.version
    save(writers, draft, "publisher", seen, body="<p>后来改的</p>")
    with pytest.raises(StateChanged):
        workflow.publish(actor=writers.user("manager"), item_id=draft.id, version=seen)
    assert titles(writers) == []


def test_what_is_archived_changes_no_more(writers: Shop, announce: Announce) -> None:
    item = announce(publish=True)
    manager = writers.user("manager")
    workflow.archive(actor=manager, item_id=item.id)
    with pytest.raises(StateChanged):
        workflow.archive(actor=manager, item_id=item.id)
    with pytest.raises(StateChanged):
        workflow.publish(actor=manager, item_id=item.id, version=item.version)
    with pytest.raises(StateChanged):
        save(writers, item, "manager")


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
    assert (len(titles(shop, 1)), len(titles(shop, 2))) == (queries.PER_PAGE, 1)
    assert listing.listed(ANNOUNCEMENT, shop.base, 99).number == 2
    assert listing.listed(ANNOUNCEMENT, shop.base, -1).number == 1


def test_an_announcement_is_found_at_its_own_base_only(shop: Shop, announce: Announce) -> None:
    item = announce(publish=True)
    assert queries.find_public(shop.base, ANNOUNCEMENT, item.path).id == item.id
    with pytest.raises(NotFound):
        queries.find_public(None, ANNOUNCEMENT, item.path)


@pytest.mark.database
def test_it_comes_and_goes_on_the_second(shop: Shop, announce: Announce) -> None:
    second, begin = timedelta(seconds=1), shop.at(8, 3)
    end = begin + timedelta(days=4)
    item = announce("开放日", publish=True, publish_at=begin, expire_at=end)

    def seen() -> tuple[list[str], type[Exception] | None]:
        try:
            queries.find_public(shop.base, ANNOUNCEMENT, item.path)
        except (Gone, NotFound) as refusal:
            return titles(shop), type(refusal)
        return titles(shop), None

    for moment, expected in (
        (begin - second, ([], NotFound)),
        (begin, (["开放日"], None)),
        (end - second, (["开放日"], None)),
        (end, ([], Gone)),
    ):
        with clock.set_to(moment):
            assert seen() == expected, moment


def test_it_cannot_end_before_it_begins(shop: Shop, announce: Announce) -> None:
    with pytest.raises(Invalid) as refused:
        announce(publish=True, publish_at=shop.at(9), expire_at=shop.at(8))
    assert list(refused.value.problems) == ["expire_at"]
    with pytest.raises(Invalid):
        announce(publish=True, expire_at=clock.now() - timedelta(minutes=1))


def test_an_address_is_given_only_once(shop: Shop) -> None:
    def write() -> Item:
        texts, manager = Texts(title="安全", body="<p>文</p>"), shop.user("manager")
        return writing.create(actor=manager, base_id=shop.base.id, kind=PAGE, slug="safe", texts=texts)

    write()
    with pytest.raises(Invalid) as refused:
        write()
    assert list(refused.value.problems) == ["slug"]


def test_each_deed_is_in_the_audit_log(shop: Shop, announce: Announce) -> None:
    item = announce(publish=True)
    workflow.archive(actor=shop.user("manager"), item_id=item.id)
    deeds = [entry.action for entry in db.db.session.query(AuditEntry).order_by(AuditEntry.id)]
    assert deeds == ["content.publish", "content.archive"]


def test_an_own_text_is_shown_in_place_of_the_shipped_one(shop: Shop, page: Item, visit: Visitors) -> None:
    save(shop, page, "manager", act=writing.PUBLISH, body="<p>今天停电。</p>")
    text = visit().get("/bases/workshop/pages/safety").text
    assert "今天停电。" in text
    assert "戴护目镜。" not in text


@pytest.mark.parametrize(("language", "text"), [("zh", "戴护目镜。"), ("en", "Wear goggles.")])
def test_without_an_own_text_each_reader_gets_theirs(page: Item, visit: Visitors, language: str, text: str) -> None:
    assert text in visit().get(f"/bases/workshop/pages/safety?lang={language}").text


def test_a_further_base_is_chosen_by_who_publishes_there(writers: Shop) -> None:
    now = clock.now()
    with db.write() as session:
        other = Base(slug="elsewhere", declared=writers.base.declared)
        session.add(other)
        session.flush()
        other_id, grants = other.id, [Grant(role=Role.PUBLISHER, base_id=base) for base in (writers.base.id, other.id)]
        session.add(User(email="both@example.com", name="某人", grants=grants, created_at=now))
    texts = Texts(title="两地", body="<p>文</p>", places=frozenset({other_id}))
    for who, act in (("both", writing.SUBMIT), ("manager", writing.SAVE)):
        with pytest.raises(Invalid) as refused:
            writing.create(actor=writers.user(who), base_id=writers.base.id, texts=texts, act=act)
        assert list(refused.value.problems) == ["places"]
    draft = writing.create(actor=writers.user("office"), base_id=writers.base.id, texts=texts)
    workflow.publish(actor=writers.user("manager"), item_id=draft.id, version=draft.version)
    assert [place.base_id for place in draft.places] == [other_id]


@pytest.mark.parametrize("target", ["//[", "//[::1", "/%00", "/media/99999999999/x.png", "/pages/" + "a/" * 200])
def test_a_link_that_is_no_address_breaks_nothing(announce: Announce, target: str) -> None:
    assert "见" in announce(body=f'<p><a href="{target}">见</a></p>').body


def test_a_made_address_that_is_taken_is_made_anew(announce: Announce, monkeypatch: pytest.MonkeyPatch) -> None:
    marks = iter(["aaaa", "aaaa", "bbbb"])
    monkeypatch.setattr("secrets.token_hex", lambda _size: next(marks))
    assert [announce().slug[-4:], announce().slug[-4:]] == ["aaaa", "bbbb"]
