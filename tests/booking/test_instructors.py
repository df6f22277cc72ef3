"""The office and the consortium's instructors."""

from typing import Any

import pytest
from sqlalchemy import select

from core import clock, db, errors
from core.accounts.models import Grant, User
from core.accounts.roles import Role
from core.booking import instructors, resources
from core.booking.errors import InUse
from core.booking.models import Resource
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors

HOME = "/manage/instructors/"


@pytest.fixture
def office(shop: Shop) -> User:
    """Somebody at the consortium's office, and an instructor with an account."""
    with db.write() as session:
        grants = [Grant(role=Role.OFFICE)]
        session.add(User(email="office@example.com", name="办公室", grants=grants, created_at=clock.now()))
        teaching = [Grant(role=Role.INSTRUCTOR, base_id=shop.base.id)]
        session.add(User(email="teacher@example.com", name="教师", grants=teaching, created_at=clock.now()))
    return shop.user("office")


def add(office: User, **changes: Any) -> Resource:
    return instructors.add(actor=office, **{"name": "教练2", "bases": ["workshop"]} | changes)


def test_an_instructor_that_is_added_is_booked_like_the_others(shop: Shop, office: User) -> None:
    first = add(office, user_id=shop.user("teacher").id)
    assert (first.slug, first.user_id, first.own) == ("instructor-1", shop.user("teacher").id, True)
    one, two = (shop.book("cell", who=who) for who in ("north", "south"))
    taught = {allocation.resource_id for booking in (one, two) for allocation in booking.allocations}
    assert {first.id, shop.resource("coach")} <= taught


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "长" * 121}, "name"),
        ({"bases": []}, "bases"),
        ({"bases": ["workshop", "elsewhere"]}, "bases"),
        ({"user_id": 10**6}, "user_id"),
        ({"user_id": "north"}, "user_id"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(shop: Shop, office: User, wrong: dict[str, Any], field: str) -> None:
    if wrong.get("user_id") == "north":
        wrong = {"user_id": shop.user("north").id}
    with pytest.raises(errors.Invalid) as refused:
        add(office, **wrong)
    assert set(refused.value.problems) == {field}


def test_an_account_belongs_to_one_instructor(shop: Shop, office: User) -> None:
    teacher = shop.user("teacher").id
    first = add(office, user_id=teacher)
    with pytest.raises(errors.Invalid):
        add(office, user_id=teacher)
    instructors.change(actor=office, resource_id=first.id, name="教练3", bases=["workshop"], user_id=teacher)
    assert db.db.session.get_one(Resource, first.id).name == "教练3"


def test_who_is_booked_keeps_working_there(shop: Shop, office: User) -> None:
    coach = shop.resource("coach")
    with db.write() as session:
        other = type(shop.base)(slug="nextdoor", declared=shop.base.declared)
        session.add(other)
    booking = shop.book("cell")
    with pytest.raises(InUse):
        instructors.change(actor=office, resource_id=coach, name="教练1", bases=["nextdoor"])
    with pytest.raises(InUse):
        resources.retire(actor=office, resource_id=coach)
    instructors.change(actor=office, resource_id=coach, name="教练1", bases=["nextdoor", "workshop"])
    with clock.set_to(booking.end_at.replace(hour=23)):
        resources.retire(actor=office, resource_id=coach)
        with pytest.raises(errors.DomainError):
            shop.book("cell", start=shop.at(9, 20), end=shop.at(10, 20))
        resources.bring_back(actor=office, resource_id=coach)


def test_only_the_office_keeps_instructors(shop: Shop, office: User) -> None:
    coach = shop.resource("coach")
    for who in ("manager", "north"):
        with pytest.raises(errors.Forbidden):
            add(shop.user(who))
        with pytest.raises(errors.Forbidden):
            instructors.change(actor=shop.user(who), resource_id=coach, name="我", bases=["workshop"])
        with pytest.raises(errors.Forbidden):
            resources.bring_back(actor=shop.user(who), resource_id=coach)
    with pytest.raises(errors.NotFound):
        instructors.change(actor=office, resource_id=shop.resource("lathe1"), name="车床", bases=["workshop"])


def test_the_office_adds_changes_and_lets_go_in_its_pages(visit: Visitors, shop: Shop, office: User) -> None:
    client = visit("office")
    for page in ("", "new", "coach"):
        assert client.get(HOME + page).status_code == 200
        assert visit("manager").get(HOME + page).status_code == 403
    sent = {"name": "教练9", "bases": ["workshop"], "account": str(shop.user("teacher").id)}
    assert client.post(HOME + "new", data=sent).status_code == 302
    assert "教练9" in client.get(HOME).text
    assert client.post(HOME + "instructor-1", data=sent | {"name": ""}).status_code == 422
    wrongs: list[dict[str, object]] = [{"account": "x"}, {"bases": ["elsewhere"]}, {"bases": []}]
    for wrong in wrongs:
        assert client.post(HOME + "instructor-1", data=sent | wrong).status_code == 422
    assert client.post(HOME + "instructor-1", data=sent | {"name": "教练十"}).status_code == 302
    assert client.post(HOME + "instructor-1/retire").status_code == 302
    slug = select(Resource).where(Resource.slug == "instructor-1")
    db.db.session.expire_all()
    assert db.db.session.scalars(slug).one().archived_at is not None
    assert client.post(HOME + "instructor-1/return").status_code == 302
    ref = shop.book("cell").ref
    busy = next(r for r in ("coach", "instructor-1") if client.post(f"{HOME}{r}/retire").status_code == 409)
    assert ref in client.post(f"{HOME}{busy}/retire").text
    assert client.get(HOME + "lathe1").status_code == 404
