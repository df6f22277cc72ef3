"""VFREEBUSY: when a resource is busy, never why or by whom; the same as the booking engine would answer."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from werkzeug import Request, Response
from werkzeug.test import EnvironBuilder

from core import clock, db
from core.bases.models import SpecialDay
from core.bases.opening import timetable
from core.booking import allocation, closures
from core.booking.allocation import Want
from core.booking.errors import ResourceTaken
from core.booking.hours import timetables
from core.booking.models import Booking, Closure, Resource, ResourceDay, ResourceHours
from core.calendars import freebusy
from tests.booking.shop import Shop

STEP = timedelta(minutes=30)
NAMES = ("lathe1", "hall", "room", "bench1", "bench2")
"""A machine, a pool of ten, a room, and two of the three benches in it."""


def resource(slug: str) -> Resource:
    return db.db.session.scalars(select(Resource).where(Resource.slug == slug)).one()


def ask(slug: str, query: str = "", **headers: str) -> Response:
    built = EnvironBuilder(path="/", query_string=query, headers=list(headers.items()))
    return freebusy.answer(Request(built.get_environ()), resource(slug), url="https://jidi.example/r")


def close(shop: Shop, slug: str, start: float, end: float) -> None:
    where = shop.resource(slug)
    closures.enter(
        actor=shop.user("manager"), resource_id=where, start=shop.at(start), end=shop.at(end), reason="检修主轴"
    )


def busy_of(data: bytes) -> Any:
    """Return the VFREEBUSY of an answer."""
    (found,) = Calendar.from_ical(data).walk("VFREEBUSY")
    return found


def told(data: bytes) -> list[tuple[datetime, datetime, str]]:
    """Return the periods that a reader finds, in their order."""
    found = busy_of(data)
    lines = found.get("FREEBUSY", [])
    lines = lines if isinstance(lines, list) else [lines]
    return [(line.start, line.end, line.params["FBTYPE"]) for line in lines]


def walls(periods: Sequence[tuple[datetime, datetime, str]]) -> list[tuple[str, str, str]]:
    return [(f"{clock.local(start):%H:%M}", f"{clock.local(end):%H:%M}", kind) for start, end, kind in periods]


def days(shop: Shop) -> str:
    day = clock.local(shop.at(9)).date().isoformat()
    return f"start={day}&end={day}"


def test_a_day_says_when_nothing_is_left_and_when_it_cannot_be_used(shop: Shop) -> None:
    booking = shop.book(picks={0: shop.resource("lathe1")})
    close(shop, "lathe1", 15, 16)
    answer = ask("lathe1", days(shop))
    assert (answer.status_code, answer.content_type) == (200, "text/calendar; charset=utf-8")
    assert walls(told(answer.data)) == [
        ("00:00", "08:00", "BUSY-UNAVAILABLE"),
        ("09:00", "11:00", "BUSY"),
        ("15:00", "16:00", "BUSY-UNAVAILABLE"),
        ("20:00", "00:00", "BUSY-UNAVAILABLE"),
    ]
    for planted in ("检修", "上机", "学校", "车床", booking.ref):
        assert planted not in answer.get_data(as_text=True)
    found = busy_of(answer.data)
    assert found["DTSTAMP"].dt <= clock.now()
    assert (found["DTSTART"].dt, found["DTEND"].dt) == (shop.at(0), shop.at(24))


def test_a_pool_is_busy_only_when_none_is_left(shop: Shop) -> None:
    shop.book("shift", people=9, start=shop.at(8), end=shop.at(14))
    assert "BUSY" not in {kind for _start, _end, kind in told(ask("hall", days(shop)).data)}
    shop.book("desk", people=1, start=shop.at(9), end=shop.at(10))
    assert ("09:00", "10:00", "BUSY") in walls(told(ask("hall", days(shop)).data))


def test_a_closed_part_leaves_the_rest_of_its_whole(shop: Shop) -> None:
    close(shop, "bench1", 9, 12)
    assert len(told(ask("room", days(shop)).data)) == 2, "the nights alone"
    assert ("09:00", "12:00", "BUSY-UNAVAILABLE") in walls(told(ask("bench1", days(shop)).data))


def test_who_has_it_already_is_told_nothing_until_it_is_busy_at_another_time(shop: Shop) -> None:
    first = ask("lathe1")
    again = ask("lathe1", If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    shop.book(picks={0: shop.resource("lathe2")})
    elsewhere = ask("lathe1", If_None_Match=first.headers["ETag"])
    assert elsewhere.status_code == 304
    shop.book(picks={0: shop.resource("lathe1")})
    assert ask("lathe1", If_None_Match=first.headers["ETag"]).status_code == 200


def test_sixty_days_are_told_unless_others_are_asked_for(shop: Shop) -> None:
    found = busy_of(ask("lathe1").data)
    assert found["DTSTART"].dt == clock.bounds(clock.today())[0]
    assert found["DTEND"].dt - found["DTSTART"].dt == timedelta(days=60)
    found = busy_of(ask("lathe1", "start=2027-03-01").data)
    assert found["DTEND"].dt == clock.bounds(date(2027, 4, 29))[1]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("start=tomorrow", "2026-12-08"),
        ("end=9999-12-31", "2000"),
        ("start=0001-01-01", "2000"),
        ("start=2026-12-08&end=2026-12-07", "早于"),
        ("start=2026-01-01&end=2027-12-31", "400"),
        ("start=%ff%00", "2026-12-08"),
    ],
)
def test_days_of_no_use_are_refused_with_a_reason(shop: Shop, query: str, words: str) -> None:
    answer = ask("lathe1", query)
    assert answer.status_code == 400
    assert words in answer.get_data(as_text=True)


@pytest.mark.parametrize("query", ["start=2000-01-01", "start=2099-12-01&end=2099-12-31", "start=2099-12-31"])
def test_the_first_and_the_last_year_can_be_asked_for(shop: Shop, query: str) -> None:
    assert ask("lathe1", query).status_code == 200


def test_it_has_an_address_that_anybody_may_read(visitor: FlaskClient) -> None:
    path = "/bases/workshop/resources/lathe1.ifb"
    answer = visitor.get(path)
    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["ETag"].startswith("W/"), "DTSTAMP may differ where the periods do not"
    assert Calendar.from_ical(answer.data).walk("VFREEBUSY")
    head = visitor.head(path)
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", answer.headers["ETag"])
    assert visitor.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert visitor.get(f"{path}?start=soon").status_code == 400
    for unknown in ("lathe9", "coach"):
        assert visitor.get(f"/bases/workshop/resources/{unknown}.ifb").status_code == 404


def test_a_calendar_program_is_told_the_same(shop: Shop, visitor: FlaskClient) -> None:
    shop.book(picks={0: shop.resource("lathe1")})
    span = f'<C:time-range start="{shop.at(0):%Y%m%dT%H%M%SZ}" end="{shop.at(24):%Y%m%dT%H%M%SZ}"/>'
    report = f'<C:free-busy-query xmlns:C="urn:ietf:params:xml:ns:caldav">{span}</C:free-busy-query>'
    path = f"/caldav/calendars/resource-{shop.resource('lathe1')}/"
    answer = visitor.open(path, method="REPORT", data=report, content_type="application/xml")
    assert answer.status_code == 200
    assert told(answer.data) == told(ask("lathe1", days(shop)).data)
    long = report.replace(f"{shop.at(24):%Y}", "9999")
    answer = visitor.open(path, method="REPORT", data=long, content_type="application/xml")
    assert answer.status_code == 507


def test_weeks_of_random_bookings_agree_with_the_engine(shop: Shop) -> None:
    Weeks(shop, random.Random(20261124)).run(50)


@pytest.mark.slow
def test_a_thousand_random_weeks_agree_with_the_engine(shop: Shop) -> None:
    Weeks(shop, random.Random(5545)).run(1000)


class Weeks:
    """Weeks filled at random, each asked for as VFREEBUSY and, half hour by half hour, by the engine's own checks."""

    def __init__(self, shop: Shop, chance: random.Random) -> None:
        self.shop = shop
        self.chance = chance
        self.resources = {slug: resource(slug) for slug in NAMES}
        self.base = shop.base
        self.kind = shop.kind_id("machine")
        self.organisation = shop.organisation("north")
        self.monday = clock.today() + timedelta(days=7 - clock.today().weekday())

    def run(self, count: int) -> None:
        """Fill and compare so many weeks, one after the other."""
        seen = set()
        for number in range(count):
            monday = self.monday + timedelta(weeks=number % 250)
            start, end = clock.at(monday, time()), clock.at(monday + timedelta(days=7), time())
            with db.write() as session:
                self._hours(session, monday)
                for _attempt in range(self.chance.randrange(20)):
                    self._take(session, start)
            seen |= {kind for slug in NAMES for kind in self._compare(slug, start, end, number)}
        assert seen == {"BUSY", "BUSY-UNAVAILABLE"}

    def _hours(self, session: Session, monday: date) -> None:
        """Give some resources other hours from now on, and some days of this week hours of their own."""
        slug = self.chance.choice(NAMES)
        number = self.resources[slug].id
        session.execute(delete(ResourceHours).where(ResourceHours.resource_id == number))
        if self.chance.random() < 0.5:
            for weekday in self.chance.sample(range(7), self.chance.randrange(1, 7)):
                opens = self.chance.randrange(7, 14)
                hours = {"opens": time(opens), "closes": time(opens + self.chance.randrange(1, 9), 30)}
                session.add(ResourceHours(resource_id=number, weekday=weekday, declared=False, **hours))
        for day in (monday + timedelta(days=number) for number in range(7)):
            spans = self.chance.choice([[], [["08:30", "12:00"]], [["00:00", "06:00"], ["22:00", "24:00"]]])
            if self.chance.random() < 0.1 and not self._has(session, select(SpecialDay).where(SpecialDay.day == day)):
                session.add(SpecialDay(base_id=self.base.id, day=day, spans=spans))
            own = select(ResourceDay).where(ResourceDay.day == day, ResourceDay.resource_id == number)
            if self.chance.random() < 0.1 and not self._has(session, own):
                session.add(ResourceDay(resource_id=number, day=day, spans=spans))

    def _has(self, session: Session, chosen: object) -> bool:
        return session.scalar(chosen) is not None  # type: ignore[call-overload]

    def _take(self, session: Session, monday: datetime) -> None:
        """Take something for a booking or a closure, if the engine lets it; some of it lapses, some is given back."""
        slug = self.chance.choice(NAMES)
        number = self.resources[slug].id
        start = monday + STEP * self.chance.randrange(7 * 48 - 1)
        end = start + STEP * self.chance.randrange(1, 24)
        units = self.chance.randrange(1, 11) if slug == "hall" else 1
        owner = self._closure(number, start, end) if self.chance.random() < 0.2 else self._booking(start, end, units)
        session.add(owner)
        session.flush()
        try:
            if isinstance(owner, Closure):
                whole = self.resources[slug].capacity
                allocation.claim(session, [Want(number, start, end, whole)], closure=owner)
            else:
                allocation.claim(session, [Want(number, start, end, units)], booking=owner)
                if self.chance.random() < 0.1:
                    allocation.release(session, booking=owner)
        except ResourceTaken:
            session.delete(owner)

    def _booking(self, start: datetime, end: datetime, units: int) -> Booking:
        lapsing = self.chance.random() < 0.2
        offset = timedelta(hours=self.chance.choice((-1, 1)))
        return Booking(
            ref=f"R{self.chance.randrange(10**9)}",
            base_id=self.base.id,
            kind_id=self.kind,
            organisation_id=self.organisation,
            start_at=start,
            end_at=end,
            units=units,
            state="held" if lapsing else "cancelled",  # a state that needs no form; what is taken counts by its rows
            lapses_at=clock.now() + offset if lapsing else None,
            created_at=clock.now(),
        )

    def _closure(self, number: int, start: datetime, end: datetime) -> Closure:
        return Closure(resource_id=number, start_at=start, end_at=end, reason="检修", created_at=clock.now())

    def _compare(self, slug: str, start: datetime, end: datetime, number: int) -> Iterator[str]:
        """Compare a resource's week; yield the kinds of periods that were seen."""
        first, last = clock.local(start).date(), clock.local(end).date() - timedelta(days=1)
        found = told(ask(slug, f"start={first}&end={last}").data)
        assert all(start <= one[0] < one[1] <= end for one in found)
        assert all(before[1] <= after[0] for before, after in pairwise(found))
        assert all(before[1] < after[0] or before[2] != after[2] for before, after in pairwise(found))
        busy = {moment: kind for begins, ends, kind in found for moment in _steps(begins, ends)}
        expected = dict(self._expected(self.resources[slug], start, end))
        wrong = {moment: (busy.get(moment), kind) for moment, kind in expected.items() if busy.get(moment) != kind}
        assert not wrong, (slug, number, wrong)
        yield from busy.values()

    def _expected(self, row: Resource, start: datetime, end: datetime) -> Iterator[tuple[datetime, str | None]]:
        session = db.db.session()
        hours, own = timetable(self.base, start, end), timetables([row.id], start, end).get(row.id)
        taken = allocation.taken(session, [row.id], start, end)
        shut = [entry.span for entry in taken if entry.closed]
        for moment in _steps(start, end):
            after = moment + STEP
            is_open = hours.is_open(moment, after) and (own is None or own.is_open(moment, after))
            clash = allocation.clashes({row.id: row}, [Want(row.id, moment, after)], taken)
            closed = any(span.start < after and span.end > moment for span in shut)
            yield moment, "BUSY-UNAVAILABLE" if not is_open or (clash and closed) else "BUSY" if clash else None


def _steps(start: datetime, end: datetime) -> Iterator[datetime]:
    moment = start.astimezone(UTC)
    while moment < end:
        yield moment
        moment += STEP
