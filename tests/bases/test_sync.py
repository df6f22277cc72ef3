"""What plugins declare becomes rows; what managers set stays; what is withdrawn is archived."""

from dataclasses import replace
from datetime import time
from typing import Any, cast

import pytest

from core import db
from core.bases import setting_hours, settings
from core.bases.models import Base
from core.bases.sync import sync
from core.plugins.declarations import BaseDeclaration, Hours
from core.plugins.facade import Facade, plugins
from tests.booking.shop import Shop

pytestmark = pytest.mark.database

MORNINGS = ((time(8), time(12)),)


class Declared:
    """Declares bases, as the facade does."""

    def __init__(self, **bases: BaseDeclaration) -> None:
        self._bases = bases

    def bases(self) -> dict[str, BaseDeclaration]:
        """Return them."""
        return self._bases


def upgrade(**bases: BaseDeclaration) -> None:
    """Sync with plugins that declare these bases."""
    with db.write() as session:
        sync(session, cast("Facade", Declared(**bases)))


def declared(**changes: Any) -> BaseDeclaration:
    """Return the workshop's declaration, changed."""
    return replace(plugins().bases()["workshop"], **changes)


def hours(base: Base) -> set[tuple[int, time, time, bool]]:
    """Return a base's rows of hours."""
    db.db.session.expire_all()
    return {(row.weekday, row.opens, row.closes, row.declared) for row in base.hours}


def test_a_second_run_changes_nothing(shop: Shop) -> None:
    before = (shop.base.id, dict(shop.base.declared), hours(shop.base), [row.id for row in shop.base.hours])
    upgrade(workshop=declared())
    assert (shop.base.id, shop.base.declared, hours(shop.base), [row.id for row in shop.base.hours]) == before


def test_declared_hours_are_replaced(shop: Shop) -> None:
    """Also where only the end of a span differs, or one span becomes two."""
    sunday = Hours(weekdays=(6,), opens=time(8), closes=time(12))
    monday = Hours(weekdays=(0,), opens=time(13), closes=time(17))
    upgrade(workshop=declared(hours=(sunday, monday)))
    assert hours(shop.base) == {(6, time(8), time(12), True), (0, time(13), time(17), True)}


def test_what_a_manager_set_stays(shop: Shop) -> None:
    week = [MORNINGS, *[()] * 6]
    manager = shop.user("manager")
    settings.change(actor=manager, base_id=shop.base.id, summary="自己写的", contact="前台", reviews_content=True)
    setting_hours.set_week(actor=manager, base_id=shop.base.id, week=week, keeps_holidays=True)
    upgrade(workshop=declared(summary="新的说明", hours=(), keeps_holidays=False))
    assert (shop.base.summary, shop.base.contact) == ("自己写的", "前台")
    assert hours(shop.base) == {(0, time(8), time(12), False)}
    assert shop.base.keeps_holidays


def test_whether_it_keeps_holidays_follows_the_declaration(shop: Shop) -> None:
    for keeps in (True, False):
        upgrade(workshop=declared(keeps_holidays=keeps))
        assert shop.base.keeps_holidays is keeps


def test_texts_follow_the_declaration(shop: Shop) -> None:
    upgrade(workshop=declared(summary="新的说明", facts=(("面积", "1200平方米"),)))
    assert shop.base.summary == "新的说明"
    assert shop.base.facts == [("面积", "1200平方米")]


def test_a_withdrawn_base_is_archived_and_comes_back(shop: Shop) -> None:
    number = shop.base.id
    upgrade()
    assert [row.slug for row in db.db.session.query(Base).filter(Base.archived_at.is_not(None))] == ["workshop"]
    upgrade(workshop=declared())
    base = shop.base
    assert base.id == number
    assert base.archived_at is None


def test_bases_stand_in_the_order_of_their_plugins(shop: Shop) -> None:
    upgrade(another=declared(name="另一个"), workshop=declared())
    rows = db.db.session.query(Base).order_by(Base.position)
    assert [row.slug for row in rows] == ["another", "workshop"]
