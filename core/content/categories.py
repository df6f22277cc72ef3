"""What announcements are about: a fixed table, so that every base, list and feed means the same by a word."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

CATEGORIES: Mapping[str, object] = {
    "notice": _l("Notice"),
    "event": _l("Event"),
    "exam": _l("Exam"),
    "result": _l("Results"),
    "closure": _l("Closed or out of use"),
    "other": _l("Other news"),
}
"""Slug, as items and addresses have it → label, in the order in which choices are shown."""


def label(slug: str) -> str:
    """Return a category's label in the reader's language; "" for none, and for one that is not in the table."""
    return str(CATEGORIES.get(slug, ""))
