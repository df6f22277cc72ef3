"""The full-text index of each engine: what a question is in its language, and what it finds.

SQLite keeps it in the table `search_index` (FTS5, over the documents' own columns, kept in step by triggers),
PostgreSQL in a generated column of the documents with a GIN index (`core_0002`). Words are cut before (`words.py`);
both engines only tell words apart by blanks.

Both return the same columns: `in_title`, whether every word stands in the title; `near`, whether the words stand close
to each other; `score`, the engine's own rank, higher for better.
"""

from sqlalchemy import Float, Integer, Subquery, literal_column, text
from sqlalchemy.orm import Session

from core.content.search.words import Group, Phrase, Question

CLOSE = 6
"""Two words are near when at most so many words lie between their beginnings."""

BY_HAND = frozenset(
    {
        *("search_index", *(f"search_index_{part}" for part in ("data", "idx", "docsize", "config"))),
        *("search_vector", "ix_search_document_vector"),
    }
)
"""What of the database belongs to the index, and stands in no model."""

_SQLITE = """
SELECT search_index.rowid AS id, -bm25(search_index, 10.0, 1.0) AS score,
  titled.rowid IS NOT NULL AS in_title, close.rowid IS NOT NULL AS near
FROM search_index
LEFT JOIN (SELECT rowid FROM search_index WHERE search_index MATCH :title) AS titled
  ON titled.rowid = search_index.rowid
LEFT JOIN (SELECT rowid FROM search_index WHERE search_index MATCH :near) AS close
  ON close.rowid = search_index.rowid
WHERE search_index MATCH :every"""

_POSTGRESQL = """
SELECT id, ts_rank_cd('{0.1, 0.1, 0.1, 1.0}', search_vector, CAST(:every AS tsquery), 2) AS score,
  CAST(search_vector @@ CAST(:title AS tsquery) AS integer) AS in_title,
  CAST(search_vector @@ CAST(:near AS tsquery) AS integer) AS near
FROM search_document WHERE search_vector @@ CAST(:every AS tsquery)"""


def matches(session: Session, question: Question, *, every: bool = True) -> Subquery:
    """Return the documents that answer a question: `id`, `score`, `in_title`, `near`.

    Args:
        question: with at least one group.
        every: whether a document must have every word, or any of them.
    """
    sqlite = session.get_bind().dialect.name == "sqlite"
    statement, values = (_SQLITE, _fts5(question, every)) if sqlite else (_POSTGRESQL, _tsquery(question, every))
    columns = [
        literal_column("id", Integer),
        literal_column("score", Float),
        literal_column("in_title", Integer),
        literal_column("near", Integer),
    ]
    return text(statement).bindparams(**values).columns(*columns).subquery("found")


def expression(session: Session, question: Question) -> str:
    """Return what a question is in the engine's language: a document has to have every group."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    return (_fts5 if sqlite else _tsquery)(question, every=True)["every"]


def _fts5(question: Question, every: bool) -> dict[str, str]:
    def one(phrase: Phrase) -> str:
        return f'"{" ".join(phrase)}"'

    def any_of(group: Group) -> str:
        return f"({' OR '.join(map(one, group.phrases))})"

    groups = [any_of(group) for group in question.groups]
    near = [f"NEAR({one(first)} {one(second)}, {CLOSE})" for first, second in question.neighbours()]
    wanted = (" AND " if every else " OR ").join(groups)
    title = f"title_words : ({' AND '.join(groups)})"
    return {"every": wanted, "title": title, "near": " AND ".join(near) or title}


def _tsquery(question: Question, every: bool) -> dict[str, str]:
    def any_of(group: Group, label: str = "") -> str:
        return f"({' | '.join(_beside(phrase, label) for phrase in group.phrases)})"

    near = [_near(first, second) for first, second in question.neighbours()]
    wanted = (" & " if every else " | ").join(map(any_of, question.groups))
    title = " & ".join(any_of(group, ":A") for group in question.groups)
    return {"every": wanted, "title": title, "near": " & ".join(near) or title}


def _beside(phrase: Phrase, label: str = "") -> str:
    words = [f"'{word}'{label}" for word in phrase]
    return f"({' <-> '.join(words)})"


def _near(first: Phrase, second: Phrase) -> str:
    orders = ((first, second), (second, first))
    return f"({' | '.join(f'{_beside(a)} <{size}> {_beside(b)}' for a, b in orders for size in range(1, CLOSE + 2))})"
