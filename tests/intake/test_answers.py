"""Answers: encrypted at rest, shown masked, read by the questions that were asked."""

import io
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy import text
from werkzeug.datastructures import FileStorage

from core import db, files
from core.errors import Invalid
from core.intake import answers, uploads
from core.intake.forms import form_class
from core.intake.models import Answer, FormVersion, Trainee, Upload
from core.intake.people import person_index
from core.plugins.fields import Text
from tests.intake.forms_for_tests import FIELDS, GOOD, ID_A

pytestmark = pytest.mark.database


@pytest.fixture(autouse=True)
def request_context(app: Flask) -> Any:
    with app.test_request_context():
        yield


def cleaned(**changes: Any) -> answers.Cleaned:
    drawing = FileStorage(io.BytesIO(b"%PDF"), filename="零件.pdf")
    return answers.from_values(FIELDS, GOOD | {"drawing": drawing} | changes)


def save(what: answers.Cleaned | None = None, answer: Answer | None = None) -> Answer:
    what = what or cleaned()
    with db.write() as session:
        return answers.save(session, owner="test/kind", fields=FIELDS, cleaned=what, answer=answer)


def shown(answer: Answer, *, whole: bool = False) -> dict[str, answers.Shown]:
    return {item.label: item for section in answers.shown(answer, whole=whole) for item in section.items}


def test_personal_data_cannot_be_read_in_the_database() -> None:
    save()
    with db.db.engine.connect() as connection:
        stored = []
        for table in ("intake_answer", "intake_trainee"):
            for row in connection.execute(text(f"SELECT * FROM {table}")):
                stored += [bytes(cell) if isinstance(cell, memoryview) else cell for cell in row]
    dump = repr(stored)
    assert "数控2班" in dump or dumped("数控2班") in dump
    for secret in (ID_A, "13800000000", "02349800000", "甲某", "车工"):
        assert secret not in dump
        assert dumped(secret) not in dump
        assert repr(secret.encode())[2:-1] not in dump


def dumped(text: str) -> str:
    """Return a text as it stands in a dump of JSON."""
    return repr(json.dumps(text)[1:-1])[1:-1]


def test_personal_values_are_masked_unless_asked_for_whole() -> None:
    answer = save()
    masked, whole = shown(answer), shown(answer, whole=True)
    assert masked["联系电话"].text == "138******00"
    assert masked["学员名单"].rows == (("甲*", "110*************4X", "023******00", "****"),)
    assert masked["学员名单"].heads == ("姓名", "身份证号", "电话", "工种")
    assert whole["联系电话"].text == "13800000000"
    assert whole["学员名单"].rows == (("甲某", ID_A, "02349800000", "车工"),)


def test_values_are_shown_as_people_read_them() -> None:
    items = shown(save())
    assert items["人数"].text == "12人"
    assert items["压射重量"].text == "3.25kg"
    assert items["合金"].text == "铝"
    assert items["需要"].text == "午餐 / 班车"
    assert items["安全须知"].text == "已同意（版本2026-1）"
    assert items["图纸"].upload is not None
    assert files.read(items["图纸"].upload.key) == b"%PDF"
    assert items["说明"].text == ""


def test_an_old_answer_keeps_its_questions_when_the_form_changes() -> None:
    answer = save()
    changed = (Text(name="group", label="队名"), *FIELDS[1:])
    with db.write() as session:
        new = answers.current_form(session, "test/kind", changed)
        again = answers.current_form(session, "test/kind", changed)
        assert (new.version, again.id) == (2, new.id)
    assert "班级" in shown(answer)
    assert answer.form.version == 1
    assert db.db.session.query(FormVersion).filter_by(owner="test/kind").count() == 2


def test_what_rules_read_has_types_and_no_names() -> None:
    given = cleaned()
    typed = given.typed(FIELDS)
    assert (typed["weight"], typed["since"], typed["number"]) == (Decimal("3.25"), date(2026, 12, 8), 12)
    assert "phone" not in typed
    (person,) = given.people()
    assert (person.index, dict(person.details)) == (person_index(ID_A), {"trade": "车工"})


def test_an_answer_is_edited_in_its_own_form_and_written_over() -> None:
    answer = save()
    form = answers.fill(form_class(FIELDS), answer)
    assert form["group"].data == "数控2班"
    assert str(form["weight"].data) == "3.25"
    assert form["safety"].data is True
    assert form["drawing"].kept.filename == "零件.pdf"
    assert form["people"].entries[0].form["id_number"].data == ID_A
    key = form["drawing"].kept.key
    mended = answers.from_values(FIELDS, GOOD | {"group": "新班级", "drawing-kept": key})
    again = save(mended, answer)
    assert (again.id, again.values["group"]) == (answer.id, "新班级")
    assert db.db.session.query(Trainee).count() == 1
    assert shown(again)["图纸"].upload.key == key  # type: ignore[union-attr]


def test_a_new_file_takes_the_place_of_the_old_one() -> None:
    answer = save()
    old = db.db.session.query(Upload).one().key
    drawing = FileStorage(io.BytesIO(b"new"), filename="新.pdf")
    save(cleaned(drawing=drawing), answer)
    upload = db.db.session.query(Upload).one()
    assert files.read(upload.key) == b"new"
    with pytest.raises(FileNotFoundError):
        files.read(old)


def test_nobody_takes_another_answers_file() -> None:
    save()
    key = db.db.session.query(Upload).one().key
    stolen = answers.Cleaned(values={"group": "x"}, uploads={"drawing": key})
    with pytest.raises(Invalid):
        save(stolen)
    assert db.db.session.query(Answer).count() == 1


def test_a_failed_transaction_leaves_the_file_waiting_and_nothing_else() -> None:
    given = cleaned()

    def fail_late() -> None:
        with db.write() as session:
            answers.save(session, owner="test/kind", fields=FIELDS, cleaned=given)
            raise RuntimeError("after all was written")

    with pytest.raises(RuntimeError, match="written"):
        fail_late()
    assert db.db.session.query(Answer).count() == 0
    assert [upload.answer_id for upload in db.db.session.query(Upload)] == [None]


def test_bytes_are_removed_when_their_row_cannot_be_written(app: Flask, tmp_path: Path) -> None:
    app.extensions["jidi_storage"] = str(tmp_path / "store")
    with db.write(), pytest.raises(RuntimeError, match="nest"):
        uploads.keep("drawing", FileStorage(io.BytesIO(b"x"), filename="x.pdf"))
    assert (tmp_path / "store").is_dir()
    assert list((tmp_path / "store").iterdir()) == []


def test_questions_are_frozen_in_every_language() -> None:
    fields = [replace(FIELDS[0], label=_l("Name"))]
    with db.write() as session:
        given = answers.from_values(fields, {"group": "x"})
        answer = answers.save(session, owner="test/other", fields=fields, cleaned=given)
    assert list(shown(answer)) == ["姓名"]
    with force_locale("en"):
        assert list(shown(answer)) == ["Name"]
