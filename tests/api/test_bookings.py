from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core import db
from core.booking.models import Booking
from tests.api.conftest import Api
from tests.api.test_problems import problem


@pytest.mark.database
def test_a_booking_is_made_read_and_listed(api: Api) -> None:
    answer = api("POST", "bookings", api.wish(legs=[{"resource": "lathe1"}], answers={"purpose": "提醒"}))
    assert answer.status_code == 201
    made = answer.json
    assert made["state"] == "confirmed"
    assert (made["base"], made["kind"], made["organisation"]) == ("workshop", "machine", "north")
    assert made["legs"] == [{"resource": "lathe1", "units": 1}]
    assert made["start"].endswith("T09:00:00+08:00")
    assert made["answers"] == {"purpose": "提醒"}
    assert made["warnings"] == [{"code": "rule", "message": "请带工作服。"}]
    assert api.client.get(answer.headers["Location"], headers=_bearer(api)).json == made
    assert api("GET", "bookings").json["items"] == [made]


def test_a_session_needs_no_time(api: Api) -> None:
    training = api.shop.session()
    answers = {"purpose": "上课", "people": [{"name": "学员甲"}, {"name": "学员乙"}]}
    body = {"base": "workshop", "kind": "course", "session": training.id, "answers": answers}
    made = api("POST", "bookings", body).json
    assert (made["session"], made["units"], made["legs"]) == (training.id, 2, [])
    assert "学员甲" not in str(made["answers"])


def test_several_of_a_set_are_taken_together(api: Api) -> None:
    made = api.made(kind="benches", legs=[{"any_of": ["bench1", "bench3"], "count": 2}])
    assert {leg["resource"] for leg in made["legs"]} == {"bench1", "bench3"}


def test_one_of_several_is_found_that_is_free(api: Api) -> None:
    api.made(legs=[{"resource": "lathe1"}])
    made = api.made(legs=[{"any_of": ["lathe1", "lathe2"]}])
    assert made["legs"][0]["resource"] == "lathe2"


@pytest.mark.parametrize(
    ("changes", "status", "pointer"),
    [
        ({"base": "nowhere"}, 404, None),
        ({"kind": "nothing"}, 404, None),
        ({"organisation": "nobody"}, 422, "/organisation"),
        ({"legs": [{"resource": "cell1"}]}, 422, "/legs/0/resource"),
        ({"legs": [{"any_of": ["lathe1", "nowhere"]}]}, 422, "/legs/0/any_of/1"),
        ({"legs": [{"resource": "lathe1", "any_of": ["lathe2"]}]}, 422, "/legs/0"),
        ({"legs": [{"resource": "lathe1", "count": 2}]}, 422, "/legs/0/count"),
        ({"legs": [{}, {}]}, 422, "/legs"),
        ({"answers": {}}, 422, "/answers/purpose"),
        ({"answers": {"purpose": {"a": 1}}}, 422, "/answers/purpose"),
        ({"answers": {"purpose": 7}}, 422, "/answers/purpose"),
        ({"answers": {"purpose": ["练习"]}}, 422, "/answers/purpose"),
        ({"answers": {"purpose": True}}, 422, "/answers/purpose"),
        ({"kind": "shift", "answers": {"seats": "3"}}, 422, "/answers/seats"),
        ({"kind": "shift", "answers": {"seats": 2.5}}, 422, "/answers/seats"),
        ({"kind": "course", "answers": {"people": [{"nobody": "x"}]}}, 422, "/answers/people"),
        ({"answers": {"purpose": "练习", "more": 1}}, 422, "/answers/more"),
        ({"answers": {"purpose": "禁止"}}, 409, "/answers/purpose"),
        ({"start": None}, 422, None),
        ({"session": 1}, 422, "/session"),
    ],
)
def test_what_cannot_be_booked_is_refused_where_it_stands(
    api: Api, changes: dict[str, Any], status: int, pointer: str | None
) -> None:
    body = problem(api("POST", "bookings", api.wish(**changes)), status)
    if pointer is not None:
        assert pointer in {error["pointer"] for error in body["errors"]}
    assert api.shop.count(Booking) == 0


def test_what_is_taken_is_told_with_what_is_free_and_never_whose_it_is(api: Api) -> None:
    for resource in ("lathe1", "lathe2"):
        api.made(legs=[{"resource": resource}], answers={"purpose": "保密"})
    answer = api("POST", "bookings", api.wish(), who="south")
    body = problem(answer, 409)
    assert body["code"] == "resource_taken"
    assert {conflict["resource"] for conflict in body["conflicts"]} <= {"lathe1", "lathe2"}
    assert body["alternatives"][0]["start"].endswith("+08:00")
    assert "north" not in answer.text
    assert "保密" not in answer.text
    again = api("POST", "bookings", api.wish(**body["alternatives"][0]), who="south")
    assert again.status_code == 201


def test_outside_the_hours_is_refused_with_its_code(api: Api) -> None:
    wish = api.wish(start=api.shop.at(2).isoformat(), end=api.shop.at(4).isoformat())
    assert problem(api("POST", "bookings", wish), 409)["code"] in {"closed", "outside_hours"}


def test_nobody_books_for_another_school(api: Api) -> None:
    problem(api("POST", "bookings", api.wish(organisation="south")), 403)
    assert api("POST", "bookings", api.wish(organisation="south"), who="manager").status_code == 201


def test_each_sees_their_own_and_managers_those_of_their_base(api: Api) -> None:
    ref = api.made()["ref"]
    for who, status in (("", 401), ("north", 200), ("south", 404), ("manager", 200)):
        assert api("GET", f"bookings/{ref}", who=who).status_code == status
    assert [entry["ref"] for entry in api("GET", "bookings").json["items"]] == [ref]
    assert api("GET", "bookings", who="south").json["items"] == []
    assert [entry["ref"] for entry in api("GET", "bookings?base=workshop", who="manager").json["items"]] == [ref]
    problem(api("GET", "bookings?base=workshop"), 403)
    for action in ("cancel", "approve", "reschedule", "submit"):
        problem(api("POST", f"bookings/{ref}/{action}", {}, who="south"), 404)


def test_a_list_of_bookings_is_narrowed_and_read_page_by_page(api: Api) -> None:
    refs = {api.made(**_hours(api, hour))["ref"] for hour in (9, 11, 13)}
    read, cursor = [], ""
    while cursor is not None:
        page = api("GET", f"bookings?limit=1&cursor={cursor}").json
        read += [entry["ref"] for entry in page["items"]]
        cursor = page["next"]
    assert len(read) == 3
    assert set(read) == refs
    assert api("GET", "bookings?state=cancelled").json["items"] == []
    problem(api("GET", "bookings?state=lost"), 422)
    for cursor in ("W10", "WyJ4IiwieSJd", "%ff", "x"):
        problem(api("GET", f"bookings?cursor={cursor}"), 422)


def test_a_booking_is_approved_step_by_step_by_who_may(api: Api) -> None:
    made = api.made(**_cell(api))
    ref = made["ref"]
    problem(api("POST", f"bookings/{ref}/approve", {}), 403)
    approved = api("POST", f"bookings/{ref}/approve", {"version": made["version"]}, who="manager")
    assert approved.status_code == 200, approved.text
    assert approved.json["state"] == "confirmed"
    assert problem(api("POST", f"bookings/{ref}/approve", {}, who="manager"), 409)["code"] == "state_changed"


def test_a_booking_is_returned_with_a_reason_and_submitted_again(api: Api) -> None:
    ref = api.made(**_cell(api))["ref"]
    body = problem(api("POST", f"bookings/{ref}/return", {}, who="manager"), 422)
    assert body["errors"][0]["pointer"] == "/reason"
    returned = api("POST", f"bookings/{ref}/return", {"reason": "写明用途"}, who="manager").json
    assert returned["state"] == "returned"
    assert returned["lapses"] is not None
    problem(api("POST", f"bookings/{ref}/submit", {}), 422)
    again = api("POST", f"bookings/{ref}/submit", {"answers": {"purpose": "试模"}}).json
    assert (again["state"], again["answers"]["purpose"]) == ("submitted", "试模")


def test_a_booking_is_rejected_or_cancelled_and_its_place_is_free(api: Api) -> None:
    ref = api.made(**_cell(api))["ref"]
    assert api("POST", f"bookings/{ref}/reject", {"reason": "维修"}, who="manager").json["state"] == "rejected"
    ref = api.made(**_cell(api))["ref"]
    assert api("POST", f"bookings/{ref}/cancel", {}).json["state"] == "cancelled"
    assert api.shop.taken(api.shop.resource("cell1")) == 0


def test_a_booking_moves_to_another_time_or_stays(api: Api) -> None:
    ref = api.made(legs=[{"resource": "lathe1"}])["ref"]
    moved = api("POST", f"bookings/{ref}/reschedule", _hours(api, 13) | {"legs": [{"resource": "lathe2"}]}).json
    assert moved["start"].endswith("T13:00:00+08:00")
    assert moved["legs"] == [{"resource": "lathe2", "units": 1}]
    body = problem(api("POST", f"bookings/{ref}/reschedule", _hours(api, 2)), 409)
    assert body["code"] in {"closed", "outside_hours"}
    assert api("GET", f"bookings/{ref}").json["start"] == moved["start"]


def test_who_saw_an_older_version_is_told(api: Api) -> None:
    made = api.made(**_cell(api))
    api("POST", f"bookings/{made['ref']}/approve", {}, who="manager")
    old = {"version": made["version"], "reason": "x"}
    assert problem(api("POST", f"bookings/{made['ref']}/cancel", old), 409)["code"] == "state_changed"


def test_an_action_that_is_none_is_not_there(api: Api) -> None:
    ref = api.made()["ref"]
    for action in ("confirm", "check_in", "complete", "expire", "nothing"):
        problem(api("POST", f"bookings/{ref}/{action}", {}, who="manager"), 404)
    assert db.db.session.scalars(select(Booking.state)).one() == "confirmed"


def _hours(api: Api, hour: float) -> dict[str, str]:
    start = api.shop.at(hour)
    return {"start": start.isoformat(), "end": (start + timedelta(hours=2)).isoformat()}


def _cell(api: Api) -> dict[str, object]:
    return {"kind": "cell", "legs": [{"resource": "cell1"}], **_hours(api, 10)}


def _bearer(api: Api) -> dict[str, str]:
    return {"Authorization": f"Bearer {api.token('north')}"}
