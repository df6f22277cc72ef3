"""The workshop of the tests of booking, with a publisher and the office."""

from collections.abc import Callable
from typing import Any

import pytest

from core import clock, db
from core.accounts.models import Grant, User
from core.accounts.roles import Role
from core.content import writing
from core.content.models import PAGE, Item
from core.content.snapshots import Texts
from tests.booking.conftest import lent_shop, shop, shop_app, visit, workshop
from tests.booking.shop import Shop

__all__ = ["lent_shop", "shop", "shop_app", "visit", "workshop"]

Announce = Callable[..., Item]


@pytest.fixture
def writers(shop: Shop) -> Shop:
    """The workshop, where `user("publisher")` writes and `user("office")` writes for the consortium too."""
    now, base_id = clock.now(), shop.base.id
    with db.write() as session:
        publisher = Grant(role=Role.PUBLISHER, base_id=base_id)
        session.add(User(email="publisher@example.com", name="编辑", grants=[publisher], created_at=now))
        session.add(User(email="office@example.com", name="办公室", grants=[Grant(role=Role.OFFICE)], created_at=now))
    return shop


@pytest.fixture
def announce(writers: Shop) -> Announce:
    """Write an announcement of the base as its manager: `announce("题目", "<p>正文。</p>", publish=True)`."""

    def announce(title: str = "检修通知", body: str = "<p>正文。</p>", *, publish: bool = False, **texts: Any) -> Item:
        return writing.create(
            actor=writers.user("manager"),
            base_id=writers.base.id,
            texts=Texts(title=title, body=body, **texts),
            act=writing.PUBLISH if publish else writing.SAVE,
        )

    return announce


@pytest.fixture
def page(shop: Shop) -> Item:
    """A page that the plugin ships."""
    now, texts = clock.now(), {"zh": "<p>戴护目镜。</p>", "en": "<p>Wear goggles.</p>"}
    with db.write() as session:
        page = Item(
            type=PAGE,
            base_id=shop.base.id,
            slug="safety",
            path="safety",
            title="安全须知",
            body=texts["zh"],
            declared={"path": "safety", "position": 1, "title": {"zh": "安全须知", "en": "Safety"}, "body": texts},
            owned=False,
            state="published",
            publish_at=now,
            created_at=now,
            updated_at=now,
        )
        session.add(page)
    return page
