"""Forms from declared fields: what they take, what they say, what they keep."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from werkzeug.datastructures import FileStorage

from core import clock, files
from core.db import db
from core.errors import Invalid
from core.intake import answers, uploads
from core.intake.forms import form_class
from core.intake.models import Upload
from core.intake.schema import json_schema
from core.plugins.fields import Choice, Field, Roster, Text, Whole
from tests.intake.forms_for_tests import FIELDS, GOOD, ID_A


def drawing(name: str = "零件.pdf", content: bytes = b"%PDF-1.7") -> FileStorage:
    return FileStorage(io.BytesIO(content), filename=name)


def good(**changes: Any) -> dict[str, Any]:
    return GOOD | {"drawing": drawing()} | changes


def problems(**changes: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        answers.from_values(FIELDS, good(**changes))
    return {name: str(text) for name, text in refused.value.problems.items()}


@pytest.fixture(autouse=True)
def request_context(app: Flask) -> Any:
    with app.test_request_context():
        yield


def test_good_answers_come_out_clean() -> None:
    cleaned = answers.from_values(FIELDS, good())
    assert cleaned.values == {
        "group": "数控2班",
        "remarks": None,
        "number": 12,
        "weight": "3.25",
        "alloy": "al",
        "wishes": ["lunch", "bus"],
        "since": "2026-12-08",
        "safety": "2026-1",
        "drawing": "零件.pdf",
    }
    assert cleaned.personal == {"phone": "13800000000"}
    assert cleaned.roster == {"people": [{"name": "甲某", "id_number": ID_A, "phone": "02349800000", "trade": "车工"}]}
    assert cleaned.count("people") == 1
    assert cleaned.count("number") == 12


@pytest.mark.parametrize("name", [field.name for field in FIELDS if field.required])
def test_what_is_required_is_asked_for_by_its_name(name: str) -> None:
    label = next(str(field.label) for field in FIELDS if field.name == name)
    found = problems(**{name: None})
    assert list(found) == [name]
    assert label in found[name]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("group", "超" * 11, "最多10字，现有11字"),
        ("number", "41", "1至40人"),
        ("number", "3.5", "整数"),
        ("number", "9" * 400, "整数"),
        ("weight", "0.1", "0.5至20kg"),
        ("weight", "1.234", "2位小数"),
        ("weight", "NaN", "数字"),
        ("weight", "1e5", "数字"),
        ("alloy", "mg", "合金"),
        ("wishes", ["lunch", "plane"], "需要"),
        ("since", "2026-02-30", "日期"),
        ("phone", "12ab", "电话"),
        ("drawing", drawing("零件.exe"), "pdf, dwg"),
        ("drawing", drawing(content=b""), "不能为空"),
        ("drawing", drawing(content=b"x" * (2 * 1024 * 1024 + 1)), "2MB"),
    ],
)
def test_what_cannot_be_used_is_said_at_its_field(name: str, value: Any, words: str) -> None:
    found = problems(**{name: value})
    assert list(found) == [name]
    assert words in found[name]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([{"name": "甲", "id_number": "110101199001010011", "trade": "车工"}], "身份证号应为18位"),
        ([{"name": "甲", "id_number": ID_A}], "工种"),
        ([{"id_number": ID_A, "trade": "车工"}], "姓名"),
        ([{"name": name, "id_number": ID_A, "trade": "钳工"} for name in "甲乙"], "第1行和第2行"),
        ([{"name": "甲", "id_number": ID_A, "trade": "钳工"}] * 4, "最多3人，现有4人"),
        ([], "至少1人"),
    ],
)
def test_a_roster_is_checked_row_by_row_and_as_a_whole(rows: list[dict[str, str]], words: str) -> None:
    assert words in problems(people=rows)["people"]


def test_empty_rows_of_a_roster_do_not_count() -> None:
    rows = [{"name": ""}, {"name": "甲", "id_number": ID_A, "trade": "车工"}, {"name": " ", "trade": ""}]
    assert answers.from_values(FIELDS, good(people=rows)).count("people") == 1


def test_control_characters_are_dropped_and_line_ends_are_of_one_kind() -> None:
    cleaned = answers.from_values(FIELDS, good(group="数\x00控", remarks="一\r\n二"))
    assert (cleaned.values["group"], cleaned.values["remarks"]) == ("数控", "一\n二")


@pytest.mark.database
def test_what_was_typed_is_shown_again_with_the_mistake(app: Flask) -> None:
    sent = {"group": "数控2班", "number": "十二", "since": "明天", "phone": "12ab", "people-0-name": "甲"}
    with app.test_request_context(method="POST", data=sent):
        form = form_class(FIELDS)(meta={"csrf": False})
        assert not form.validate()
        for text in ("数控2班", "十二", "明天", "12ab"):
            assert any(f'value="{text}"' in str(control()) for control in form if control.name in sent)
        assert 'value="甲"' in str(form["people"].entries[0].form["name"]())


@pytest.mark.database
def test_a_file_survives_a_form_with_mistakes_and_is_bound_to_the_answer(app: Flask) -> None:
    with app.test_request_context(method="POST", data={"drawing": (io.BytesIO(b"%PDF"), "零件.pdf")}):
        form = form_class(FIELDS)(meta={"csrf": False})
        assert not form.validate()
        key = form["drawing"].kept.key
        drawn = str(form["drawing"]())
    for part in ('name="drawing-kept"', f'value="{key}"', "零件.pdf"):
        assert part in drawn
    assert files.read(key) == b"%PDF"
    cleaned = answers.from_values(FIELDS, GOOD | {"drawing-kept": key})
    assert cleaned.uploads == {"drawing": key}
    assert cleaned.values["drawing"] == "零件.pdf"


def test_a_made_up_key_is_no_file() -> None:
    found = problems(drawing=None, **{"drawing-kept": "0" * 40})
    assert list(found) == ["drawing"]


def test_bytes_that_the_storage_does_not_give_up_are_told_in_the_log(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    key = files.store(b"x")
    folder = Path(app.extensions["jidi_storage"].removeprefix("file://"))
    (folder / key).unlink()
    (folder / key).mkdir()
    files.remove(key)
    assert key in caplog.text


def test_files_that_nobody_claims_are_forgotten_after_a_day(app: Flask) -> None:
    key = uploads.keep("drawing", drawing()).key
    assert uploads.forget_waiting() == 0
    with clock.set_to(clock.now() + timedelta(hours=25)):
        assert uploads.forget_waiting() == 1
    assert db.session.query(Upload).count() == 0
    with pytest.raises(FileNotFoundError):
        files.read(key)


def test_the_form_speaks_the_readers_language() -> None:
    with force_locale("en"):
        form = form_class(FIELDS)(meta={"csrf": False})
        form.validate()
        assert form["group"].errors == ["Please fill in “班级”."]
    assert "请填写“班级”" in problems(group=None)["group"]


@pytest.mark.database
def test_fields_stand_under_their_sections_in_the_order_declared() -> None:
    sections = form_class(FIELDS)(meta={"csrf": False}).sections()
    assert [(section.title, len(section.fields)) for section in sections] == [("基本情况", 2), ("", 9)]


@pytest.mark.parametrize("name", ["data", "errors", "csrf_token", "sections", "validate"])
def test_a_name_the_form_needs_itself_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        form_class([Text(name=name, label="x")])
    with pytest.raises(ValueError, match="'a'"):
        form_class([Text(name="a", label="x"), Text(name="a", label="y")])


def test_many_options_become_a_list_and_an_optional_one_can_be_left_out() -> None:
    options = tuple((f"o{number}", f"选项{number}") for number in range(9))
    many: list[Field] = [Choice(name="one", label="选", options=options, required=False)]
    assert form_class(many)(meta={"csrf": False})["one"].type == "SelectField"
    assert answers.from_values(many, {}).values == {"one": None}
    assert answers.from_values(many, {"one": ""}).values == {"one": None}


def test_an_optional_number_left_out_counts_as_none() -> None:
    optional = [Whole(name="seats", label="座席", required=False)]
    assert answers.from_values(optional, {}).count("seats") == 0


def test_an_optional_roster_may_be_empty_but_not_too_short() -> None:
    optional = [Roster(name="people", label="名单", required=False, least=2, id_number=False)]
    assert answers.from_values(optional, {}).roster == {"people": []}
    with pytest.raises(Invalid, match="至少2人"):
        answers.from_values(optional, {"people": [{"name": "甲"}]})


def test_the_schema_describes_the_same_form() -> None:
    schema = json_schema(FIELDS)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert list(schema["properties"]) == [field.name for field in FIELDS]
    assert schema["required"] == [field.name for field in FIELDS if field.required]
    assert schema["properties"]["number"] == {"title": "人数", "type": "integer", "minimum": 1, "maximum": 40}
    people = schema["properties"]["people"]
    assert (people["minItems"], people["maxItems"]) == (1, 3)
    assert people["items"]["required"] == ["name", "id_number", "trade"]
