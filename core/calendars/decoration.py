"""What a base's plugin adds to the entries of its sessions, bookings and closures (hook `render_calendar_entry`)."""

from dataclasses import dataclass, replace
from typing import Literal

from flask_babel import force_locale

from core.calendars.components import Facts
from core.localised import LANGUAGES
from core.plugins.declarations import CalendarEntry, CalendarText
from core.plugins.facade import plugins

LONGEST = 2000
"""Characters that are taken of each text of a plugin."""


@dataclass(frozen=True, kw_only=True)
class About:
    """What an entry is of, beyond what it says; as `CalendarEntry`, which plugins get to see."""

    base: str
    source: Literal["session", "booking", "closure"]
    audience: Literal["public", "full"]
    kind: str = ""
    resources: tuple[str, ...] = ()
    id: int | None = None


def decorated(facts: Facts, about: About) -> Facts:
    """Return what an entry says with what plugins add to it; one that fails adds nothing, and is counted.

    Called inside the transaction that writes the entry, or compares it. The number of a booking is kept from the
    public form, so that no plugin looks up there what the public must not read.

    Args:
        facts: what the core says, in the form for `about.audience`.
        about: what the entry is of.
    """
    entry = CalendarEntry(
        base=about.base,
        source=about.source,
        audience=about.audience,
        kind=about.kind,
        title=facts.summary,
        start=facts.start,
        end=facts.end,
        resources=about.resources,
        id=None if (about.source, about.audience) == ("booking", "public") else about.id,
    )
    with force_locale(LANGUAGES[0]):
        for text in plugins().render_calendar_entry(entry):
            facts = _with(facts, text)
    return facts


def _with(facts: Facts, text: CalendarText) -> Facts:
    return replace(
        facts,
        description=_joined("\n", facts.description, text.description),
        location=_joined("，", facts.location, text.location),
        more_categories=(*facts.more_categories, *filter(None, [_words(text.category)])),
    )


def _joined(between: str, said: str, added: object) -> str:
    return between.join(filter(None, [said, _words(added)]))


def _words(added: object) -> str:
    return str(added).strip()[:LONGEST]
