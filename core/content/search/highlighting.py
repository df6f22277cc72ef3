"""Showing where a text has the words that were looked for."""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence

from markupsafe import Markup, escape

from core.content.search.words import HAN, Phrase, Question

SNIPPET = 110
"""Characters of a text that are shown around what was found."""

MOST_TRIED = 200
"""Places in a long text from which the best snippet is chosen."""

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


class _Plain(dict[int, str]):
    """What each character is folded to; filled as characters are met. One that would become several stays."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        plain = unicodedata.normalize("NFKC", character).lower()
        self[code] = plain if len(plain) == 1 else character
        return self[code]


_PLAIN = _Plain()


def _plain(text: str) -> str:
    """Return a text folded as its words are, every character in its place."""
    return text.translate(_PLAIN)


def _best(text: str, places: Sequence[tuple[int, int]]) -> int:
    """Return where the stretch begins that has the most different words in it."""
    plain = _plain(text)

    def different(start: int) -> int:
        inside = places[bisect_left(places, (start, 0)) : bisect_left(places, (start + SNIPPET - BEFORE, 0))]
        return len({plain[first:last] for first, last in inside})

    return max((first for first, _last in places[:MOST_TRIED]), key=lambda first: (different(first), -first), default=0)
