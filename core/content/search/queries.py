"""Searching: what visitors find, best first.

What has every word in its title comes first, the shorter and the newer title above; then what has the words close to
each other; then by the engine's rank, the older the lower. What is equal comes in the order of its making.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Integer, case, func, select, type_coerce
from sqlalchemy.orm import defer, joinedload, lazyload
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from core import clock
from core.bases.models import Base
from core.booking.models import Resource, TrainingSession
from core.content.media.models import MediaFile
from core.content.models import Item
from core.content.search import index, synonyms, visibility
from core.content.search.models import Document
from core.content.search.words import Question, question
from core.db import db

LONGEST = 100
"""Characters of a query."""

PER_PAGE = 10
MOST = 1000
"""Hits that are counted and can be paged through; whoever has more should ask for more words."""

YEAR = 365.25 * 24 * 3600
AGELESS = 2.0
"""How old, in years, what has no date (equipment) counts: below pages of today that are called the same."""

ANYWHERE = "anywhere"


@dataclass(frozen=True)
class Found:
    """What a search has found.

    Attributes:
        question: what was looked for; without groups when the query held no word.
        documents: those of the page asked for, best first, with what they tell of.
        number, last: number of the page, and of the last one.
        total: how many there are on all pages; at most `MOST`.
        types: how many there are by type, whatever type was asked for.
        every: whether they have every word; else nothing has, and these have some.
    """

    question: Question
    documents: Sequence[Document] = ()
    number: int = 1
    last: int = 1
    total: int = 0
    types: Mapping[str, int] = field(default_factory=dict)
    every: bool = True


def search(text: str, *, base: Base | str | None = ANYWHERE, kind: str = "", number: int = 1) -> Found:
    """Return what everybody may find now.

    Args:
        text: the query, of at most `LONGEST` characters.
        base: where; None: the consortium's own.
        kind: the only type wanted: an item's, or `file`, `session`, `resource`; "" for all.
        number: page, from 1; what is beyond either end means the page at that end.
    """
    asked = question(text, synonyms.table())
    if not asked.groups:
        return Found(asked)
    conditions = [visibility.for_visitors()]
    if not isinstance(base, str):
        conditions.append(visibility.at(base))
    rows, every = _ranked(asked, conditions), True
    if not rows and len(asked.groups) > 1:
        rows, every = _ranked(asked, conditions, every=False), False
    wanted = [number for number, type_ in rows if kind in {"", type_}]
    if kind and len(rows) == MOST:  # there may be more of the type below what was counted
        wanted = [row[0] for row in _ranked(asked, [*conditions, Document.type == kind], every=every)]
    last = max(1, -(-len(wanted) // PER_PAGE))
    number = min(max(1, number), last)
    return Found(
        question=asked,
        documents=_documents(wanted[(number - 1) * PER_PAGE : number * PER_PAGE]),
        number=number,
        last=last,
        total=len(wanted),
        types=Counter(type_ for _number, type_ in rows),
        every=every,
    )


def _ranked(
    asked: Question, conditions: Sequence[ColumnElement[bool]], *, every: bool = True
) -> Sequence[tuple[int, str]]:
    """Return ids and types of all that is found, best first."""
    found = index.matches(db.session(), asked, every=every)
    chosen = select(Document.id, Document.type).join(found, found.c.id == Document.id)
    rows = db.session.execute(chosen.where(*conditions).order_by(*_order(found.c)).limit(MOST))
    return [(row.id, row.type) for row in rows]


def _order(found: ReadOnlyColumnCollection[str, Any]) -> list[ColumnElement[float]]:
    now = clock.now().timestamp()
    dated = type_coerce(Document.dated_at, Integer)
    years = case((dated.is_(None), AGELESS), (dated < now, (now - dated) / YEAR), else_=0.0)
    in_title = found["in_title"] > 0
    return [
        case((in_title, 1), else_=0).desc(),
        case((in_title, func.length(Document.title) * (1 + years)), else_=0),
        found["near"].desc(),
        (found["score"] / (1 + years / 4)).desc(),
        Document.id,
    ]


def _documents(numbers: Sequence[int]) -> Sequence[Document]:
    chosen = (
        select(Document)
        .where(Document.id.in_(numbers))
        .options(
            defer(Document.title_words),
            defer(Document.text_words),
            joinedload(Document.item).options(joinedload(Item.base), lazyload(Item.places)),
            joinedload(Document.media).joinedload(MediaFile.base),
            joinedload(Document.session).options(joinedload(TrainingSession.base), joinedload(TrainingSession.kind)),
            joinedload(Document.resource).joinedload(Resource.base),
        )
    )
    found = {document.id: document for document in db.session.scalars(chosen)}
    return [found[number] for number in numbers]
