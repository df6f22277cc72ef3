"""Nothing of a booking's own reaches the public: not in feeds or over CalDAV, nor in free/busy, pages or scripts' data.

Each thing that is to stay hidden bears a word of its own. That a word could be found at all is shown where it belongs:
there each of them is read by those whom it concerns.
"""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from core import clock, db
from core.accounts import api_tokens
from core.accounts.models import User
from core.bases.models import Base
from core.booking import sessions, workflow
from core.booking.models import Booking, Resource
from core.calendars import access, collections, rebuild, tokens
from core.intake.answers import Cleaned
from core.intake.models import Trainee
from core.organisations.models import Organisation
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors

HOME = "/bases/workshop/"

PHONE, STUDENT_PHONE = "13800000001", "13900000002"

WORDS = {
    "organisation": "PLANTEDSCHOOL",
    "short name": "PLANTEDSHORT",
    "note on the organisation": "PLANTEDNOTE",
    "person": "PLANTEDPERSON",
    "address": "plantedmail",
    "instructor": "PLANTEDCOACH",
    "purpose": "PLANTEDPURPOSE",
    "roster": "PLANTEDSTUDENT",
    "reason": "PLANTEDREASON",
    "draft": "PLANTEDDRAFT",
    "phone": PHONE,
    "phone in a roster": STUDENT_PHONE,
}
"""What must not be read by anybody, by where it is typed; the references of bookings come on top."""


@dataclass(frozen=True)
class Planted:
    """The words, with the references of all bookings; and a booking with a roster."""

    words: dict[str, str]
    listed: Booking


@pytest.fixture
def planted(shop: Shop) -> Planted:
    """Book each kind, move the bookings to every state, name everybody anew, and make all entries once more."""
    answers = Cleaned(values={"purpose": WORDS["purpose"]})
    roster = Cleaned(
        values={"purpose": WORDS["purpose"]}, roster={"people": [{"name": WORDS["roster"], "phone": STUDENT_PHONE}]}
    )
    uses = [shop.resource("lathe2"), shop.resource("coach")]
    training = shop.session(hour=8, uses=uses)
    manager = shop.user("manager")
    draft = sessions.create(
        actor=manager,
        base_id=shop.base.id,
        kind_id=shop.kind_id("course"),
        title=WORDS["draft"],
        text=WORDS["draft"],
        start=shop.at(16),
        end=shop.at(18),
        seats=4,
    )
    assert draft.state == "draft"
    listed = shop.book("course", training_id=training.id, cleaned=roster)
    lathe = {0: shop.resource("lathe1")}
    sure = [shop.book(cleaned=answers, picks=lathe, start=shop.at(hour), end=shop.at(hour + 1)) for hour in (9, 10)]
    shop.book("shift", people=3, start=shop.at(8), end=shop.at(14))
    waiting = [shop.book("cell", cleaned=answers, start=shop.at(9, day), end=shop.at(11, day)) for day in range(8, 12)]
    for booking, action in zip([sure[0], *waiting], ("cancel", "confirm", "return", "reject", ""), strict=True):
        if action:
            workflow.move(actor=shop.user("manager"), ref=booking.ref, action=action, reason=WORDS["reason"])
    rename(shop)
    rebuild.rebuild()
    refs = {f"reference {ref}": ref for ref in db.db.session.scalars(select(Booking.ref))}
    assert len(refs) == 8
    return Planted(WORDS | refs, listed=listed)


def rename(shop: Shop) -> None:
    """Give people and organisations their words."""
    with db.write() as session:
        session.execute(
            update(Organisation)
            .where(Organisation.slug == "north")
            .values(name=WORDS["organisation"], short_name=WORDS["short name"], note=WORDS["note on the organisation"])
        )
        for user in session.scalars(select(User)):
            user.name, user.phone = WORDS["person"], PHONE
        session.scalars(select(User).where(User.email == "north@example.com")).one().email = "plantedmail@example.com"
        session.execute(update(Resource).where(Resource.slug == "coach").values(name_set=WORDS["instructor"]))


def unfolded(text: str) -> str:
    """Return a text with the lines of its calendars in one piece, inside XML too."""
    return re.sub(r"(?:&#13;|\r)?\n[ \t]", "", text)


def found(words: dict[str, str], text: str) -> list[str]:
    """Return which of the words a text holds."""
    said = unfolded(text)
    return [name for name, word in words.items() if word in said]


def pages(shop: Shop) -> Iterator[str]:
    """Yield every public page and piece of data that could tell of bookings."""
    first, last = shop.today, shop.today + timedelta(days=30)
    span = f"start={first}&end={last}"
    yield from ("/", "/bases/", HOME, f"{HOME}book/", f"{HOME}sessions/1", "/search?q=PLANTED", "/sitemap.xml")
    for place in (f"?view={view}&date={day}" for view in ("month", "week", "list") for day in (first, last)):
        yield from (f"/calendar{place}", f"{HOME}calendar{place}")
    yield from (f"/calendar/events.json?{span}", f"{HOME}calendar/events.json?{span}")
    yield from (f"{HOME}calendar/rows.json?{span}", f"{HOME}calendar?view=timeline", "/calendar/term")
    yield f"{HOME}calendar/term"
    yield from (f"/embed/{part}calendar?view={view}" for part in ("", "bases/workshop/") for view in ("list", "month"))
    days = urlencode({"from": shop.at(0, 0).isoformat(), "to": shop.at(0, 30).isoformat()})
    yield from ("/api/v1/bases/workshop", "/api/v1/bases/workshop/resources", "/api/v1/bases/workshop/kinds")
    yield from (f"/api/v1/bases/workshop/{what}?{days}" for what in ("sessions", "closures"))
    yield from (f"/calendar/subscribe?calendar={calendar.key}" for calendar in collections.public_calendars())


def files(shop: Shop) -> Iterator[str]:
    """Yield every public feed, the file of each session, and each resource's free/busy."""
    yield from (calendar.path for calendar in collections.public_calendars())
    yield f"{HOME}sessions/1.ics"
    chosen = select(Resource.slug).where(
        Resource.base_id == select(Base.id).scalar_subquery(), Resource.kind != "seats"
    )
    yield from (f"{HOME}resources/{slug}.ifb" for slug in db.db.session.scalars(chosen))


NAMES = 'xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'

ASKED = f"<propfind {NAMES}><allprop/><include><C:calendar-data/><displayname/><owner/></include></propfind>"

EVERYTHING = '<C:filter><C:comp-filter name="VCALENDAR"/></C:filter>'

SOON = f"{clock.today():%Y%m%d}T000000Z", f"{clock.today() + timedelta(days=40):%Y%m%d}T000000Z"

SPAN = '<C:time-range start="{}" end="{}"/>'.format(*SOON)

DATA = "<prop><getetag/><C:calendar-data/></prop>"

REPORTS = (
    f"<C:calendar-query {NAMES}>{DATA}{EVERYTHING}</C:calendar-query>",
    f"<sync-collection {NAMES}><sync-token/><sync-level>1</sync-level>{DATA}</sync-collection>",
    f"<C:free-busy-query {NAMES}>{SPAN}</C:free-busy-query>",
)


def caldav(client: FlaskClient, keys: list[str], headers: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what CalDAV answers on some calendars, in every way to ask, and each of their entries."""
    root = ["/caldav/"] if headers else []  # a visitor is asked who they are there
    for place in (*root, *(f"/caldav/calendars/{key.replace(':', '-')}/" for key in keys)):
        for depth in ("0", "1"):
            answer = client.open(place, method="PROPFIND", data=ASKED, headers=headers | {"Depth": depth})
            assert answer.status_code == 207, (place, answer.status_code, answer.text)
            yield f"PROPFIND {place}", answer.text
            if place == "/caldav/":
                continue
            for href in re.findall(r"href>([^<]+\.ics)<", answer.text)[:3]:
                yield f"GET {href}", client.get(href, headers=headers).text
        for body in REPORTS if place != "/caldav/" else ():
            answer = client.open(place, method="REPORT", data=body, headers=headers | {"Depth": "1"})
            assert answer.status_code in {200, 207}, (place, body, answer.text)
            yield f"REPORT {place} {body[:20]}", answer.text


def public_keys() -> list[str]:
    return [calendar.key for calendar in collections.public_calendars()]


@pytest.mark.database
def test_no_public_file_says_who_booked_or_what_for(shop: Shop, visitor: FlaskClient, planted: Planted) -> None:
    busy = 0
    for address in files(shop):
        answer = visitor.get(address)
        assert answer.status_code == 200, address
        assert found(planted.words, answer.text) == [], address
        busy += "占用：" in unfolded(answer.text) or "FREEBUSY" in answer.text
    assert busy > 8, "there was something to tell of"


def test_no_public_page_or_data_says_who_booked_or_what_for(shop: Shop, visitor: FlaskClient, planted: Planted) -> None:
    occupied = 0
    for address in pages(shop):
        answer = visitor.get(address)
        assert answer.status_code == 200, (address, answer.text)
        text = answer.text.replace("/search?q=PLANTED", "")
        assert found(planted.words, text) == [], address
        occupied += any(word in text for word in ("占用：", "：占用", r"\u5360\u7528"))
    assert occupied > 2, "there was something to tell of"


def test_caldav_tells_a_visitor_no_more_than_the_feeds(visitor: FlaskClient, planted: Planted) -> None:
    answers = dict(caldav(visitor, public_keys(), {}))
    for asked, text in answers.items():
        assert found(planted.words, text) == [], asked
    assert sum("占用：" in unfolded(text) for text in answers.values()) > 4, "there was something to tell of"
    for key in (f"organisation:{number}" for number in db.db.session.scalars(select(Organisation.id))):
        answer = visitor.open(f"/caldav/calendars/{key.replace(':', '-')}/", method="PROPFIND", headers={"Depth": "1"})
        assert answer.status_code in {401, 404}


def test_another_school_reads_nothing_of_it_either(shop: Shop, visitor: FlaskClient, planted: Planted) -> None:
    south = shop.user("south")
    keys = access.private_keys(south)
    password = tokens.make(actor=south, key=tokens.ACCOUNT)
    words = {name: word for name, word in planted.words.items() if name not in {"person", "phone"}}  # theirs as well
    for asked, text in caldav(visitor, [*public_keys(), *keys], basic(south.email, password)):
        assert found(words, text) == [], asked
    for key in keys:
        secret = tokens.make(actor=south, key=key)
        assert found(words, visitor.get(f"/calendars/{secret}.ics").text) == []


def basic(email: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{email}:{password}".encode()).decode()}


def test_each_word_is_found_where_it_belongs(
    shop: Shop, visit: Visitors, visitor: FlaskClient, planted: Planted
) -> None:
    north = db.db.session.scalars(select(User).where(User.email == "plantedmail@example.com")).one()
    organisation = f"organisation:{shop.organisation('north')}"
    secret = tokens.make(actor=north, key=organisation)
    rebuilt = visitor.get(f"/calendars/{secret}.ics").text
    seen = found(planted.words, rebuilt)
    password = tokens.make(actor=north, key=tokens.ACCOUNT)
    for _asked, text in caldav(visitor, [organisation], basic(north.email, password)):
        seen += found(planted.words, text)
    in_calendars = set(seen)
    assert {name for name in planted.words if name.startswith("reference")} <= in_calendars

    manager = visit("manager")
    for address in (
        *(f"/bookings/{ref}" for ref in db.db.session.scalars(select(Booking.ref)).all()),
        "/manage/workshop/sessions/",
        "/account/",
    ):
        answer = manager.get(address)
        assert answer.status_code == 200, address
        seen += found(planted.words, answer.text)
    seen += found(planted.words, manager.post(f"/bookings/{planted.listed.ref}/personal").text)
    bearer = {"Authorization": f"Bearer {api_tokens.create(user_id=north.id)}"}
    seen += found(planted.words, visitor.get("/api/v1/bookings", headers=bearer).text)
    note = db.db.session.scalars(select(Organisation.note).where(Organisation.slug == "north")).one()
    (trainee,) = db.db.session.scalars(select(Trainee))  # the workshop's form asks for no phone number: kept, not shown
    seen += found(planted.words, f"{note} {trainee.phone} {north.email}")
    assert set(planted.words) - set(seen) == set()
