"""What pages show as free and taken, and that it costs no more for more rows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from core import clock, db
from core.booking import availability, closures, queries, references, resource_queries, session_queries, workflow
from core.booking.allocation import taken
from core.booking.models import Booking
from core.booking.spans import Span, crowded, peak
from tests.booking.shop import Shop

pytestmark = pytest.mark.database


@contextmanager
def counting() -> Iterator[list[str]]:
    """Collect the statements that are executed."""
    statements: list[str] = []

    def note(*arguments: Any) -> None:
        statements.append(arguments[2])

    event.listen(db.db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.db.engine, "before_cursor_execute", note)


def test_seats_left_tell_the_rest_the_total_and_what_waits(shop: Shop) -> None:
    training = shop.session(seats=10)
    first = shop.book("course", training_id=training.id, people=3)
    shop.book("course", who="south", training_id=training.id, people=2)
    workflow.move(actor=shop.user("manager"), ref=first.ref, action="confirm")
    assert availability.seats_left([training])[training.id] == (5, 10, 2)


def test_what_has_lapsed_is_shown_as_free(shop: Shop) -> None:
    coach, training = shop.resource("coach"), shop.session(seats=3)
    for booking in (shop.book("cell"), shop.book("course", training_id=training.id)):
        workflow.move(actor=shop.user("manager"), ref=booking.ref, action="return", reason="缺材料")
    lapsed = clock.now() + workflow.TIME_TO_MEND + timedelta(minutes=1)
    assert [entry.span.units for entry in taken(db.db.session(), [coach], shop.at(9), shop.at(11))] == [1]
    with clock.set_to(lapsed):
        assert taken(db.db.session(), [coach], shop.at(9), shop.at(11)) == []
        assert availability.seats_left([training])[training.id].left == 3
        assert resource_queries.taken_between(shop.base.id, shop.at(0), shop.at(24)) == []


def test_the_day_plan_shows_set_up_sessions_and_closures_and_never_whose(shop: Shop) -> None:
    shop.book("cell", picks={0: shop.resource("cell1")})
    shop.session(uses=[shop.resource("lathe1")])
    closures.enter(
        actor=shop.user("manager"),
        resource_id=shop.resource("lathe2"),
        start=shop.at(20, 13),
        end=shop.at(10),
        reason="检修",
    )
    plan = {row.resource.slug: row.spans for row in availability.day_plan(shop.base.id, clock.local(shop.at(9)).date())}
    assert list(plan)[:5] == ["lathe1", "lathe2", "cell1", "cell2", "hall"]
    assert plan["cell1"] == [(shop.at(8), shop.at(11.5), 1, "")]
    assert plan["lathe2"] == [(shop.at(0), shop.at(10), 1, "检修")]
    sources = [busy.source for busy in resource_queries.taken_between(shop.base.id, shop.at(0), shop.at(24))]
    assert sorted(sources) == ["booking", "closure", "session"]


def test_lists_and_pages_cost_the_same_for_many_rows_as_for_few(shop: Shop) -> None:
    base_id, north = shop.base.id, shop.organisation("north")
    day = clock.local(shop.at(9)).date()

    def pages() -> list[Callable[[], Any]]:
        return [
            lambda: [
                (row.kind.title, row.base.slug, [entry.resource.name for entry in row.allocations])
                for row in queries.bookings_of([north], limit=50).items
            ],
            lambda: availability.seats_left(session_queries.upcoming_sessions([base_id], limit=50)),
            lambda: [entry.resource.name for entry in resource_queries.taken_between(base_id, shop.at(0), shop.at(96))],
            lambda: availability.day_plan(base_id, day),
            lambda: queries.today(base_id, day),
        ]

    def costs() -> list[int]:
        found = []
        for page in pages():
            db.db.session.rollback()
            db.db.session.expunge_all()
            with counting() as statements:
                page()
            found.append(len(statements))
        return found

    for number in range(2):
        shop.book("machine", start=shop.at(9, 14 + number), end=shop.at(10, 14 + number))
        shop.book("course", training_id=shop.session(day=14 + number).id)
    few = costs()
    for number in range(2, 12):
        shop.book("machine", start=shop.at(9, 14 + number), end=shop.at(10, 14 + number))
        shop.book("course", training_id=shop.session(day=14 + number).id)
    assert costs() == few
    assert max(few) <= 8


def test_a_long_list_is_read_page_by_page_and_nonsense_begins_at_the_front(shop: Shop) -> None:
    for hour in range(8, 13):
        shop.book("machine", start=shop.at(hour), end=shop.at(hour + 1))
    north, seen = [shop.organisation("north")], []
    page = queries.bookings_of(north, limit=2)
    while True:
        seen += [booking.start_at for booking in page.items]
        if page.next is None:
            break
        page = queries.bookings_of(north, limit=2, cursor=page.next)
    assert seen == [shop.at(hour) for hour in range(12, 7, -1)]
    for nonsense in ("%%%", "bm9uc2Vuc2U", "W10", "WzFlOTk5LDFd", "Wzk5OTk5OTk5OTk5OTk5OTk5LDFd", "é"):
        assert queries.bookings_of(north, limit=2, cursor=nonsense).items[0].start_at == shop.at(12)


def test_a_reference_that_is_taken_is_drawn_again_and_grows(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(references, "ALPHABET", "7")
    refs = [shop.book(start=shop.at(8 + number), end=shop.at(9 + number)).ref for number in range(3)]
    assert refs == ["JD-7777", "JD-77777", "JD-777777"]
    assert shop.count(Booking) == 3


def test_peaks_and_crowded_parts_are_half_open(shop: Shop) -> None:
    spans = [Span(shop.at(9), shop.at(10), 2), Span(shop.at(10), shop.at(12), 3), Span(shop.at(11), shop.at(13), 1)]
    assert peak(spans, shop.at(9), shop.at(13)) == 4
    assert peak(spans, shop.at(8), shop.at(9)) == 0
    assert crowded(spans, shop.at(9), shop.at(13), over=2) == [(shop.at(10), shop.at(12))]
