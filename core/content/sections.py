"""The sections of the portal's front page: which kinds there are, and how the office arranges them.

The order is changed against the order that was seen, a section's words against the version that was opened, so that
two who arrange at once lose nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core import audit, errors
from core.accounts.models import User
from core.accounts.roles import require
from core.content import references, richtext
from core.content.categories import CATEGORIES
from core.content.models import LONGEST_TITLE, Section
from core.db import db, write

MOST_ROWS = 12
MOST_SECTIONS = 30


@dataclass(frozen=True)
class Kind:
    """A kind of section: what it is called, the heading it has of itself, what it shows, and its settings' defaults."""

    label: object
    heading: object
    text: object
    icon: str
    settings: Mapping[str, Any] = field(default_factory=dict)


KINDS: dict[str, Kind] = {
    "fortnight": Kind(
        _l("Fortnight"),
        _l("This week and next"),
        _l("A cell for each day with the number of sessions, coloured by base."),
        "calendar2-week",
    ),
    "bases": Kind(
        _l("Bases"), _l("Bases"), _l("A card for each base with its next session and the way to book."), "houses"
    ),
    "sessions": Kind(
        _l("Next sessions"),
        _l("Next sessions"),
        _l("The next sessions with the seats left. Announcements placed right below stand beside them."),
        "easel",
        {"count": 6},
    ),
    "announcements": Kind(
        _l("Announcements"),
        _l("Latest announcements"),
        _l("The newest announcements of the consortium and all bases, or those of one category."),
        "megaphone",
        {"count": 5, "category": ""},
    ),
    "figures": Kind(
        _l("Consortium figures"),
        _l("The shared bases in figures"),
        _l("Bases, members, this year's sessions and person-times booked, counted from what stands in the system."),
        "123",
    ),
    "partners": Kind(
        _l("Members"),
        _l("Members of the consortium"),
        _l("The member organisations by kind, from the list of organisations."),
        "buildings",
    ),
    "text": Kind(_l("Text"), "", _l("A text of your own with headings, lists, links and pictures."), "text-paragraph"),
}

DEFAULT = ("fortnight", "bases", "sessions", "announcements")
"""How the front page is arranged before anybody has arranged it."""

STEP = 10


class Rearranged(errors.StateChanged):
    """Somebody else changed the front page since it was opened; `saved` is what stands there now."""

    def __init__(self, saved: Section | None = None) -> None:
        super().__init__(_l("Somebody else has changed the front page in the meantime. This is how it stands now."))
        self.saved = saved


def arranged() -> Sequence[Section]:
    """Return every section in its order, hidden ones too."""
    return db.session.scalars(select(Section).order_by(Section.position, Section.id)).all()


def find(section_id: int) -> Section:
    """Return a section.

    Raises:
        errors.NotFound: there is none of this id.
    """
    section = db.session.get(Section, section_id)
    if section is None:
        raise errors.NotFound
    return section


def arrange_default(session: Session) -> None:
    """Give a front page without any section those of `DEFAULT`; run at upgrade."""
    if not session.scalar(select(func.count()).select_from(Section)):
        for place, kind in enumerate(DEFAULT, start=1):
            session.add(_new(kind, place * STEP))


def add(*, actor: User, kind: str) -> Section:
    """Put a new section at the end, hidden until it is shown where it has to be written first.

    Raises:
        errors.Forbidden: the actor may not arrange the front page.
        errors.Invalid: there is no such kind, or there are too many sections.
    """
    if kind not in KINDS:
        raise errors.Invalid({"kind": _("Please choose what the section is to show.")})
    with write() as session:
        require(actor, "content.consortium")
        known = _locked(session)
        if len(known) >= MOST_SECTIONS:
            raise errors.Invalid(
                {"kind": _("There are %(count)s sections: please remove one first.", count=MOST_SECTIONS)}
            )
        section = _new(kind, known[-1].position + STEP if known else STEP)
        section.shown = kind != "text"
        session.add(section)
        session.flush()
        _note(session, actor, "add", section)
    return section


def change(
    *, actor: User, section_id: int, version: int, title: str, body: str = "", settings: Mapping[str, Any] | None = None
) -> Section:
    """Change a section's words and settings.

    Args:
        actor: who arranges.
        section_id: the section.
        version: its version when it was opened.
        title: its heading; "": that of its kind.
        body: the text of a section of the kind `text`; cleaned here.
        settings: its kind's settings, checked here.

    Raises:
        Rearranged: it has been changed since.
        errors.Invalid: a value does not fit.
        errors.Forbidden, errors.NotFound: the actor may not, or there is no such section.
    """
    title, body = " ".join(title.split()), richtext.clean(body)
    if len(title) > LONGEST_TITLE:
        raise errors.Invalid({"title": _("At most %(max)d characters, please.") % {"max": LONGEST_TITLE}})
    with write() as session:
        require(actor, "content.consortium")
        section = _one(session, section_id)
        if section.version != version:
            raise Rearranged(section)
        section.title, section.version = title, version + 1
        section.settings = checked(section.kind, settings or {})
        if section.kind == "text":
            section.body = body
            references.note_section(session, section)
        _note(session, actor, "change", section)
    return section


def checked(kind: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return a kind's settings, each as given or else its default.

    Raises:
        errors.Invalid: the number or the category does not fit.
    """
    values = dict(KINDS[kind].settings)
    values.update({name: settings[name] for name in values if settings.get(name) is not None})
    if "count" in values and values["count"] not in range(1, MOST_ROWS + 1):
        raise errors.Invalid({"count": _("Please choose a number from 1 to %(most)s.", most=MOST_ROWS)})
    if values.get("category") and values["category"] not in CATEGORIES:
        raise errors.Invalid({"category": _("Please choose one of the categories.")})
    return values


def show(*, actor: User, section_id: int, shown: bool) -> Section:
    """Show a section to visitors, or hide it; errors as for `change`, but for the version."""
    with write() as session:
        require(actor, "content.consortium")
        section = _one(session, section_id)
        section.shown = shown
        _note(session, actor, "show" if shown else "hide", section)
    return section


def remove(*, actor: User, section_id: int, version: int) -> None:
    """Take a section out for good; arguments and errors as for `change`."""
    with write() as session:
        require(actor, "content.consortium")
        section = _one(session, section_id)
        if section.version != version:
            raise Rearranged(section)
        _note(session, actor, "remove", section)
        session.delete(section)


def arrange(*, actor: User, seen: Sequence[int], order: Sequence[int]) -> None:
    """Put the sections into another order.

    Args:
        actor: who arranges.
        seen: ids of all sections in the order that the actor saw.
        order: the same ids in the order wanted.

    Raises:
        Rearranged: they stand in another order now, or others came or went.
        errors.Invalid: `order` does not name each of them once.
        errors.Forbidden: the actor may not.
    """
    if sorted(seen) != sorted(order):
        raise errors.Invalid({"order": _("Please open this page again and move the section once more.")})
    with write() as session:
        require(actor, "content.consortium")
        if [section.id for section in _locked(session)] != list(seen):
            raise Rearranged
        for place, section_id in enumerate(order, start=1):
            session.execute(update(Section).where(Section.id == section_id).values(position=place * STEP))
        audit.record(session, actor_id=actor.id, action="portal.arrange", subject="portal", order=list(order))


def _new(kind: str, position: int) -> Section:
    return Section(kind=kind, title="", body="", settings=dict(KINDS[kind].settings), position=position, shown=True)


def _locked(session: Session) -> Sequence[Section]:
    ordered = select(Section).order_by(Section.position, Section.id).with_for_update()
    return session.scalars(ordered.execution_options(populate_existing=True)).all()


def _one(session: Session, section_id: int) -> Section:
    section = session.get(Section, section_id, with_for_update=True)
    if section is None:
        raise errors.NotFound
    return section


def _note(session: Session, actor: User, act: str, section: Section) -> None:
    audit.record(session, actor_id=actor.id, action=f"portal.{act}", subject=f"section:{section.id}", kind=section.kind)
