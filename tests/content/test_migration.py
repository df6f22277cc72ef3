"""What was written before there were items is all there after the upgrade."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from core.content import history, linkcheck, undoing, workflow
from core.content.models import Item
from core.db import db
from tests.booking.shop import place_plugin
from tests.support.databases import Databases
from tests.support.older import upgraded

THEN = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
SHIPPED: dict[str, Any] = {
    "path": "rules",
    "position": 1,
    "title": {"zh": "规定", "en": "Rules"},
    "body": {"zh": "戴**护目镜**。", "en": "Wear **goggles**."},
}
ANNOUNCED = {"body": "见[规定](/bases/workshop/pages/rules)。", "author_id": 1, "version": 3, "base_id": 1}


def rows() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what an older release has written, by table."""
    yield "base", {"slug": "workshop", "position": 1, "declared": {"name": {"zh": "车间"}}, "contact": ""}
    person = {"email": "manager@example.com", "name": "管理员", "active": True, "demo": False, "session_version": 1}
    yield "user_account", person | {"created_at": THEN}
    yield "user_grant", {"user_id": 1, "role": "manager", "base_id": 1}
    page = {"base_id": 1, "position": 1, "updated_at": THEN, "version": 1}
    yield "page", page | {"path": "rules", "declared": SHIPPED}
    yield "page", page | {"path": "rules/own", "declared": None, "title_set": "自己的", "body_set": "**自己**写的"}
    yield "page", page | {"path": "old", "declared": SHIPPED | {"path": "old"}, "archived_at": THEN}
    for state, number in (("draft", 1), ("published", 2), ("archived", 3)):
        shown = None if state == "draft" else THEN + timedelta(days=number)
        times = {"published_at": shown, "created_at": THEN, "updated_at": THEN + timedelta(days=number)}
        pinned = THEN + timedelta(days=30) if state == "published" else None
        words = {"slug": f"a{number}", "title": f"题目{number}", "state": state, "pinned_until": pinned}
        yield "announcement", ANNOUNCED | words | times


@pytest.fixture
def older(databases: Databases, keys: dict[str, str], tmp_path: Path) -> Iterator[Flask]:
    """The site of an older release, brought up to date."""
    place_plugin(tmp_path)
    folder = tmp_path / "plugins" / "workshop" / "pages"
    folder.mkdir()
    for language, title in SHIPPED["title"].items():
        (folder / f"rules.{language}.md").write_text(f"---\ntitle: {title}\n---\n{SHIPPED['body'][language]}\n")
    with upgraded(databases, keys, tmp_path, ["core_0001"], rows()) as app:
        yield app


def found(path: str) -> Item:
    """Return the item at a path."""
    return db.session.scalars(sa.select(Item).where(Item.path == path)).one()


@pytest.mark.database
def test_nothing_is_lost(older: Flask) -> None:
    rules, own, old = found("rules"), found("rules/own"), found("old")
    assert (rules.owned, rules.title, rules.body) == (False, "规定", "<p>戴<strong>护目镜</strong>。</p>")
    assert rules.declared is not None
    assert "goggles" in json.dumps(rules.declared)
    assert (own.owned, own.title, own.body, own.state) == (
        True,
        "自己的",
        "<p><strong>自己</strong>写的</p>",
        "published",
    )
    assert old.state == "archived"
    told = [
        (item.state, item.title, item.publish_at, item.pinned_until, item.author_id)
        for item in map(found, ("a1", "a2", "a3"))
    ]
    assert told == [
        ("draft", "题目1", None, None, 1),
        ("published", "题目2", THEN + timedelta(days=2), THEN + timedelta(days=30), 1),
        ("archived", "题目3", THEN + timedelta(days=3), None, 1),
    ]
    assert [found(path).updated_at for path in ("a1", "a2")] == [THEN + timedelta(days=1), THEN + timedelta(days=2)]


def test_it_can_be_worked_on_at_once(older: Flask) -> None:
    item = found("a2")
    manager = item.author
    assert manager is not None
    assert [link.title for link in linkcheck.links_to(manager, found("rules"))] == ["题目1", "题目2"]
    before = item.publish_at, item.pinned_until
    workflow.archive(actor=manager, item_id=item.id)
    undoing.undo(actor=manager, item_id=item.id, version=item.version)
    assert (item.state, item.publish_at, item.pinned_until) == ("published", *before)
    assert [revision.act for revision in history.revisions(item)] == ["undo", "archive", "import"]
