"""Texts that a plugin declares, kept in a row in every language of the site.

A declared label is a lazy gettext text. A row keeps what it says in each language, so that a booking or a form stays
readable when its plugin is disabled or gone.
"""

from collections.abc import Mapping

from flask_babel import force_locale, get_locale

LANGUAGES = ("zh", "en")
"""The site's languages; the first is the default."""

Localised = dict[str, str]
"""A text in each of `LANGUAGES`."""


def freeze(text: object) -> Localised:
    """Return what a lazy or plain text says in each language."""
    frozen = {}
    for language in LANGUAGES:
        with force_locale(language):
            frozen[language] = str(text)
    return frozen


def pick(text: Mapping[str, str]) -> str:
    """Return a frozen text in the reader's language, else in the default one."""
    locale = get_locale()
    language = locale.language if locale else LANGUAGES[0]
    return text.get(language) or text.get(LANGUAGES[0], "")
