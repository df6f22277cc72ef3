from datetime import timedelta

import pytest
from sqlalchemy import event, select

from core import clock, db
from core.bases.models import Base, Term
from core.booking import closures
from core.booking.models import Resource
from tests.api.conftest import Api

PUBLIC = (
    "bases",
    "bases/workshop",
    "bases/workshop/resources",
    "bases/workshop/kinds",
    "bases/workshop/kinds/lesson",
    "bases/workshop/sessions?{span}",
    "bases/workshop/availability?{span}",
    "bases/workshop/closures?{span}",
)


def span(api: Api, days: int = 1) -> str:
    start, end = api.shop.at(0), api.shop.at(24 * days)
    return f"from={start:%Y-%m-%dT%H:%M:%SZ}&to={end:%Y-%m-%dT%H:%M:%SZ}".replace("+", "%2B")


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public_is_read_without_a_token_and_sets_no_cookie(api: Api, address: str) -> None:
    answer = api("GET", address.format(span=span(api)), who="")
    assert answer.status_code == 200
    assert answer.is_json
    assert "Set-Cookie" not in answer.headers


def test_a_base_is_told_with_where_more_is(api: Api) -> None:
    (base,) = api("GET", "bases").json["items"]
    assert (base["slug"], base["name"], base["zone"]) == ("workshop", "示例车间", "Asia/Shanghai")
    assert base["colour"]["light"]["accent"] == "#1f4e79"
    assert api.client.get(base["links"]["kinds"]).status_code == 200


@pytest.mark.parametrize("address", PUBLIC[1:])
def test_a_base_that_is_not_there_is_404_wherever_one_looks(api: Api, address: str) -> None:
    address = address.replace("workshop", "nowhere").format(span=span(api))
    assert api("GET", address, who="").status_code == 404


def test_a_list_is_read_page_by_page_and_nothing_is_missed_or_told_twice(api: Api) -> None:
    whole = [entry["slug"] for entry in api("GET", "bases/workshop/resources?limit=200").json["items"]]
    read, cursor = [], ""
    while cursor is not None:
        page = api("GET", f"bases/workshop/resources?limit=2&cursor={cursor}").json
        assert len(page["items"]) <= 2
        read += [entry["slug"] for entry in page["items"]]
        cursor = page["next"]
    assert read == whole
    assert {"lathe1", "room", "bench3"} <= set(read)


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "cursor=x", "cursor=W10", "cursor=%ff", "cursor=WyJ4IiwieSJd"]
)
def test_a_page_that_cannot_be_meant_is_refused(api: Api, query: str) -> None:
    answer = api("GET", f"bases/workshop/resources?{query}")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == f"/{query.partition('=')[0]}"


def test_a_kind_tells_its_form_its_legs_and_its_terms(api: Api) -> None:
    monday = api.shop.today - timedelta(days=api.shop.today.weekday())
    with db.write() as session:
        session.add(Term(name="示例学期", first_day=monday, weeks=18))
    kind = api("GET", "bases/workshop/kinds/lesson").json
    assert kind["form"]["required"] == ["purpose"]
    assert kind["legs"] == [
        {"kind": "machine", "of": ["lathe1", "lathe2"], "count": 1, "per_unit": False, "pick": True}
    ]
    assert kind["terms"][0] | {"id": 0} == {
        "id": 0,
        "name": "示例学期",
        "first_day": monday.isoformat(),
        "weeks": 18,
    }
    assert api("GET", "bases/workshop/kinds/machine").json["terms"] == []


def test_sessions_are_told_with_what_is_left_and_drafts_are_not(api: Api) -> None:
    training = api.shop.session(seats=10)
    api.shop.book("course", training_id=training.id, people=3)
    (told,) = api("GET", f"bases/workshop/sessions?{span(api)}", who="").json["items"]
    assert (told["id"], told["seats"], told["seats_left"]) == (training.id, 10, 7)
    assert told["start"] == f"{clock.local(training.start_at):%Y-%m-%dT%H:%M:%S}+08:00"
    assert api("GET", f"bases/workshop/sessions?{span(api)}&limit=1").json["next"] is None


def test_availability_tells_free_units_closed_spans_and_why_but_never_who(api: Api) -> None:
    api.shop.book(picks={0: api.shop.resource("lathe1")})
    out = api.shop.resource("lathe2")
    closures.close(
        actor=api.shop.user("manager"),
        resource_ids=[out],
        start=api.shop.at(8),
        end=api.shop.at(20),
        reason="保养",
    )
    answer = api("GET", f"bases/workshop/availability?{span(api)}&resource=lathe1&resource=lathe2", who="")
    first, second = answer.json["items"]
    hours = [(part["start"][11:16], part["end"][11:16], part["units"]) for part in first["free"]]
    assert hours == [("08:00", "09:00", 1), ("11:00", "20:00", 1)]
    assert second["free"] == []
    assert "保养" in {part["reason"] for part in second["closed"]}
    assert "练习" not in answer.text
    assert "north" not in answer.text


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("from=2026-12-02T00:00:00Z&to=2026-12-01T00:00:00Z", "/to"),
        ("from=2026-12-01T00:00:00Z&to=2028-12-01T00:00:00Z", "/to"),
        ("from=2026-12-01T00:00:00&to=2026-12-02T00:00:00Z", "/from"),
        ("from=2026-12-01&to=2026-12-02T00:00:00Z", "/from"),
        ("from=0001-01-01T00:00:00Z&to=2026-12-02T00:00:00Z", "/from"),
        ("from=2026-12-01T00:00:00Z&to=9999-12-31T23:59:59-14:00", "/to"),
        ("from=2026-12-01T00:00:00Z", "/to"),
    ],
)
@pytest.mark.parametrize("what", ["availability", "sessions", "closures"])
def test_a_time_that_cannot_be_meant_is_refused_where_it_stands(api: Api, what: str, query: str, pointer: str) -> None:
    answer = api("GET", f"bases/workshop/{what}?{query}")
    assert answer.status_code == 422
    assert pointer in {error["pointer"] for error in answer.json["errors"]}


def test_any_offset_is_taken_in(api: Api) -> None:
    training = api.shop.session()
    day = training.start_at.date()
    for start, end in ((f"{day}T00:00:00Z", f"{day}T23:59:59Z"), (f"{day}T05:30:00%2B05:30", f"{day}T20:00:00-03:30")):
        assert len(api("GET", f"bases/workshop/sessions?from={start}&to={end}").json["items"]) == 1


def test_a_resource_that_is_not_there_is_said_to_be_missing(api: Api) -> None:
    answer = api("GET", f"bases/workshop/availability?{span(api)}&resource=nowhere")
    assert answer.status_code == 422
    assert "nowhere" in answer.json["errors"][0]["message"]


@pytest.mark.parametrize("address", ["bases/workshop/resources", "bases/workshop/availability?{span}", "bookings"])
def test_the_number_of_queries_does_not_grow_with_what_is_told(api: Api, address: str) -> None:
    address = address.format(span=span(api, 7))
    api.shop.book()
    api("GET", address)  # notes the use of the token
    few = _queries(api, address)
    with db.write() as session:
        base = session.scalars(select(Base)).one()
        for number in range(20):
            declared = {"name": {"zh": f"车床{number}"}}
            session.add(
                Resource(
                    base_id=base.id, slug=f"more{number}", kind="machine", declared=declared, attributes={}, capacity=1
                )
            )
    for number in range(20):
        pick = {0: api.shop.resource(f"more{number}")}
        api.shop.book(start=api.shop.at(9), end=api.shop.at(10), picks=pick)
    assert _queries(api, address) <= few


def _queries(api: Api, address: str) -> int:
    seen: list[str] = []
    db.db.session.expire_all()

    def note(*arguments: object) -> None:
        seen.append(str(arguments[2]))

    event.listen(db.db.engine, "before_cursor_execute", note)
    try:
        assert api("GET", address).status_code == 200
    finally:
        event.remove(db.db.engine, "before_cursor_execute", note)
    return len(seen)
