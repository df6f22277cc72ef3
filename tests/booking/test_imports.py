"""Sessions and resources from a table: all rows or none, each row told what is wrong, looked at before it is done."""

import io
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import select

from core import clock, db, errors
from core.accounts.models import Grant, User
from core.booking import imports, sheets, workflow
from core.booking.imports import RESOURCE_COLUMNS, SESSION_COLUMNS, Read, RowsRefused
from core.booking.models import Allocation, Resource, TrainingSession
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.support.people import texts

HOME = "/manage/workshop/"


def heads(columns: Any) -> dict[str, str]:
    """Return the heads of the columns as the template writes them, by field."""
    sheet = load_workbook(io.BytesIO(sheets.template(columns, "x"))).active
    return dict(zip([column.key for column in columns], [str(cell.value) for cell in sheet[1]], strict=True))  # type: ignore[index]


def book(columns: Any, *rows: dict[str, Any]) -> bytes:
    """Return a filled-in table; rows by field."""
    used = list(dict.fromkeys(key for row in rows for key in row))
    names, out, workbook = heads(columns), io.BytesIO(), Workbook()
    workbook.active.append([names[key] for key in used])  # type: ignore[union-attr]
    for row in rows:
        workbook.active.append([row.get(key) for key in used])  # type: ignore[union-attr]
    workbook.save(out)
    return out.getvalue()


def course(shop: Shop, **changes: Any) -> dict[str, Any]:
    """Return a row of a session: in two weeks, from nine to noon."""
    day = clock.local(shop.at(9)).date()
    plain = {
        "title": "车工入门",
        "first_day": day,
        "starts": time(9),
        "ends": "12:00",
        "seats": 12,
        "uses": "",
        "text": "",
    }
    return plain | changes


def read_sessions(shop: Shop, *rows: dict[str, Any]) -> Read:
    found = sheets.read(book(SESSION_COLUMNS, *rows), SESSION_COLUMNS)
    return imports.read_sessions(db.db.session(), shop.base, found)


def read_resources(shop: Shop, *rows: dict[str, Any]) -> Read:
    found = sheets.read(book(RESOURCE_COLUMNS, *rows), RESOURCE_COLUMNS)
    kinds = {"machine": ("机床设备",), "room": ("场地",), "bench": ("bench",)}
    return imports.read_resources(db.db.session(), shop.base, found, kinds)


def take(shop: Shop, found: Read, *, publish: bool = False, who: str = "manager") -> int:
    assert not found.problems
    return imports.take_sessions(actor=shop.user(who), base_id=shop.base.id, rows=found.sessions, publish=publish)


def test_rows_become_drafts_with_their_resources(shop: Shop) -> None:
    found = read_sessions(
        shop, course(shop, uses="车床1、教练1"), course(shop, title="铣工", ends="24:00", text="自带")
    )
    assert take(shop, found) == 2
    first, second = db.db.session.scalars(select(TrainingSession).order_by(TrainingSession.id))
    assert (first.state, first.start_at, first.end_at, first.seats) == ("draft", shop.at(9), shop.at(12), 12)
    assert first.uses == [shop.resource("lathe1"), shop.resource("coach")]
    assert (second.end_at, second.text) == (shop.at(24), "自带")
    assert shop.count(Allocation) == 0


def test_rows_are_published_together_or_not_at_all(shop: Shop) -> None:
    booking = shop.book("machine", picks={0: shop.resource("lathe2")})
    free = course(shop, uses="车床1")
    busy = course(shop, title="铣工", uses="车床2")
    clash = course(shop, title="磨工", uses="车床1")
    before = shop.count(Resource)
    with pytest.raises(RowsRefused) as refused:
        take(shop, read_sessions(shop, free, busy, clash), publish=True)
    assert [problem.row for problem in refused.value.problems] == [3, 4]
    assert "车床2" in refused.value.problems[0].message
    assert (shop.count(TrainingSession), shop.count(Resource)) == (0, before)
    assert shop.count(Allocation) == len(booking.allocations)
    assert take(shop, read_sessions(shop, free), publish=True) == 1
    assert db.db.session.scalars(select(TrainingSession)).one().state == "published"


@pytest.mark.parametrize(
    ("wrong", "column"),
    [
        ({"title": ""}, "title"),
        ({"title": "长" * 121}, "title"),
        ({"title": "=A1"}, "title"),
        ({"first_day": "周二"}, "first_day"),
        ({"first_day": date(2020, 1, 1)}, "first_day"),
        ({"first_day": None}, "first_day"),
        ({"starts": "早上"}, "starts"),
        ({"ends": "08:00"}, "ends"),
        ({"ends": time(9)}, "ends"),
        ({"seats": 0}, "seats"),
        ({"seats": "十"}, "seats"),
        ({"seats": 1.5}, "seats"),
        ({"seats": 10**20}, "seats"),
        ({"uses": "车床99"}, "uses"),
        ({"uses": "session_1"}, "uses"),
        ({"kind": "上机"}, "kind"),
    ],
)
def test_each_row_is_told_what_is_wrong_in_which_column(shop: Shop, wrong: dict[str, Any], column: str) -> None:
    shop.session()
    found = read_sessions(shop, course(shop, title="好的"), course(shop) | wrong)
    (problem,) = found.problems
    assert (problem.row, problem.column) == (3, heads(SESSION_COLUMNS)[column])
    assert problem.message


@pytest.mark.database
def test_the_same_session_twice_is_told(shop: Shop) -> None:
    assert take(shop, read_sessions(shop, course(shop))) == 1
    found = read_sessions(shop, course(shop), course(shop, title="新"), course(shop, title="新"))
    assert [problem.row for problem in found.problems] == [2, 4]


def test_a_session_that_ends_on_another_day_says_so(shop: Shop) -> None:
    last = clock.local(shop.at(9, 16)).date()
    found = read_sessions(shop, course(shop, last_day=datetime.combine(last, time())))
    assert found.sessions[0].content["end"] == shop.at(12, 16)


@pytest.mark.database
def test_own_resources_are_taken_in_with_their_parts(shop: Shop) -> None:
    found = read_resources(
        shop,
        {"name": "焊工室", "kind": "场地", "facts": "面积：80平方米；楼层：2"},
        {"name": "焊台1", "kind": "bench", "parent": "焊工室", "setup": 10},
        {"name": "焊台2", "kind": "bench", "parent": "焊工室", "capacity": 2},
        {"name": "钳台4", "kind": "bench", "parent": "钳工室"},
    )
    assert not found.problems
    assert imports.take_resources(actor=shop.user("manager"), base_id=shop.base.id, rows=found.resources) == 4
    rows = {row.name: row for row in db.db.session.scalars(select(Resource))}
    assert (rows["焊工室"].capacity, rows["焊工室"].facts) == (3, [("面积", "80平方米"), ("楼层", "2")])
    assert (rows["焊台1"].setup, rows["焊台1"].own) == (timedelta(minutes=10), True)
    assert rows["钳工室"].capacity == 4


@pytest.mark.parametrize(
    ("wrong", "column"),
    [
        ({"name": ""}, "name"),
        ({"name": "车床1"}, "name"),
        ({"kind": "飞机"}, "kind"),
        ({"kind": "instructor"}, "kind"),
        ({"capacity": 0}, "capacity"),
        ({"parent": "没有"}, "parent"),
        ({"setup": 1441}, "setup"),
        ({"facts": "没有冒号"}, "facts"),
    ],
)
def test_each_resource_is_told_what_is_wrong(shop: Shop, wrong: dict[str, Any], column: str) -> None:
    found = read_resources(shop, {"name": "车床9", "kind": "机床设备"} | wrong)
    (problem,) = found.problems
    assert (problem.row, problem.column) == (2, heads(RESOURCE_COLUMNS)[column])


def test_a_part_of_what_is_booked_whole_keeps_all_rows_out(shop: Shop) -> None:
    found = read_resources(
        shop, {"name": "车床9", "kind": "machine"}, {"name": "钳台4", "kind": "bench", "parent": "钳工室"}
    )
    shop.book("room")
    before = shop.count(Resource)
    with pytest.raises(RowsRefused) as refused:
        imports.take_resources(actor=shop.user("manager"), base_id=shop.base.id, rows=found.resources)
    assert [problem.row for problem in refused.value.problems] == [3]
    assert shop.count(Resource) == before


def test_nobody_else_takes_anything_in(shop: Shop) -> None:
    found = read_sessions(shop, course(shop))
    with pytest.raises(errors.Forbidden):
        take(shop, found, who="north")
    with pytest.raises(errors.Forbidden):
        imports.take_resources(actor=shop.user("north"), base_id=shop.base.id, rows=[])


def send(visit: Visitors, what: str, content: bytes, who: str = "manager", name: str = "表.xlsx") -> Any:
    data = {"file": (io.BytesIO(content), name)}
    return visit(who).post(f"{HOME}{what}/import", data=data, content_type="multipart/form-data", buffered=True)


def key_of(page: str) -> str:
    return page.split('name="key" value="')[1].split('"', maxsplit=1)[0]


@pytest.mark.database
def test_rows_are_looked_at_before_they_are_taken_in(visit: Visitors, shop: Shop) -> None:
    page = send(visit, "sessions", book(SESSION_COLUMNS, course(shop, uses="车床1")))
    assert page.status_code == 200
    assert "车工入门" in page.text
    assert "车床1" in page.text
    assert shop.count(TrainingSession) == 0
    sent = {"key": key_of(page.text), "take": "publish"}
    assert visit("manager").post(f"{HOME}sessions/import", data=sent).status_code == 302
    assert db.db.session.scalars(select(TrainingSession.state)).all() == ["published"]
    again = visit("manager").post(f"{HOME}sessions/import", data=sent)
    assert again.status_code == 422
    assert shop.count(TrainingSession) == 1


@pytest.mark.database
def test_what_was_free_when_it_was_looked_at_and_is_taken_now_is_told(visit: Visitors, shop: Shop) -> None:
    page = send(visit, "sessions", book(SESSION_COLUMNS, course(shop, uses="车床1")))
    shop.book("machine", picks={0: shop.resource("lathe1")})
    sent = {"key": key_of(page.text), "take": "publish"}
    answer = visit("manager").post(f"{HOME}sessions/import", data=sent)
    assert answer.status_code == 422
    assert "第2行" in texts(answer.text)
    assert shop.count(TrainingSession) == 0


def test_problems_are_listed_row_by_row(visit: Visitors, shop: Shop) -> None:
    answer = send(visit, "sessions", book(SESSION_COLUMNS, course(shop, seats=0), course(shop, title="")))
    assert answer.status_code == 422
    assert {"第2行", "第3行"} <= set(texts(answer.text).split())
    assert 'name="take"' not in answer.text


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"x" * 1000])
def test_a_file_that_is_none_is_refused_with_a_sentence(visit: Visitors, content: bytes) -> None:
    for what in ("sessions", "resources"):
        answer = send(visit, what, content, name="../../x.exe")
        assert answer.status_code == 422
        assert "XLSX" in answer.text


def test_a_key_that_belongs_to_somebody_else_is_worth_nothing(visit: Visitors, shop: Shop) -> None:
    with db.write() as session:
        grant = Grant(role="manager", base_id=shop.base.id)
        session.add(User(email="second@example.com", name="管理员2", grants=[grant], created_at=clock.now()))
    page = send(visit, "sessions", book(SESSION_COLUMNS, course(shop)))
    for key in (key_of(page.text), "", "x" * 5000):
        answer = visit("second").post(f"{HOME}sessions/import", data={"key": key, "take": "drafts"})
        assert answer.status_code == 422
    assert shop.count(TrainingSession) == 0


@pytest.mark.database
def test_resources_are_taken_in_by_the_page_and_the_template_is_given(visit: Visitors, shop: Shop) -> None:
    page = send(visit, "resources", book(RESOURCE_COLUMNS, {"name": "车床9", "kind": "机床设备"}))
    assert page.status_code == 200
    sent = {"key": key_of(page.text), "take": "drafts"}
    assert visit("manager").post(f"{HOME}resources/import", data=sent).status_code == 302
    assert "车床9" in visit("manager").get(f"{HOME}resources/").text
    for what in ("sessions", "resources"):
        given = visit("manager").get(f"{HOME}{what}/import/template.xlsx")
        assert given.status_code == 200
        assert load_workbook(io.BytesIO(given.data)).worksheets[0].max_row == 2
        assert visit("north").get(f"{HOME}{what}/import").status_code == 403
        assert send(visit, what, b"", who="north").status_code == 403


@pytest.mark.database
def test_a_table_that_is_sent_twice_at_once_is_taken_in_once(shop: Shop) -> None:
    """Both requests have looked at the rows before either has written."""
    sent: dict[str, Any] = {"actor": shop.user("manager"), "base_id": shop.base.id, "retry_key": "file"}
    found = read_sessions(shop, course(shop), course(shop, title="铣工入门"))
    for _again in range(2):
        assert imports.take_sessions(rows=found.sessions, publish=False, **sent) == 2
    assert shop.count(TrainingSession) == 2
    with pytest.raises(errors.Invalid):
        imports.take_sessions(rows=found.sessions, publish=True, **sent)
    before = shop.count(Resource)
    resources = read_resources(shop, {"name": "车床9", "kind": "machine"})
    for _again in range(2):
        assert imports.take_resources(rows=resources.resources, **sent) == 1
    assert shop.count(Resource) == before + 1


@pytest.mark.database
def test_rows_that_were_refused_can_be_sent_again_with_the_same_key(shop: Shop) -> None:
    found = read_sessions(shop, course(shop, uses="车床1"))
    booking = shop.book("machine", picks={0: shop.resource("lathe1")})
    sent: dict[str, Any] = {"actor": shop.user("manager"), "base_id": shop.base.id, "retry_key": "file"}
    with pytest.raises(RowsRefused):
        imports.take_sessions(rows=found.sessions, publish=True, **sent)
    workflow.move(actor=shop.user("manager"), ref=booking.ref, action="cancel", reason="检修")
    assert imports.take_sessions(rows=found.sessions, publish=True, **sent) == 1
    assert shop.count(TrainingSession) == 1
