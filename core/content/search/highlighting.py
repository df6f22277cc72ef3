"""Showing where a text has the words that were looked for."""

import re
import unicodedata
from collections.abc import Sequence

from markupsafe import Markup, escape

from core.content.search.words import HAN, Phrase, Question

SNIPPET = 110
"""Characters of a text that are shown around what was found."""

LETTER = rf"(?![{HAN}])[^\W\d_]"

BEFORE = 24
"""Characters of them that stand before the first word found."""


def mark(text: str, question: Question) -> Markup:
    """Return a text as HTML with the words that were looked for in `<mark>`; everything else is escaped."""
    return _marked(text, _places(text, question))


def snippet(text: str, question: Question) -> Markup:
    """Return the part of a text that has most of the words, as `mark` does, with “…” where it is cut."""
    places = _places(text, question)
    start = max(0, _best(text, places) - BEFORE)
    start = 0 if start < BEFORE else start
    end = min(len(text), start + SNIPPET)
    inside = [(first - start, last - start) for first, last in places if first >= start and last <= end]
    return Markup("").join(
        [Markup("…") if start else Markup(""), _marked(text[start:end], inside), Markup("…") if end < len(text) else ""]
    )


def _marked(text: str, places: Sequence[tuple[int, int]]) -> Markup:
    parts, done = [], 0
    for start, end in places:
        parts += [escape(text[done:start]), Markup("<mark>"), escape(text[start:end]), Markup("</mark>")]
        done = end
    return Markup("").join([*parts, escape(text[done:])])


def _places(text: str, question: Question) -> list[tuple[int, int]]:
    """Return from where to where the words stand in a text, without overlaps."""
    phrases = {phrase for group in question.groups for phrase in group.phrases}
    patterns = sorted(filter(None, map(_pattern, phrases)), key=len, reverse=True)
    if not patterns:
        return []
    return [match.span() for match in re.finditer("|".join(patterns), _plain(text))]


def _pattern(phrase: Phrase) -> str:
    """Return a pattern for a phrase; a word of letters or figures is found where it stands by itself only."""
    if any(re.match(rf"[{HAN}]", word) for word in phrase):
        # As the index cuts it, a phrase holds a long word beside its parts: the word alone is what is written.
        return re.escape(phrase[0]) if len(phrase) == 1 else ""
    joined = r"[\W_]*".join(map(re.escape, phrase))
    return rf"(?<!{LETTER}){joined}(?!{LETTER})" if phrase[0].isalpha() else joined


def _plain(text: str) -> str:
    """Return a text folded as its words are, every character in its place."""
    return "".join(map(_plain_character, text))


def _plain_character(character: str) -> str:
    plain = unicodedata.normalize("NFKC", character).lower()
    return plain if len(plain) == 1 else character


def _best(text: str, places: Sequence[tuple[int, int]]) -> int:
    """Return where the stretch begins that has the most different words in it."""
    plain = _plain(text)

    def different(start: int) -> int:
        return len({plain[first:last] for first, last in places if start <= first and last <= start + SNIPPET - BEFORE})

    return max((first for first, _last in places), key=lambda first: (different(first), -first), default=0)
