"""Tables in XLSX files: the template, what people write in cells, and files made to do harm."""

import io
import random
import zipfile
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from core import clock, errors
from core.booking import cells, sheets
from core.booking.imports import RESOURCE_COLUMNS, SESSION_COLUMNS
from core.booking.sheets import Column

COLUMNS = (Column("title", "标题", "", needed=True), Column("day", "日期", ""))
HEADS = ["标题", "日期"]


@pytest.fixture(autouse=True)
def _context(shop_app: Flask) -> Any:
    with shop_app.test_request_context():
        yield


def book(*rows: list[Any]) -> bytes:
    out, workbook = io.BytesIO(), Workbook()
    for row in rows:
        workbook.active.append(row)  # type: ignore[union-attr]
    workbook.save(out)
    return out.getvalue()


def changed(content: bytes, name: str, part: bytes) -> bytes:
    """Return a workbook with one of its parts replaced, or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            if item.filename != name:
                new.writestr(item.filename, old.read(item))
        new.writestr(name, part)
    return out.getvalue()


def refused(content: bytes) -> str:
    with pytest.raises(errors.Invalid) as caught:
        sheets.read(content, COLUMNS)
    assert set(caught.value.problems) == {"file"}
    return str(caught.value)


def test_rows_keep_their_numbers_and_empty_ones_do_not_count() -> None:
    rows = sheets.read(book([], HEADS, ["一", date(2026, 12, 8)], [None, " "], ["二"]), COLUMNS)
    assert [(row.number, row.values["title"]) for row in rows] == [(3, "一"), (5, "二")]
    assert rows[0].values["day"] == datetime(2026, 12, 8)  # noqa: DTZ001 - as the file has it


def test_columns_are_found_by_their_heads_in_any_order_and_language() -> None:
    title, seats = SESSION_COLUMNS[1].key, "seats"
    content = load_workbook(io.BytesIO(sheets.template(SESSION_COLUMNS, "场次")))
    heads = [cell.value for cell in content.active[1]]  # type: ignore[index]
    example = [cell.value for cell in content.active[2]]  # type: ignore[index]
    (row,) = sheets.read(book(heads[::-1], example[::-1]), SESSION_COLUMNS)
    assert row.values[seats] == 20
    assert row.values[title]


@pytest.mark.parametrize("columns", [SESSION_COLUMNS, RESOURCE_COLUMNS])
def test_the_template_can_be_read_back_and_explains_each_column(columns: tuple[Column, ...]) -> None:
    content = sheets.template(columns, "场次")
    assert len(sheets.read(content, columns)) == 1
    notes = load_workbook(io.BytesIO(content)).worksheets[1]
    assert {row[0].value for row in notes.iter_rows(min_row=2)} >= {str(column.label) for column in columns}


def test_heads_that_are_not_the_templates_are_named() -> None:
    assert "颜色" in refused(book(["标题", "颜色"], ["一", "红"]))
    assert "标题" in refused(book(["日期"], ["2026-12-08"]))
    assert "标题" in refused(book(["标题", "标题"], ["一", "二"]))
    assert refused(book())
    assert refused(book(HEADS))


def test_more_rows_than_can_be_looked_through_are_refused() -> None:
    most = [["一", None]] * sheets.MOST_ROWS
    assert len(sheets.read(book(HEADS, *most), COLUMNS)) == sheets.MOST_ROWS
    assert str(sheets.MOST_ROWS) in refused(book(HEADS, *most, ["一", None]))


def test_what_is_no_workbook_is_refused() -> None:
    plain_zip = io.BytesIO()
    with zipfile.ZipFile(plain_zip, "w") as archive:
        archive.writestr("hello.txt", "x")
    for content in (b"", b"PK", b"\x00" * 100, "标题,日期\n".encode(), plain_zip.getvalue(), b"\xd0\xcf\x11\xe0" * 99):
        assert "XLSX" in refused(content)


def test_a_file_that_unpacks_to_a_mountain_is_refused_before_it_is_unpacked() -> None:
    bomb = changed(book(HEADS, ["一"]), "xl/media/image.bin", b"\x00" * (sheets.LARGEST_OPEN + 1))
    assert len(bomb) < sheets.LARGEST
    assert refused(bomb)
    assert refused(book(HEADS, ["一"]) + b"\x00" * sheets.LARGEST)
    many = book(HEADS, ["一"])
    out = io.BytesIO(many)
    with zipfile.ZipFile(out, "a") as archive:
        for number in range(sheets.MOST_PARTS + 1):
            archive.writestr(f"xl/more/{number}", "x")
    assert refused(out.getvalue())


def test_a_file_that_lies_about_its_sizes_is_refused() -> None:
    content = bytearray(changed(book(HEADS, ["一"]), "xl/media/image.bin", b"\x00" * 5_000_000))
    at = content.rfind(b"xl/media/image.bin") - 46 + 24  # the size in the central directory
    content[at : at + 4] = (10).to_bytes(4, "little")
    assert refused(bytes(content))


def test_entities_are_refused_whatever_they_would_become() -> None:
    laughs = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><sst>&b;</sst>'
    outside = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet>&a;</worksheet>'
    content = book(HEADS, ["一"])
    assert refused(changed(content, "xl/sharedStrings.xml", laughs))
    assert refused(changed(content, "xl/worksheets/sheet1.xml", outside))
    assert refused(changed(content, "xl/worksheets/sheet1.xml", outside.decode().encode("utf-16")))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_entities_are_found_in_every_encoding(encoding: str) -> None:
    """Without its mark UTF-16 is known to the parser all the same."""
    text = (
        f'<?xml version="1.0" encoding="{encoding[:6]}"?><!DOCTYPE x [<!ENTITY a "ha">]>'
        f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        f"{row(*HEADS)}{row('&a;')}</sheetData></worksheet>"
    )
    message = refused(changed(book(HEADS, ["一"]), "xl/worksheets/sheet1.xml", text.encode(encoding)))
    assert message == refused(b"no workbook")


def row(*texts: str) -> str:
    """Return a row of a sheet as XML."""
    return "<row>" + "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in texts) + "</row>"


@pytest.mark.parametrize("letter", [" ", "\u3000", "长"])
def test_a_cell_of_any_length_is_refused_before_it_is_read(letter: str) -> None:
    """A long text that stands once in the file can be shown in each of 80,000 cells: minutes of work."""
    fine, long = letter * sheets.LONGEST_CELL, letter * (sheets.LONGEST_CELL + 1)
    assert len(sheets.read(book(HEADS, ["一"], [fine, None]), COLUMNS)) == (1 if not fine.strip() else 2)
    assert "10000" in refused(book(HEADS, ["一"], [long, None]))


def test_a_sheet_that_claims_a_million_rows_is_not_walked_through() -> None:
    far = b'<c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c>'
    sheet = b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    sheet += b'<dimension ref="A1:XFD1048576"/><sheetData><row r="1048576">' + far + b"</row></sheetData></worksheet>"
    assert refused(changed(book(HEADS, ["一"]), "xl/worksheets/sheet1.xml", sheet))


def test_formulas_and_spreadsheet_errors_are_seen_as_what_they_are() -> None:
    (row,) = sheets.read(book(HEADS, ["=1+1", "#REF!"]), COLUMNS)
    for value in row.values.values():
        with pytest.raises(cells.Unusable):
            cells.checked(value)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32))
def test_a_damaged_file_is_read_or_refused_but_never_breaks_anything(seed: int) -> None:
    chance = random.Random(seed)
    content = bytearray(book(HEADS, ["一", date(2026, 12, 8)], ["=A1", 3.5]))
    if chance.random() < 0.5:  # damage a part, not its packing
        with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
            name = chance.choice(archive.namelist())
            part = bytearray(archive.read(name))
        for _time in range(chance.randint(1, 5)):
            part[chance.randrange(len(part))] = chance.randrange(256)
        content = bytearray(changed(bytes(content), name, bytes(part)))
    else:
        for _time in range(chance.randint(1, 5)):
            content[chance.randrange(len(content))] = chance.randrange(256)
    try:
        sheets.read(bytes(content), COLUMNS)
    except errors.Invalid as error:
        assert set(error.problems) == {"file"}  # noqa: PT017


@pytest.mark.parametrize(
    "value",
    [
        datetime(2026, 12, 8),  # noqa: DTZ001
        date(2026, 12, 8),
        "2026-12-08",
        "2026/12/8",
        "2026.12.8",
        "2026年12月8日",
        "２０２６－１２－０８",
        "12月8日",
        "12-8",
    ],
)
def test_a_day_can_be_written_in_the_ways_usual_here(value: object) -> None:
    with clock.set_to(datetime(2026, 11, 24, tzinfo=UTC)):
        assert cells.day(value) == date(2026, 12, 8)


def test_a_day_without_a_year_is_the_next_one() -> None:
    with clock.set_to(datetime(2026, 11, 24, tzinfo=UTC)):
        assert cells.day("1月5日") == date(2027, 1, 5)
        assert cells.day("11月24日") == date(2026, 11, 24)
        assert cells.day("") is None


@pytest.mark.parametrize(
    "value", ["周二", "2026-13-01", "2月30日", "0001-01-01", "9999-12-31", 46000, True, "8日", date(1899, 1, 1)]
)
def test_what_is_no_day_is_refused(value: object) -> None:
    with pytest.raises(cells.Unusable):
        cells.day(value)


@pytest.mark.parametrize(
    ("value", "minutes"),
    [
        (time(9), 540),
        ("9:00", 540),
        ("09：30", 570),
        ("9点半", 570),
        ("9点", 540),
        ("17时05分", 1025),
        ("24:00", 1440),
        ("09:00:00", 540),
        (timedelta(hours=24), 1440),
        (datetime(1899, 12, 30, 9), 540),  # noqa: DTZ001
    ],
)
def test_a_time_can_be_written_in_the_ways_usual_here(value: object, minutes: int) -> None:
    assert cells.moment(value) == timedelta(minutes=minutes)


@pytest.mark.parametrize("value", ["上午", "25:00", "9:75", "24:30", "-1:00", 9, timedelta(hours=25), "9.5", True])
def test_what_is_no_time_is_refused(value: object) -> None:
    with pytest.raises(cells.Unusable):
        cells.moment(value)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.text(max_size=20),
        st.integers(),
        st.floats(),
        st.booleans(),
        st.times(),
        st.datetimes(),
        st.dates(),
        st.timedeltas(),
    )
)
def test_whatever_stands_in_a_cell_is_read_or_refused(value: object) -> None:
    for reader in (
        cells.day,
        cells.moment,
        cells.facts,
        lambda one: cells.whole(one, least=1, most=9),
        lambda one: cells.words(one, most=10),
        lambda one: cells.named(one, {}),
        lambda one: cells.chosen(one, {"a": ("甲",)}),
    ):
        try:
            reader(value)
        except cells.Unusable as error:
            assert str(error)  # noqa: PT017
