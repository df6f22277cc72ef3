"""What templates call."""

from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import FieldList, Form, FormField, StringField
from wtforms.validators import InputRequired

from core.web.filters import form_problems


class Trainee(Form):
    name = StringField("姓名", validators=[InputRequired("请填写。")])


class Roster(Form):
    purpose = StringField("用途", validators=[InputRequired("请填写。")])
    people = FieldList(FormField(Trainee), max_entries=2)


def test_every_problem_of_a_form_is_listed_with_its_field_those_of_rows_too(app: Flask) -> None:
    with app.test_request_context():
        form = Roster(MultiDict({"people-0-name": "甲", "people-1-name": ""}))
        assert not form.validate()
        form.form_errors.append("名额不够。")
        assert form_problems(form) == [
            ("", "名额不够。"),
            ("purpose", "用途：请填写。"),
            ("people-1-name", "姓名：请填写。"),
        ]
