"""The manage pages of resources: what a manager sees, types and is told."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.booking import closures
from core.booking.models import Resource
from core.db import db
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.support.people import texts

HOME = "/manage/workshop/resources/"


def form(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Mill 7",
        "kind": "machine",
        "capacity": "1",
        "parent": "",
        "setup": "10",
        "cleanup": "",
        "position": "3",
        "facts": "行程：600mm",
    } | changes


def find(slug: str) -> Resource:
    db.session.expire_all()
    return db.session.scalars(select(Resource).where(Resource.slug == slug)).one()


@pytest.mark.parametrize("page", ["", "new", "lathe1"])
def test_the_pages_are_for_the_bases_manager_only(visit: Visitors, page: str) -> None:
    assert visit("manager").get(HOME + page).status_code == 200
    assert visit("north").get(HOME + page).status_code == 403
    assert visit().get(HOME + page).status_code == 302


def test_an_own_resource_is_added_changed_retired_and_brought_back(visit: Visitors) -> None:
    client = visit("manager")
    assert client.post(HOME + "new", data=form()).status_code == 302
    mill = find("mill-7")
    assert (mill.setup.total_seconds(), mill.position, mill.facts) == (600, 3, [("行程", "600mm")])
    assert 'value="Mill 7"' in client.get(HOME + "mill-7").text
    assert client.post(HOME + "mill-7", data=form(name="铣床7", capacity="2")).status_code == 302
    assert (find("mill-7").name, find("mill-7").capacity) == ("铣床7", 2)
    client.post(HOME + "mill-7/retire")
    assert "停用" in client.get(HOME).text
    assert find("mill-7").archived_at is not None
    assert client.get(HOME + "mill-7").status_code == 200
    client.post(HOME + "mill-7/return")
    assert find("mill-7").archived_at is None


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "长" * 121}, "name"),
        ({"kind": "instructor"}, "kind"),
        ({"capacity": "0"}, "capacity"),
        ({"capacity": "9" * 30}, "capacity"),
        ({"capacity": ""}, "capacity"),
        ({"parent": "999999"}, "parent"),
        ({"parent": "x"}, "parent"),
        ({"setup": "1441"}, "setup"),
        ({"cleanup": "-1"}, "cleanup"),
        ({"position": "0"}, "position"),
        ({"facts": "行程600"}, "facts"),
        ({"facts": "\n".join(f"项{n}：值" for n in range(31))}, "facts"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_what_was_typed_is_kept(
    visit: Visitors, wrong: dict[str, str], field: str
) -> None:
    answer = visit("manager").post(HOME + "new", data=form(**{"facts": "重量：2t"} | wrong))
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    if "name" not in wrong:
        assert 'value="Mill 7"' in answer.text
    assert db.session.scalar(select(Resource.id).where(Resource.slug == "mill-7")) is None


def test_what_is_in_the_way_is_listed(visit: Visitors, shop: Shop) -> None:
    booking = shop.book("machine", picks={0: shop.resource("lathe1")})
    client = visit("manager")
    answer = client.post(HOME + "lathe1/retire")
    assert answer.status_code == 409
    assert booking.ref in answer.text
    assert find("lathe1").archived_at is None
    whole = shop.book("room", start=shop.at(14), end=shop.at(16))
    refused = client.post(HOME + "new", data=form(parent=str(shop.resource("room"))))
    assert refused.status_code == 409
    assert whole.ref in refused.text
    assert 'value="Mill 7"' in refused.text


def test_a_declared_resource_shows_what_the_plugin_says_and_takes_what_a_manager_sets(
    visit: Visitors, shop: Shop
) -> None:
    client = visit("manager")
    page = client.get(HOME + "bench1").text
    assert 'name="capacity"' not in page
    assert "钳工室" in texts(page)
    client.post(HOME + "bench1", data=form(name="钳台甲", setup="", capacity="9", kind="cell"))
    bench = find("bench1")
    assert (bench.name, bench.kind, bench.capacity, bench.setup.total_seconds()) == ("钳台甲", "bench", 1, 900)
    assert bench.position == 3


@pytest.mark.parametrize("slug", ["nothing", "session_1", "coach", "a" * 300])
def test_what_is_no_resource_of_the_base_is_not_found(visit: Visitors, shop: Shop, slug: str) -> None:
    shop.session()
    for way in ("get", "post"):
        assert getattr(visit("manager"), way)(HOME + slug).status_code == 404
    assert visit("manager").post(f"{HOME}{slug}/retire").status_code == 404


def test_a_resource_that_was_said_to_be_part_of_its_own_part_is_refused(visit: Visitors, shop: Shop) -> None:
    client = visit("manager")
    client.post(HOME + "new", data=form(name="Hall One", kind="room"))
    client.post(HOME + "new", data=form(name="Part One", kind="room", parent=str(find("hall-one").id)))
    answer = client.post(HOME + "hall-one", data=form(name="Hall One", parent=str(find("part-one").id)))
    assert answer.status_code == 422
    assert find("hall-one").parent_id is None


def test_what_keeps_an_own_resource_in_service_leaves_its_form_filled_in(visit: Visitors, shop: Shop) -> None:
    client = visit("manager")
    client.post(HOME + "new", data=form())
    moment = shop.at(9)
    closures.enter(
        actor=shop.user("manager"),
        resource_id=find("mill-7").id,
        start=moment,
        end=moment + timedelta(hours=2),
        reason="检修",
    )
    answer = client.post(HOME + "mill-7/retire", data={"csrf_token": "x"})
    assert answer.status_code == 409
    assert 'value="Mill 7"' in answer.text
    assert find("mill-7").archived_at is None
