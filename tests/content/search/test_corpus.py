"""The thirty queries that were written before the search, among 5,000 pages."""

import pytest
from flask import Flask

from core.content.search.queries import search
from tests.content.search import corpus
from tests.content.search.filling import fill

AMONG, AT_LEAST = 3, 27


@pytest.mark.database
def test_the_wanted_page_is_among_the_first_three_for_nearly_all_queries(app: Flask) -> None:
    with app.app_context():
        keys = fill(corpus.pages())
        missed = [text for text, wanted in corpus.queries() if wanted not in _first(text, keys)]
    assert len(corpus.queries()) - len(missed) >= AT_LEAST, missed


def _first(text: str, keys: dict[int, str]) -> list[str]:
    found = [document.item_id for document in search(text).documents[:AMONG]]
    return [keys.get(number, "") for number in found if number]
