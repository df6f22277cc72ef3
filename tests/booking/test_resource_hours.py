"""The hours of single resources: set by the base's managers, for instructors by the office; what they refuse."""

from datetime import date, time, timedelta

import pytest

from core import clock, db
from core.accounts.models import Grant, User
from core.accounts.roles import Role
from core.audit import AuditEntry
from core.booking import outside, resource_hours
from core.booking.errors import OutsideHours, ResourceTaken
from core.booking.models import Resource, ResourceDay, ResourceHours
from core.booking.sync import sync
from core.errors import Forbidden, NotFound
from core.plugins.facade import plugins
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.support.people import texts

pytestmark = pytest.mark.database

LATHE = "/manage/workshop/resources/lathe1/hours"
COACH = "/manage/instructors/coach/hours"
MORNINGS = [((time(8), time(12)),)] * 7


def day(ahead: int = 14) -> date:
    """Return a day some days ahead."""
    return clock.today() + timedelta(days=ahead)


def week(text: str) -> dict[str, str]:
    """Return the form of a week that is alike on every day."""
    return {f"day{number}": text for number in range(7)}


def special(first: date, **changes: str) -> dict[str, str]:
    """Return the form of a special day as a browser sends it: closed."""
    form = {"first_day": f"{first}", "last_day": "", "sort": "closed", "times": "", "note": "保养"} | changes
    return {f"days-{name}": value for name, value in form.items()}


@pytest.fixture
def office(shop: Shop) -> User:
    """Somebody of the consortium's office."""
    with db.write() as session:
        grants = [Grant(role=Role.OFFICE)]
        session.add(User(email="office@example.com", name="办公室", grants=grants, created_at=clock.now()))
    return shop.user("office")


def lathe(shop: Shop) -> Resource:
    """Return the first lathe as it is in the database."""
    db.db.session.expire_all()
    return db.db.session.get_one(Resource, shop.resource("lathe1"))


def test_a_resource_is_booked_within_its_own_hours_and_another_one_instead(shop: Shop, visit: Visitors) -> None:
    answer = visit("manager").post(LATHE, data=week("08:00–12:00"), follow_redirects=True)
    assert answer.status_code == 200
    assert 'value="08:00–12:00"' in answer.text
    first = shop.resource("lathe1")
    with pytest.raises(OutsideHours):
        shop.book(start=shop.at(13), end=shop.at(15), picks={0: first})
    with pytest.raises(OutsideHours):
        shop.book(start=shop.at(11), end=shop.at(13), picks={0: first})
    assert shop.book(start=shop.at(10), end=shop.at(12), picks={0: first})
    other = shop.book(start=shop.at(13), end=shop.at(15))
    assert [entry.resource_id for entry in other.allocations if not entry.covering] == [shop.resource("lathe2")]
    with pytest.raises((OutsideHours, ResourceTaken)):
        shop.book(start=shop.at(13), end=shop.at(15), who="south")


def test_a_special_day_closes_a_resource_and_is_taken_back(shop: Shop, visit: Visitors) -> None:
    client, first = visit("manager"), shop.resource("lathe1")
    client.post(LATHE + "/days", data=special(day()))
    assert "保养" in client.get(LATHE).text
    with pytest.raises(OutsideHours):
        shop.book(picks={0: first})
    client.post(LATHE + "/days/remove", data={"first": f"{day()}", "last": f"{day()}"})
    assert shop.count(ResourceDay) == 0
    assert shop.book(picks={0: first})


def test_emptied_hours_follow_the_base_again(shop: Shop, visit: Visitors) -> None:
    client = visit("manager")
    client.post(LATHE, data=week("08:00–12:00"))
    assert shop.count(ResourceHours) == 7
    client.post(LATHE, data=week(""))
    assert shop.count(ResourceHours) == 0
    assert shop.book(start=shop.at(13), end=shop.at(15), picks={0: shop.resource("lathe1")})


def test_an_upgrade_leaves_what_was_set(shop: Shop) -> None:
    resource_hours.set_week(actor=shop.user("manager"), resource_id=shop.resource("lathe1"), week=MORNINGS)
    with db.write() as session:
        sync(session, plugins())
    assert [row.declared for row in lathe(shop).hours] == [False] * 7


def test_bookings_outside_are_listed_and_stay(shop: Shop, visit: Visitors) -> None:
    first = shop.resource("lathe1")
    late = shop.book(start=shop.at(14), end=shop.at(16), picks={0: first})
    other = shop.book(start=shop.at(14), end=shop.at(16), picks={0: shop.resource("lathe2")}, who="south")
    page = texts(visit("manager").post(LATHE, data=week("08:00–12:00"), follow_redirects=True).text)
    assert "有1个预约或场次在开放时间之外" in page
    assert late.ref in page
    assert other.ref not in page
    db.db.session.expire_all()
    assert late.state == "confirmed"
    with clock.set_to(shop.at(17)):
        assert outside.of_resource(lathe(shop)).count == 0, "it is over"


@pytest.mark.parametrize("changes", [{"first_day": "x"}, {"sort": "open"}, {"last_day": "2020-01-01"}])
def test_what_makes_no_sense_is_refused(shop: Shop, visit: Visitors, changes: dict[str, str]) -> None:
    assert visit("manager").post(LATHE + "/days", data=special(day(), **changes)).status_code == 422
    assert visit("manager").post(LATHE, data=week("上午")).status_code == 422
    assert shop.count(ResourceDay) + shop.count(ResourceHours) == 0


def test_the_office_keeps_the_hours_of_instructors(shop: Shop, visit: Visitors, office: User) -> None:
    assert visit("office").post(COACH, data=week("08:00–12:00")).status_code == 302
    assert visit("office").post(COACH + "/days", data=special(day(15))).status_code == 302
    with pytest.raises(OutsideHours):
        shop.book("cell", start=shop.at(13), end=shop.at(15))
    with pytest.raises(OutsideHours):
        shop.book("cell", start=shop.at(9, 15), end=shop.at(10, 15))
    assert shop.book("cell", start=shop.at(9, 16), end=shop.at(10, 16))
    assert [entry.action for entry in db.db.session.query(AuditEntry)][:2] == [
        "resource.hours",
        "resource.special_days",
    ]


def test_a_bases_manager_has_no_hand_in_instructors_nor_a_contact_in_anything(shop: Shop, visit: Visitors) -> None:
    coach, first = shop.resource("coach"), shop.resource("lathe1")
    assert visit("manager").get(COACH).status_code == 403
    assert visit("north").get(LATHE).status_code == 403
    assert visit().get(LATHE).status_code == 302
    for actor, resource in (("manager", coach), ("north", first), ("north", coach)):
        user = shop.user(actor)
        with pytest.raises(Forbidden):
            resource_hours.set_week(actor=user, resource_id=resource, week=MORNINGS)
        with pytest.raises(Forbidden):
            resource_hours.set_days(actor=user, resource_id=resource, first=day(), last=day(), spans=(), note="")
        with pytest.raises(Forbidden):
            resource_hours.remove_days(actor=user, resource_id=resource, first=day(), last=day())


def test_seats_of_sessions_and_what_is_no_instructor_have_no_page(shop: Shop, visit: Visitors, office: User) -> None:
    training = shop.session()
    assert training.seats_resource is not None
    seats = training.seats_resource.slug
    assert visit("manager").get(f"/manage/workshop/resources/{seats}/hours").status_code == 404
    assert visit("office").get("/manage/instructors/lathe1/hours").status_code == 404
    with pytest.raises(NotFound):
        resource_hours.set_week(actor=shop.user("manager"), resource_id=0, week=MORNINGS)
