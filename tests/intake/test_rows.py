"""Tables of short texts, as content types have them: read, checked, frozen and described like every field."""

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from core.errors import Invalid
from core.intake.answers import from_values, text_of
from core.intake.forms import form_class
from core.intake.frozen import freeze_fields, thaw_fields
from core.intake.schema import json_schema
from core.plugins.fields import Column, Rows

RANKING = Rows(
    name="ranking",
    label="名次表",
    columns=(Column(name="rank", label="名次", required=True), Column(name="team", label="参赛队")),
    least=2,
    most=3,
)


def rows(*ranks: str) -> list[dict[str, str]]:
    return [{"rank": rank, "team": f"{rank}队"} for rank in ranks]


def test_rows_are_values_and_empty_ones_do_not_count(app: Flask) -> None:
    with app.test_request_context(method="POST"):
        assert from_values([RANKING], {"ranking": rows("1", "2")}).values == {"ranking": rows("1", "2")}
        sent = MultiDict({"ranking-0-rank": "1", "ranking-4-rank": "2", "ranking-7-team": " "})
        form = form_class([RANKING])(formdata=sent, meta={"csrf": False})
        assert form.validate(), form.errors
        assert [row["rank"] for row in form["ranking"].rows()] == ["1", "2"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (rows("1"), "至少2行，现在有1行"),
        (rows("1", "2", "3", "4"), "最多3行，现在有4行"),
        ([{"team": "甲"}, *rows("1", "2")], "名次"),
        ([], "至少2行"),
        (rows("1", "长" * 121), "120"),
    ],
)
def test_rows_that_do_not_fit_are_refused_in_words(app: Flask, given: list[dict[str, str]], said: str) -> None:
    with app.test_request_context(method="POST"), pytest.raises(Invalid) as refused:
        from_values([RANKING], {"ranking": given})
    assert said in str(refused.value.problems["ranking"])


def test_rows_are_frozen_and_thawed_and_described(app: Flask) -> None:
    with app.test_request_context():
        assert thaw_fields(freeze_fields([RANKING])) == [RANKING]
        part = json_schema([RANKING])["properties"]["ranking"]
        assert (part["minItems"], part["maxItems"], part["items"]["required"]) == (2, 3, ["rank"])


def test_rows_are_read_a_line_each(app: Flask) -> None:
    with app.test_request_context():
        assert text_of(RANKING, rows("1", "2")) == "1 1队\n2 2队"
        assert text_of(RANKING, []) == text_of(RANKING, None) == ""
