"""The workshop of the tests of booking, with a publisher and the office."""

from collections.abc import Callable

import pytest

from core import clock, db
from core.accounts.models import Grant, User
from core.accounts.roles import Role
from core.content import writing
from core.content.models import Announcement, Page
from tests.booking.conftest import lent_shop, shop, shop_app, visit, workshop
from tests.booking.shop import Shop

__all__ = ["lent_shop", "shop", "shop_app", "visit", "workshop"]

Announce = Callable[..., Announcement]


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
    """Write an announcement of the base as its manager: `announce("题目", publish=True)`."""

    def announce(title: str = "检修通知", body: str = "正文。", **more: object) -> Announcement:
        more.setdefault("base_id", writers.base.id)
        return writing.create(actor=writers.user("manager"), title=title, body=body, **more)  # type: ignore[arg-type]

    return announce


@pytest.fixture
def page(shop: Shop) -> Page:
    """A page that the plugin ships."""
    declared = {"title": {"zh": "安全须知", "en": "Safety"}, "body": {"zh": "戴护目镜。", "en": "Wear goggles."}}
    with db.write() as session:
        page = Page(base_id=shop.base.id, path="safety", declared=declared, updated_at=clock.now())
        session.add(page)
    return page
