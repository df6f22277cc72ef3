"""`Idempotency-Key`: what is sent twice is done once and answered the same."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from core import clock, db
from core.booking.models import Booking, Retry, Series
from tests.api.conftest import ROOT, Api
from tests.api.test_problems import problem

pytestmark = pytest.mark.database


def test_a_booking_is_made_once(api: Api) -> None:
    first = api("POST", "bookings", api.wish(), key="a")
    second = api("POST", "bookings", api.wish(), key="a")
    assert (first.status_code, first.json) == (second.status_code, second.json)
    assert first.headers["Location"] == second.headers["Location"]
    assert api.shop.count(Booking) == 1


def test_the_answer_is_the_stored_one_even_when_the_booking_went_on(api: Api) -> None:
    first = api("POST", "bookings", api.wish(), key="a").json
    api("POST", f"bookings/{first['ref']}/cancel", {})
    assert api("POST", "bookings", api.wish(), key="a").json == first


def test_the_same_key_with_other_content_is_refused(api: Api) -> None:
    api("POST", "bookings", api.wish(), key="a")
    other = api.wish(answers={"purpose": "别的"})
    problem(api("POST", "bookings", other, key="a"), 422)
    assert api.shop.count(Booking) == 1


def test_a_key_belongs_to_who_sent_it(api: Api) -> None:
    api("POST", "bookings", api.wish(), key="a")
    assert api("POST", "bookings", api.wish(), key="a", who="south").status_code == 201
    assert api.shop.count(Booking) == 2


def test_a_refusal_is_not_kept(api: Api) -> None:
    api.made(legs=[{"resource": "lathe2"}])
    blocking = api.made(legs=[{"resource": "lathe1"}])["ref"]
    problem(api("POST", "bookings", api.wish(), key="a", who="south"), 409)
    api("POST", f"bookings/{blocking}/cancel", {})
    assert api("POST", "bookings", api.wish(), key="a", who="south").status_code == 201


def test_a_key_is_forgotten_after_a_day(api: Api) -> None:
    api("POST", "bookings", api.wish(), key="a")
    with db.write() as session:
        session.execute(update(Retry).values(created_at=clock.now() - Retry.KEPT - timedelta(minutes=1)))
    assert api("POST", "bookings", api.wish(), key="a").status_code == 201
    assert api.shop.count(Booking) == 2


@pytest.mark.parametrize(
    ("action", "who", "body"),
    [
        ("cancel", "north", {}),
        ("approve", "manager", {}),
        ("reject", "manager", {"reason": "维修"}),
        ("return", "manager", {"reason": "写明用途"}),
        ("reschedule", "north", {}),
    ],
)
def test_an_action_is_done_once(api: Api, action: str, who: str, body: dict[str, Any]) -> None:
    ref = api.made(kind="cell", legs=[{"resource": "cell1"}], **_times(api, 10))["ref"]
    body = body | (_times(api, 14) if action == "reschedule" else {})
    first = api("POST", f"bookings/{ref}/{action}", body, who=who, key="a")
    second = api("POST", f"bookings/{ref}/{action}", body, who=who, key="a")
    assert first.status_code == 200, first.text
    assert (second.status_code, second.json) == (200, first.json)


def test_a_place_is_held_once_and_submitted_once(api: Api) -> None:
    wish = {name: value for name, value in api.wish(kind=HELD).items() if name != "answers"}
    holds = [api("POST", "holds", wish, key="a") for _number in range(2)]
    assert [answer.status_code for answer in holds] == [201, 201]
    assert holds[0].json == holds[1].json
    ref, answers = holds[0].json["ref"], {"answers": {"purpose": "练习"}}
    sent = [api("POST", f"bookings/{ref}/submit", answers, key="b") for _number in range(2)]
    assert [answer.status_code for answer in sent] == [200, 200], sent[1].text
    assert sent[0].json == sent[1].json
    assert api.shop.count(Booking) == 1


def test_a_series_is_booked_once(api: Api) -> None:
    body = _series(api)
    answers = [api("POST", "series", body, key="a") for _number in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201], answers[0].text
    assert answers[0].json == answers[1].json
    assert api.shop.count(Series) == 1


def test_the_same_request_many_times_at_once_is_done_once(api: Api, shop_app: Flask) -> None:
    headers = {"Authorization": f"Bearer {api.token('north')}", "Idempotency-Key": "a"}
    wish, answers = api.wish(), []
    start = threading.Barrier(6, timeout=30)

    def send() -> None:
        client = shop_app.test_client()
        start.wait()
        answers.append(client.post(f"{ROOT}bookings", json=wish, headers=headers))

    threads = [threading.Thread(target=send) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [201] * 6
    assert len({(answer.json or {})["ref"] for answer in answers}) == 1
    assert api.shop.count(Booking) == 1


HELD = "machine"


def _times(api: Api, hour: float) -> dict[str, str]:
    return {"start": api.shop.at(hour).isoformat(), "end": api.shop.at(hour + 2).isoformat()}


def _series(api: Api) -> dict[str, object]:
    rule = {"rrule": "FREQ=WEEKLY;COUNT=3", "first": api.shop.at(9).date().isoformat()}
    answers = {"purpose": "练习"}
    return {"base": "workshop", "kind": "lesson", "rule": rule, "starts": "09:00", "ends": "11:00", "answers": answers}
