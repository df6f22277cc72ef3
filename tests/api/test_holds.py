import pytest

from core import db
from core.booking.models import Booking
from tests.api.conftest import Api
from tests.api.test_problems import problem


def wish(api: Api) -> dict[str, object]:
    return {name: value for name, value in api.wish().items() if name != "answers"}


@pytest.mark.database
def test_a_place_is_kept_and_becomes_a_booking(api: Api) -> None:
    held = api("POST", "holds", wish(api))
    assert held.status_code == 201, held.text
    assert (held.json["state"], held.json["answers"]) == ("held", {})
    assert held.json["lapses"].endswith("+08:00")
    made = api("POST", f"bookings/{held.json['ref']}/submit", {"answers": {"purpose": "练习"}}).json
    assert (made["ref"], made["state"], made["lapses"]) == (held.json["ref"], "confirmed", None)
    assert made["answers"] == {"purpose": "练习"}


def test_a_kept_place_is_nobody_elses_until_it_is_given_back(api: Api) -> None:
    body = wish(api) | {"legs": [{"resource": "lathe1"}]}
    ref = api("POST", "holds", body).json["ref"]
    problem(api("POST", "holds", body, who="south"), 409)
    problem(api("DELETE", f"holds/{ref}", who="south"), 404)
    released = api("DELETE", f"holds/{ref}")
    assert (released.status_code, released.data) == (204, b"")
    assert api("POST", "holds", body, who="south").status_code == 201


def test_a_form_that_cannot_be_used_leaves_the_place_kept(api: Api) -> None:
    ref = api("POST", "holds", wish(api)).json["ref"]
    problem(api("POST", f"bookings/{ref}/submit", {"answers": {}}), 422)
    assert db.db.session.get_one(Booking, 1).state == "held"


def test_what_is_no_hold_is_not_given_back(api: Api) -> None:
    ref = api.made()["ref"]
    for address in (f"holds/{ref}", "holds/JD-0000"):
        problem(api("DELETE", address), 404)
    assert api("GET", f"bookings/{ref}").json["state"] == "confirmed"
