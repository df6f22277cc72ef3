"""The manager draws once; everybody sees the order, the seed and how to verify it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from core.plugin_api import example_people, find_event
from core.testing.site import Site, site
from core.testing.steps import book, decide, kind_of, publish_session
from plugins.competition import drawing

SEED = "31-08-77"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site("competition", tmp_path_factory.mktemp("draws")) as made:
        yield made


@pytest.fixture
def event(base: Site) -> int:
    return publish_session(base, kind_of(base, "entry"))


def entered(base: Site, event: int, teams: int) -> list[str]:
    """Enter and confirm teams; return their references."""
    refs = []
    for number in range(teams):
        people = example_people(1 + 2 * number, 2)
        entry = book(base, kind_of(base, "entry"), {"contestants": people}, session_id=event)
        decide(base, entry.ref, "confirm")
        refs.append(entry.ref)
    return refs


def draw(base: Site, event: int, seed: str = SEED, role: str | None = "manager") -> int:
    return base.visitor(role).post(f"/bases/competition/draws/{event}", data={"seed": seed}).status_code


def page(base: Site, event: int) -> str:
    return base.visitor().get(f"/bases/competition/draws/{event}").get_data(as_text=True)


def test_everybody_sees_the_order_that_the_seed_gives(base: Site, event: int) -> None:
    refs = entered(base, event, 3)
    assert draw(base, event) == 302
    text = page(base, event)
    places = [text.index(f'<th scope="row">{ref}') for ref in drawing.order(SEED, refs)]
    assert places == sorted(places)
    assert SEED in text
    assert all(drawing.digest(SEED, ref) in text for ref in refs)


def test_names_of_schools_are_not_published(base: Site, event: int) -> None:
    entered(base, event, 1)
    draw(base, event)
    assert "示例学校" not in page(base, event)


def test_a_draw_stands_and_cannot_be_repeated(base: Site, event: int) -> None:
    entered(base, event, 2)
    assert draw(base, event) == 302
    before = page(base, event)
    assert draw(base, event, "another seed") == 422
    assert page(base, event) == before


def test_only_confirmed_teams_are_drawn(base: Site, event: int) -> None:
    book(base, kind_of(base, "entry"), {"contestants": example_people(1, 2)}, session_id=event)
    assert draw(base, event) == 422


def test_a_seed_that_is_too_short_is_refused_and_kept(base: Site, event: int) -> None:
    entered(base, event, 1)
    answer = base.visitor("manager").post(f"/bases/competition/draws/{event}", data={"seed": "   123   "})
    assert answer.status_code == 422
    assert 'value="123"' in answer.get_data(as_text=True)


def test_a_contact_cannot_draw(base: Site, event: int) -> None:
    entered(base, event, 1)
    assert draw(base, event, role="contact") == 403
    assert drawing.digest(SEED, "x") not in page(base, event)
    assert "还未抽签" in page(base, event)


def test_a_team_that_cancels_after_the_draw_is_marked_and_the_others_stay(base: Site, event: int) -> None:
    first, second = drawing.order(SEED, entered(base, event, 2))
    draw(base, event)
    decide(base, first, "cancel")
    text = page(base, event)
    assert text.index(first) < text.index("（已退出）") < text.index(second)


def test_the_list_tells_what_is_drawn(base: Site, event: int) -> None:
    entered(base, event, 1)
    draw(base, event)
    answer = base.visitor().get("/bases/competition/draws/")
    assert f"/bases/competition/draws/{event}" in answer.get_data(as_text=True)


def test_there_is_no_draw_of_a_session_that_is_no_competition_of_this_base(base: Site) -> None:
    assert base.visitor().get("/bases/competition/draws/999999").status_code == 404


def set_time(base: Site, event: int, start: str, role: str = "manager") -> int:
    return base.visitor(role).post(f"/bases/competition/draws/{event}/time", data={"start": start}).status_code


def calendar(base: Site) -> str:
    return base.visitor().get("/bases/competition/calendar.ics").get_data(as_text=True).replace("\r\n ", "")


def test_the_time_of_a_draw_stands_in_the_calendar_until_it_is_taken_back(base: Site, event: int) -> None:
    with base.app.app_context():
        day = f"{drawing.event(event).session.start - timedelta(days=1):%Y-%m-%d}"
    address = f"/bases/competition/draws/{event}"
    assert set_time(base, event, f"{day}T14:00") == 302
    assert "14:00–14:30" in page(base, event)
    assert f"{address}\r\n" in calendar(base)
    (drawn,) = [text for text in calendar(base).split("BEGIN:VEVENT") if address in text]
    assert f"DTSTART;TZID=Asia/Shanghai:{day.replace('-', '')}T140000" in drawn
    assert "工位抽签" in drawn
    assert set_time(base, event, "") == 302
    (drawn,) = [text for text in calendar(base).split("BEGIN:VEVENT") if address in text]
    assert "STATUS:CANCELLED" in drawn


@pytest.mark.parametrize("start", ["2001-01-01T09:00", "0001-01-01T00:00", "2099-01-01T09:00", "tomorrow"])
def test_a_draw_is_ahead_and_before_its_competition(base: Site, event: int, start: str) -> None:
    assert set_time(base, event, start) == 422


def test_only_who_manages_sessions_sets_the_time_of_a_draw(base: Site, event: int) -> None:
    assert set_time(base, event, "", role="contact") == 403


def test_the_draw_of_a_competition_that_is_cancelled_is_called_off(base: Site, event: int) -> None:
    with base.app.app_context():
        day = f"{drawing.event(event).session.start - timedelta(days=1):%Y-%m-%d}"
    assert set_time(base, event, f"{day}T14:00") == 302
    answer = base.visitor("manager").post(
        f"/manage/competition/sessions/{event}/cancel", data={"cancel-reason": "设备故障（示例）"}
    )
    assert answer.status_code == 302
    (drawn,) = [text for text in calendar(base).split("BEGIN:VEVENT") if f"/draws/{event}" in text]
    assert "STATUS:CANCELLED" in drawn
    with base.app.app_context():
        assert find_event("competition", f"draw-{event}") is None
