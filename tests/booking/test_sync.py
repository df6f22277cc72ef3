"""Declarations become rows; what a manager has set, what is booked and what is withdrawn stays."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from core import db
from core.booking.models import Kind, Resource
from core.booking.rules import rules_of
from core.booking.sync import sync
from core.intake.models import FormVersion
from core.plugins.facade import plugins
from core.plugins.fields import Text
from tests.booking.shop import Shop

pytestmark = pytest.mark.database


class Declared:
    """The facade, with other resources and kinds."""

    def __init__(self, **changed: Any) -> None:
        self._changed = changed

    def __getattr__(self, name: str) -> Any:
        if name in self._changed:
            return lambda slug: self._changed[name]
        return getattr(plugins(), name)


def run(**changed: Any) -> None:
    with db.write() as session:
        sync(session, Declared(**changed))  # type: ignore[arg-type]
    db.db.session.expire_all()


def row(model: Any, slug: str) -> Any:
    return db.db.session.scalars(select(model).where(model.slug == slug)).one()


def test_a_second_run_changes_nothing(shop: Shop) -> None:
    def state() -> list[Any]:
        resources = [(r.id, r.slug, r.capacity, r.archived_at) for r in db.db.session.scalars(select(Resource))]
        return [resources, shop.count(Kind), shop.count(FormVersion)]

    before = state()
    run()
    assert state() == before


def test_what_is_withdrawn_is_archived_and_comes_back(shop: Shop) -> None:
    declared = list(plugins().resources("workshop"))
    training = shop.session()
    run(resources=declared[1:])
    assert row(Resource, "lathe1").archived_at is not None
    assert row(Resource, "coach").archived_at is None
    assert training.seats_resource.archived_at is None  # type: ignore[union-attr]
    run()
    assert row(Resource, "lathe1").archived_at is None


def test_what_a_manager_has_set_stays(shop: Shop) -> None:
    with db.write() as session:
        session.scalars(select(Kind).where(Kind.slug == "cell")).one().rules_set = {"approval": False}
        session.scalars(select(Resource).where(Resource.slug == "lathe1")).one().name_set = "大车床"
    run()
    assert rules_of(row(Kind, "cell")).needs_approval is False
    assert row(Resource, "lathe1").name == "大车床"


def test_a_lowered_capacity_never_falls_under_what_is_booked(shop: Shop) -> None:
    declared = list(plugins().resources("workshop"))
    shop.book("shift", people=6, start=shop.at(8), end=shop.at(14))
    smaller = [replace(entry, capacity=4) if entry.slug == "hall" else entry for entry in declared]
    run(resources=smaller)
    assert row(Resource, "hall").capacity == 6


def test_a_changed_form_gets_a_version_and_the_old_answers_keep_theirs(shop: Shop) -> None:
    booking = shop.book("machine")
    kinds = list(plugins().kinds("workshop"))
    changed = replace(kinds[0], fields=(*kinds[0].fields, Text(name="more", label="补充")))
    run(kinds=[changed, *kinds[1:]])
    versions = db.db.session.scalars(
        select(FormVersion.version).where(FormVersion.owner == "workshop/machine").order_by(FormVersion.version)
    )
    assert list(versions) == [1, 2]
    assert booking.answer.form.version == 1
