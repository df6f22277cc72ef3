"""The search among 5,000 pages, on SQLite and PostgreSQL: what it finds, what it takes beside the engine's raw query.

Run by `make bench-search`. Judged by the thirty queries of `tests/content/search/`, which are older than the search.
The raw query asks the engine's index for the ten best alone: no permission, no count, no texts. Both are timed one
after the other, so that a machine that changes its speed changes it for both.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.fernet import Fernet
from sqlalchemy import text

from core import config
from core.app import create_app
from core.content.search import hits, index, indexing, synonyms
from core.content.search.queries import search
from core.content.search.words import Question, question
from core.db import db, write
from core.upgrade import upgrade
from tests.content.search import corpus
from tests.content.search.filling import fill
from tests.support.databases import postgresql_server

ROUNDS = 7
AMONG = 3
MEGABYTE = 1024 * 1024

RAW = {
    "sqlite": "SELECT rowid FROM search_index WHERE search_index MATCH :every"
    " ORDER BY bm25(search_index, 10.0, 1.0) LIMIT 10",
    "postgresql": "SELECT id FROM search_document WHERE search_vector @@ CAST(:every AS tsquery)"
    " ORDER BY ts_rank_cd(search_vector, CAST(:every AS tsquery), 2) DESC LIMIT 10",
}
SIZE = {
    "sqlite": "SELECT sum(length(block)) FROM search_index_data",
    "postgresql": "SELECT pg_relation_size('ix_search_document_vector')",
}


def main() -> None:
    """Measure and print."""
    for engine in RAW:
        with site(engine) as settings, tempfile.TemporaryDirectory() as folder:
            measure(engine, config.load(settings, instance=Path(folder)))


@contextmanager
def site(engine: str) -> Iterator[dict[str, str]]:
    """Yield the settings of a site on an engine."""
    if engine == "sqlite":
        yield {}
        return
    with postgresql_server() as address:
        url = address.replace("postgresql://", "postgresql+psycopg://")
        keys = {"JIDI_SECRET_KEY": "bench", "JIDI_DATA_KEYS": Fernet.generate_key().decode()}
        yield {"JIDI_DATABASE_URL": url, **keys}


def measure(engine: str, settings: config.Settings) -> None:
    """Fill a site and print what the search finds and takes there."""
    app = create_app(settings)
    upgrade(app)
    with app.test_request_context():
        keys = fill(corpus.pages())
        started = time.perf_counter()
        with write() as session:
            documents = indexing.rebuild(session)
        rebuilt = time.perf_counter() - started
        found = [_place(query, wanted, keys) for query, wanted in corpus.queries()]
        good = sum(place is not None and place < AMONG for place in found)
        whole, raw = _times()
        size = db.session.execute(text(SIZE[engine])).scalar_one() / MEGABYTE
        print(  # noqa: T201
            f"{engine}: {good} of {len(found)} among the first {AMONG};"
            f" p95 {_p95(whole):.1f} ms, raw query {_p95(raw):.1f} ms, ratio {_p95(whole) / _p95(raw):.1f};"
            f" median {statistics.median(whole):.1f} ms, raw {statistics.median(raw):.1f} ms;"
            f" index {size:.1f} MB, {documents} documents rebuilt in {rebuilt:.1f} s"
        )
        db.session.remove()
        db.engine.dispose()


def _place(query: str, wanted: str, keys: dict[int, str]) -> int | None:
    names = [keys.get(document.item_id or 0) for document in search(query).documents]
    return names.index(wanted) if wanted in names else None


def _times() -> tuple[list[float], list[float]]:
    """Return how long each query takes: the search with its hits as the page shows them, and the index alone."""
    whole, raw = [], []
    for _round in range(ROUNDS):
        for query, _wanted in corpus.queries():
            asked = question(query, synonyms.table())
            raw.append(_milliseconds(lambda asked=asked: _raw(asked)))  # type: ignore[misc]
            whole.append(_milliseconds(lambda query=query: _whole(query)))  # type: ignore[misc]
    return whole, raw


def _whole(query: str) -> None:
    db.session.rollback()
    found = search(query)
    hits.hits(found.documents, found.question)


def _raw(asked: Question) -> None:
    statement = RAW[db.engine.dialect.name]
    db.session.execute(text(statement), {"every": index.expression(db.session(), asked)}).all()


def _milliseconds(deed: Callable[[], None]) -> float:
    started = time.perf_counter()
    deed()
    return (time.perf_counter() - started) * 1000


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


if __name__ == "__main__":
    main()
