"""What is found, by whom, and when."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select

from core import clock, db
from core.booking import resources, sessions
from core.booking.models import Resource
from core.content import workflow, writing
from core.content.media.models import MediaFile
from core.content.models import ANNOUNCEMENT, Item
from core.content.search import indexing, synonyms
from core.content.search import queries as found
from core.content.search.models import Document
from core.content.search.queries import PER_PAGE, search
from core.content.snapshots import Texts, working
from core.upgrade import upgrade
from tests.booking.shop import Shop
from tests.content.conftest import Announce

pytestmark = pytest.mark.database


def titles(text: str, **filters: Any) -> list[str]:
    """Return the titles of what is found, best first."""
    return [document.title for document in search(text, **filters).documents]


# --- what is found ---


@pytest.mark.parametrize("text", ["停电", "电梯", "dcc630", "ＤＣＣ－６３０", "Dcc 630", "停电 电梯", "停"])
def test_words_of_two_characters_and_part_numbers_are_found_in_any_form(announce: Announce, text: str) -> None:
    announce("停电通知", "<p>DCC-630与电梯停用。</p>", publish=True)
    announce("别的", "<p>无关。</p>", publish=True)
    assert titles(text) == ["停电通知"]


def test_a_title_comes_before_a_text_and_a_newer_one_before_an_older(announce: Announce) -> None:
    now = clock.now()
    announce("安排", "<p>停电。停电。停电。</p>", publish=True)
    announce("停电通知一", publish=True, publish_at=now - timedelta(days=400))
    announce("停电通知二", publish=True, publish_at=now - timedelta(days=10))
    assert titles("停电") == ["停电通知二", "停电通知一", "安排"]


def test_words_that_stand_together_come_before_words_far_apart(announce: Announce) -> None:
    between = "这里是别的内容，" * 8
    announce("近", f"<p>{between}夜班不收未成年学员。{between}</p>", publish=True)
    announce("远", f"<p>夜班。{between}{between}未成年。</p>", publish=True)
    assert titles("夜班 未成年") == ["近", "远"]


def test_where_nothing_has_every_word_what_has_some_is_found(announce: Announce) -> None:
    announce("停电通知", publish=True)
    found = search("停电 护目镜")
    assert [document.title for document in found.documents] == ["停电通知"]
    assert not found.every


@pytest.mark.parametrize("text", ["", "*", '"', "😀", "\0", "'; DROP TABLE base; --"])
def test_odd_queries_find_nothing_and_break_nothing(announce: Announce, text: str) -> None:
    announce("停电通知", publish=True)
    assert titles(text) == []


def test_more_than_a_page_is_turned_over(announce: Announce) -> None:
    for number in range(PER_PAGE + 2):
        announce(f"停电通知{number}", publish=True)
    found = search("停电", number=2)
    assert (found.total, found.last, len(found.documents)) == (PER_PAGE + 2, 2, 2)
    assert search("停电", number=99).number == 2


def test_a_synonym_is_found_both_ways_and_no_more_once_it_is_taken_away(announce: Announce, writers: Shop) -> None:
    announce("护目镜的借用", publish=True)
    announce("Goggles", publish=True)
    row = synonyms.add(actor=writers.user("office"), text="护目镜，goggles")
    assert set(titles("goggles")) == set(titles("护目镜")) == {"护目镜的借用", "Goggles"}
    synonyms.remove(actor=writers.user("office"), synonym_id=row.id)
    assert titles("goggles") == ["Goggles"]


# --- what visitors may not find ---


def test_what_is_not_public_is_not_found(announce: Announce, writers: Shop) -> None:
    now, manager = clock.now(), writers.user("manager")
    announce("停电草稿")
    announce("停电预告", publish=True, publish_at=now + timedelta(minutes=1))
    announce("停电旧闻", publish=True, publish_at=now - timedelta(days=2), expire_at=now - timedelta(days=1))
    item = announce("停电存档", publish=True)
    workflow.archive(actor=manager, item_id=item.id)
    trashed = announce("停电作废", publish=True)
    with db.write() as session:
        session.get_one(Item, trashed.id).trashed_at = now
    assert titles("停电") == []


def test_it_is_found_from_its_publication_to_its_expiry_to_the_second(
    announce: Announce, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now()
    starts, ends = now + timedelta(hours=1), now + timedelta(hours=2)
    announce("停电通知", publish=True, publish_at=starts, expire_at=ends)
    second = timedelta(seconds=1)
    for moment, expected in ((starts - second, []), (starts, ["停电通知"]), (ends - second, ["停电通知"]), (ends, [])):
        monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
        assert titles("停电") == expected


def test_a_change_is_not_found_before_it_is_published_and_the_old_words_not_after(
    announce: Announce, writers: Shop
) -> None:
    item = announce("停电通知", publish=True)
    texts = Texts(title="停水通知", body="<p>锅炉</p>")
    manager = writers.user("manager")
    pending = writing.save(actor=manager, item_id=item.id, version=item.version, texts=texts)
    assert (titles("停水"), titles("锅炉"), titles("停电")) == ([], [], ["停电通知"])
    writing.save(actor=manager, item_id=item.id, version=pending.version, texts=working(pending), act=writing.PUBLISH)
    assert (titles("停水"), titles("锅炉"), titles("停电")) == (["停水通知"], ["停水通知"], [])


def test_what_belongs_to_a_base_that_is_not_to_be_seen_is_not_found(
    announce: Announce, writers: Shop, attached: tuple[MediaFile, Item]
) -> None:
    announce("浇注通知", publish=True)
    writers.session(title="浇注入门")
    assert set(titles("浇注")) == {"浇注通知", "附件一.pdf", "浇注入门"}
    with db.write() as session:
        session.get_one(type(writers.base), writers.base.id).archived_at = clock.now()
    assert titles("浇注") == []


# --- files, sessions, equipment ---


def test_the_text_of_a_file_is_found_while_something_public_uses_it(
    attached: tuple[MediaFile, Item], writers: Shop
) -> None:
    _file, item = attached
    assert titles("浇注系统") == ["附件一.pdf"]
    workflow.archive(actor=writers.user("manager"), item_id=item.id)
    assert titles("浇注系统") == []


def test_a_session_is_found_until_it_is_over_or_cancelled(writers: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    training = writers.session(title="镗工入门")
    assert titles("镗工") == ["镗工入门"]
    with monkeypatch.context() as later:
        later.setattr(clock, "now", lambda: training.end_at)
        assert titles("镗工") == []
    sessions.cancel(actor=writers.user("manager"), session_id=training.id, reason="停电")
    assert titles("镗工") == []


def test_equipment_is_found_by_name_and_facts_under_what_a_manager_calls_it(writers: Shop) -> None:
    manager, base_id = writers.user("manager"), writers.base.id
    own = resources.Own(kind="machine", facts=(("锁模力", "6300 kN"),))
    machine = resources.add(actor=manager, base_id=base_id, shown=resources.Shown(name="压铸机甲"), own=own)
    assert titles("压铸机") == titles("锁模力 6300") == ["压铸机甲"]
    resources.change(actor=manager, resource_id=machine.id, shown=resources.Shown(name="射芯机乙"), own=own)
    assert (titles("射芯机"), titles("压铸机")) == (["射芯机乙"], [])
    resources.retire(actor=manager, resource_id=machine.id)
    assert titles("射芯机") == []


def test_people_and_seats_are_not_found(writers: Shop) -> None:
    training = writers.session(title="镗工入门")
    with db.write() as session:
        indexing.rebuild(session)
        names = session.scalars(select(Resource.slug).where(Resource.id == training.seats_resource_id)).all()
    assert names
    assert titles("教练") == []
    assert titles("镗工") == ["镗工入门"]


# --- narrowing down ---


def test_hits_are_narrowed_to_a_base_or_the_consortium_and_a_type(announce: Announce, writers: Shop) -> None:
    announce("停电通知", publish=True)
    writing.create(
        actor=writers.user("office"),
        base_id=None,
        texts=Texts(title="联合停电通知", body="<p>各基地。</p>"),
        act=writing.PUBLISH,
    )
    writers.session(title="停电演练")
    assert set(titles("停电", base=writers.base)) == {"停电通知", "停电演练"}
    assert titles("停电", base=None) == ["联合停电通知"]
    assert titles("停电", kind="session") == ["停电演练"]
    assert dict(search("停电", kind="session").types) == {ANNOUNCEMENT: 2, "session": 1}


# --- the documents ---


def test_what_is_missing_is_written_once_and_all_of_it_anew_on_demand(announce: Announce) -> None:
    announce("停电通知", publish=True)
    with db.write() as session:
        count = indexing.rebuild(session)
        assert count > 0
        assert indexing.complete(session) == 0
        assert indexing.rebuild(session) == count
    assert titles("停电") == ["停电通知"]


def test_an_upgrade_indexes_what_was_written_past_the_search(announce: Announce, shop_app: Flask) -> None:
    announce("停电通知", publish=True)
    with db.write() as session:
        session.execute(delete(Document))
    assert titles("停电") == []
    db.db.session.rollback()  # the upgrade waits for who reads
    upgrade(shop_app)
    assert titles("停电") == ["停电通知"]


def test_a_text_longer_than_the_index_takes_is_found_by_its_beginning(announce: Announce) -> None:
    words = " ".join(f"w{number:x}" for number in range(60_000))
    with db.write() as session:
        now = clock.now()
        item = Item(
            type=ANNOUNCEMENT,
            slug="long",
            path="long",
            title="长文",
            body=f"<p>停电 {words}</p>",
            state="published",
            publish_at=now,
            created_at=now,
            updated_at=now,
        )
        session.add(item)
        session.flush()
        indexing.complete(session)
    assert titles("停电") == ["长文"]


def test_a_type_is_found_whole_however_much_of_others_ranks_above_it(
    announce: Announce, page: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(found, "MOST", 2)
    for number in range(3):
        announce(f"安全{number}", publish=True)
    with db.write() as session:
        indexing.complete(session)
    assert page.title not in titles("安全")
    assert titles("安全", kind="page") == [page.title]
