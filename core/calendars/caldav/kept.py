"""Long answers kept by this process until their calendar changes."""

from collections.abc import Callable

from flask import current_app

from core.shelf import Kept, Shelf

SIZE = 32 * 1024 * 1024
"""Bytes of answers that a process keeps."""

_SHELF = "jidi_caldav_shelf"


def body(what: tuple[str, ...], change: int, make: Callable[[], tuple[int, bytes]]) -> bytes:
    """Return an answer as it was made for a change of its calendar, or make it.

    Args:
        what: all that it depends on beside the calendar's entries.
        change: the number at which the calendar stands, read before.
        make: makes it, and says for which number it did.
    """
    shelf: Shelf = current_app.extensions.setdefault(_SHELF, Shelf(SIZE))
    kept = shelf.get(what)
    if kept is not None and kept.versions["change"] == change:
        return kept.body
    made_for, made = make()
    shelf.put(what, Kept((), made, "", {"change": made_for}, 0, 0))
    return made
