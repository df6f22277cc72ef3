"""Nothing of a booking's own reaches the public: not in the feeds, nor on the pages, nor in what scripts fetch."""

from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from core import db
from core.accounts.models import User
from core.bases.models import Base
from core.booking import workflow
from core.booking.models import Booking, Resource
from core.booking.resource_queries import resources_of
from core.intake.answers import Cleaned
from core.organisations.models import Organisation
from tests.booking.shop import Shop

pytestmark = pytest.mark.database

MARK = "PLANTED"


def mark_everybody() -> None:
    """Give all people and organisations names that cannot be overlooked."""
    with db.write() as session:
        session.execute(update(Organisation).values(name=MARK + Organisation.slug, short_name=MARK))
        session.execute(update(User).values(name=f"{MARK}联系人"))
        session.execute(update(Resource).where(Resource.kind == "instructor").values(name_set=f"{MARK}教练"))


def book_everything(shop: Shop) -> None:
    """Book each kind, and move the bookings to every state, marking all that anybody types."""
    answers = Cleaned(values={"purpose": MARK})
    people = Cleaned(values={"purpose": MARK}, roster={"people": [{"name": MARK, "phone": "13800000000"}]})
    training = shop.session(hour=8, uses=[shop.resource("lathe2"), shop.resource("coach")])
    shop.book("course", training_id=training.id, cleaned=people)
    lathe = {0: shop.resource("lathe1")}
    sure = [shop.book(cleaned=answers, picks=lathe, start=shop.at(hour), end=shop.at(hour + 1)) for hour in (9, 10)]
    shop.book("shift", people=3, start=shop.at(8), end=shop.at(14))
    waiting = [shop.book("cell", cleaned=answers, start=shop.at(9, day), end=shop.at(11, day)) for day in range(8, 12)]
    for booking, action in zip([sure[0], *waiting], ("cancel", "confirm", "return", "reject", ""), strict=True):
        if action:
            workflow.move(actor=shop.user("manager"), ref=booking.ref, action=action, reason=MARK)


def addresses(first: date, last: date) -> list[str]:
    """Return every public address that could tell of bookings."""
    home = "/bases/workshop/"
    span = f"start={first}&end={last}"
    places = [f"?view={view}&date={day}" for view in ("month", "week", "list") for day in (first, last)]
    pages = [f"{page}{place}" for page in ("/calendar", f"{home}calendar") for place in places]
    slugs = [resource.slug for resource in resources_of(db.db.session.scalars(select(Base.id)).one())]
    feeds = [f"{home}resources/{slug}.ics" for slug in slugs]
    data = [f"/calendar/events.json?{span}", f"{home}calendar/events.json?{span}", f"{home}calendar.ics"]
    data += [
        f"{home}calendar/rows.json?{span}",
        "/calendar/term",
        f"{home}calendar/term",
        f"{home}calendar?view=timeline",
    ]
    data += [f"/embed/{part}calendar?view={view}" for part in ("", "bases/workshop/") for view in ("list", "month")]
    return ["/", home, "/bases/", f"{home}book/", f"{home}sessions/1", f"{home}sessions/1.ics", *pages, *feeds, *data]


def test_no_public_page_or_feed_says_who_booked_or_what_for(shop: Shop, visitor: FlaskClient) -> None:
    mark_everybody()
    book_everything(shop)
    hidden = {MARK, "13800000000", *db.db.session.scalars(select(Booking.ref))}
    assert len(hidden) > 8
    occupied = 0
    for address in addresses(shop.today, shop.today + timedelta(days=30)):
        answer = visitor.get(address)
        assert answer.status_code == 200, address
        said = answer.text.replace("\r\n ", "")
        assert not [secret for secret in hidden if secret in said], address
        occupied += "占用：" in said or "：占用" in said
    assert occupied > 4, "there was something to tell of"
