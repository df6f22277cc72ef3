"""Announcements for programs: what is public for everybody, all states for who writes there."""

from collections.abc import Callable
from datetime import date, time, timedelta
from functools import partial
from typing import Any

import pytest
from flask import g

from core import clock, db
from core.accounts import api_tokens
from core.bases.models import Base
from core.content import workflow, writing
from core.content.models import Item
from core.content.snapshots import Happening, Texts
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.content.conftest import Announce
from tests.support.statements import queries

ROOT = "/api/v1/announcements"
Ask = Callable[..., Any]


@pytest.fixture
def ask(writers: Shop, visit: Visitors) -> Ask:
    """Ask as somebody's program: `ask("?limit=2", who="publisher")`; by default as nobody's."""
    visit.app.config["RATELIMIT_ENABLED"] = False
    client = visit()

    def ask(rest: str = "", who: str = "", **headers: str) -> Any:
        g.pop("_flask_babel", None)
        if who:
            headers["Authorization"] = f"Bearer {api_tokens.create(user_id=writers.user(who).id)}"
        return client.get(ROOT + rest, headers=headers)

    return ask


def titles(answer: Any) -> set[str]:
    assert answer.status_code == 200, answer.text
    return {item["title"] for item in answer.json["items"]}


@pytest.fixture
def all_states(writers: Shop, announce: Announce) -> dict[str, Item]:
    """An announcement in each standing, with its standing for title, and one with a pending change."""
    now = clock.now()
    manager = writers.user("manager")
    rows = {
        "draft": announce("draft"),
        "in_review": announce("in_review"),
        "scheduled": announce("scheduled", publish=True, publish_at=now + timedelta(hours=1)),
        "expired": announce("expired", publish=True, publish_at=now - timedelta(2), expire_at=now - timedelta(1)),
        "published": announce("published", publish=True),
        "archived": announce("archived", publish=True),
        "changing": announce("changing", publish=True),
    }
    workflow.submit(actor=manager, item_id=rows["in_review"].id, version=rows["in_review"].version)
    workflow.archive(actor=manager, item_id=rows["archived"].id)
    writing.save(
        actor=writers.user("publisher"),
        item_id=rows["changing"].id,
        version=rows["changing"].version,
        texts=Texts(title="geheim", body="<p>geheim</p>"),
    )
    return rows


@pytest.mark.database
def test_everybody_reads_what_is_public_and_who_writes_there_reads_all(ask: Ask, all_states: dict[str, Item]) -> None:
    assert titles(ask()) == titles(ask(who="north")) == {"published", "changing"}
    for who in ("publisher", "manager", "office"):
        told = {item["title"]: item for item in ask(who=who).json["items"]}
        assert told.keys() == all_states.keys(), who
        standings = {name: item["standing"] for name, item in told.items()}
        assert standings == {name: name for name in all_states} | {"changing": "published"}
        assert [name for name, item in told.items() if item["pending"]] == ["changing"]
    for name, item in all_states.items():
        public = name in {"published", "changing"}
        assert ask(f"/{item.id}").status_code == (200 if public else 404), name
        assert ask(f"/{item.id}", who="publisher").status_code == 200
        assert "geheim" not in ask(f"/{item.id}").text


def test_an_announcement_is_told_with_all_its_fields(writers: Shop, announce: Announce, ask: Ask) -> None:
    now = clock.now().replace(microsecond=0)
    training = writers.session()
    with clock.set_to(now):
        item = announce(
            "考试安排",
            "<p>上午<strong>九点</strong></p>",
            publish=True,
            category="exam",
            reference="渝技〔2026〕8号",
            location="示例教室",
            session_id=training.id,
            expire_at=now + timedelta(days=30),
            pinned_until=now + timedelta(days=2),
        )
        told = ask(f"/{item.id}").json
    assert told == {
        "id": item.id,
        "base": "workshop",
        "places": [],
        "slug": item.slug,
        "title": "考试安排",
        "html": "<p>上午<strong>九点</strong></p>",
        "text": "上午九点",
        "category": "exam",
        "reference": "渝技〔2026〕8号",
        "location": "示例教室",
        "event": None,
        "published_at": clock.local(now).isoformat(),
        "updated_at": clock.local(now).isoformat(),
        "expires_at": clock.local(now + timedelta(days=30)).isoformat(),
        "pinned": True,
        "attachments": [],
        "session": training.id,
        "state": None,
        "standing": None,
        "pending": None,
        "links": {
            "self": f"{ROOT}/{item.id}",
            "page": f"/bases/workshop/announcements/{item.slug}",
        },
    }


def test_a_list_is_cut_by_base_and_category_and_read_page_by_page(writers: Shop, announce: Announce, ask: Ask) -> None:
    for number in range(5):
        announce(f"第{number}条", publish=True, category="event" if number % 2 else "")
    writing.create(
        actor=writers.user("office"), base_id=None, texts=Texts(title="联合体", body="<p>x</p>"), act=writing.PUBLISH
    )
    assert titles(ask("?category=event")) == {"第1条", "第3条"}
    assert "联合体" in titles(ask())
    assert titles(ask("?base=workshop")) == {f"第{number}条" for number in range(5)}
    read: list[str] = []
    cursor = ""
    while cursor is not None:
        answer = ask(f"?limit=2&cursor={cursor}").json
        read += [item["title"] for item in answer["items"]]
        cursor = answer["next"]
    assert read == ["联合体", *(f"第{number}条" for number in reversed(range(5)))]


@pytest.mark.parametrize("query", ["limit=0", "cursor=x", "cursor=WyJ4Il0", "category=nonsense"])
def test_what_cannot_be_meant_is_refused(ask: Ask, query: str) -> None:
    answer = ask(f"?{query}")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == f"/{query.partition('=')[0]}"


def test_what_is_not_there_is_404(ask: Ask) -> None:
    for rest in ("/1", "/99999999999999999999", "?base=nowhere"):
        assert ask(rest).status_code == 404, rest


def test_the_number_of_queries_does_not_grow(announce: Announce, ask: Ask, visit: Visitors) -> None:
    announce(publish=True)

    def counted() -> int:
        with visit.app.app_context():
            return queries(partial(ask, "?limit=200"))

    counted()
    few = counted()
    for number in range(20):
        announce(f"第{number}条", publish=True)
    assert counted() == few


def test_a_base_that_is_not_to_be_seen_is_not_named_among_the_places(writers: Shop, ask: Ask) -> None:
    texts = Texts(title="联合体", body="<p>x</p>", places=frozenset({writers.base.id}))
    number = writing.create(actor=writers.user("office"), base_id=None, texts=texts, act=writing.PUBLISH).id
    assert ask(f"/{number}").json["places"] == ["workshop"]
    with db.write() as session:
        session.get_one(Base, writers.base.id).archived_at = clock.now()
    db.db.session.remove()  # a request begins with nothing
    assert ask(f"/{number}").json["places"] == []


def test_the_time_of_an_event_is_told(announce: Announce, ask: Ask) -> None:
    start = clock.at(date(2026, 12, 8), time(9))
    item = announce(publish=True, event=Happening(start=start, end=start + timedelta(hours=2)))
    assert ask(f"/{item.id}").json["event"] == {
        "start": "2026-12-08T09:00:00+08:00",
        "end": "2026-12-08T11:00:00+08:00",
        "all_day": False,
    }
