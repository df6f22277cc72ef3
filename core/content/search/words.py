"""Cutting text into the words that the index keeps, and queries into what is asked of it.

Both go the same way: full-width forms and capitals are folded, Chinese is cut by a dictionary (long words into their
parts as well), letters and figures are told apart. So "ＤＣＣ630", "dcc-630" and "DCC 630" are the same. A word that is
handed on consists of letters or figures only, so nothing of it can mean anything to a database's query language.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import rjieba

Phrase = tuple[str, ...]
"""Words that stand beside each other in this order."""

LONGEST_WORD = 64
LONGEST_TEXT = 100_000
"""Characters of a text that are indexed: PostgreSQL takes a megabyte of different words, and no more."""

MOST_GROUPS = 12
"""Words of a query that are looked for; what follows is left out."""

HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff々〇"
RUN = re.compile(rf"(?P<han>[{HAN}]+)|(?:(?![{HAN}])[^\W\d_])+|\d+")
GLUED = re.compile(r"\S+")
EMPTY = frozenset(
    {
        *(
            "的",
            "了",
            "和",
            "与",
            "及",
            "在",
            "是",
            "有",
            "吗",
            "呢",
            "年",
            "怎么",
            "怎样",
            "什么",
            "哪里",
            "如何",
            "请问",
        ),
        *("the", "a", "an", "of", "and", "to", "in", "for"),
    }
)
"""Words that say nothing of what is looked for; they count only in a query that has no other."""


def folded(text: str) -> str:
    """Return a text in lower case, full-width and other compatibility forms replaced by the plain ones."""
    return unicodedata.normalize("NFKC", text).lower()


def cut(text: str) -> list[str]:
    """Return the words of a text in order; a long Chinese word comes after the shorter ones that it is made of."""
    words: list[str] = []
    for run in RUN.finditer(folded(text[:LONGEST_TEXT])):
        words += rjieba.cut_for_search(run[0]) if run["han"] else [run[0][:LONGEST_WORD]]
    return words


def characters(text: str) -> list[str]:
    """Return the Chinese characters of a text one by one, with which any part of a title is found."""
    return [character for run in RUN.finditer(folded(text)) if run["han"] for character in run[0]]


@dataclass(frozen=True)
class Group:
    """One word of a query: a text is found that has any of the phrases; the first is the word itself."""

    phrases: tuple[Phrase, ...]


@dataclass(frozen=True)
class Question:
    """A query as it is put to the index: a text has to have every group."""

    groups: tuple[Group, ...]

    def neighbours(self) -> list[tuple[Phrase, Phrase]]:
        """Return the words that stand beside each other in the query, in pairs."""
        return list(pairwise(group.phrases[0] for group in self.groups))


Synonyms = Mapping[Phrase, tuple[Phrase, ...]]
"""What a word, or several in a row, means as well: all the phrases to look for instead."""


def question(text: str, synonyms: Synonyms | None = None) -> Question:
    """Return what a query asks for; without groups when there is no word in it."""
    units = list(_units(folded(text)))
    groups = list(_grouped(units, synonyms or {}))
    telling = [group for group in groups if " ".join(group.phrases[0]) not in EMPTY]
    return Question(tuple(dict.fromkeys(telling or groups))[:MOST_GROUPS])


def units(text: str) -> Phrase:
    """Return the words by which a term is recognised in a query."""
    return tuple(" ".join(unit) for unit in _units(folded(text)))


def phrases(text: str) -> tuple[Phrase, ...]:
    """Return the ways in which a term may stand in the index."""
    found = RUN.fullmatch(folded(text))
    if found is None or not found["han"]:
        return (tuple(cut(text)),)
    return tuple(dict.fromkeys([(found[0],), tuple(cut(text)), tuple(found[0])]))


def _units(text: str) -> Iterator[Phrase]:
    """Cut a folded query: each Chinese word by itself, letters and figures without a blank between them together."""
    for glued in GLUED.finditer(text):
        together: list[str] = []
        for run in RUN.finditer(glued[0]):
            if not run["han"]:
                together.append(run[0][:LONGEST_WORD])
                continue
            if together:
                yield tuple(together)
                together = []
            yield from _chinese(run[0])
        if together:
            yield tuple(together)


def _chinese(run: str) -> Iterator[Phrase]:
    """Cut Chinese by the dictionary; single characters beside each other are a word that it does not know."""
    unknown = ""
    for word in rjieba.cut(run):
        if len(word) == 1 and word not in EMPTY:
            unknown += word
            continue
        if unknown:
            yield (unknown,)
            unknown = ""
        yield (word,)
    if unknown:
        yield (unknown,)


def _grouped(units: list[Phrase], synonyms: Synonyms) -> Iterator[Group]:
    longest = max(map(len, synonyms), default=1)
    start = 0
    while start < len(units):
        sizes = range(min(longest, len(units) - start), 0, -1)
        size = next((size for size in sizes if _key(units[start : start + size]) in synonyms), 0)
        own = _phrases_of(units[start]) if size < 2 else ()
        others = synonyms[_key(units[start : start + size])] if size else ()
        yield Group(tuple(dict.fromkeys([*own, *others])))
        start += max(size, 1)


def _key(units: list[Phrase]) -> Phrase:
    return tuple(" ".join(unit) for unit in units)


def _phrases_of(unit: Phrase) -> tuple[Phrase, ...]:
    return phrases(unit[0]) if len(unit) == 1 else (unit,)
