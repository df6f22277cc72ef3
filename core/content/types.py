"""The types of content: the core's own and those of the base plugins, in one form; what an item's schema holds.

A plugin's type is asked of its plugin, so it comes and goes with it. Its schema is also kept as a form's version
(`core/intake/frozen.py`), so that an item is still read by its questions when its type is gone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import dates
from core.content.models import ANNOUNCEMENT, PAGE, Item
from core.content.snapshots import Texts
from core.db import db
from core.intake.answers import current_form, text_of
from core.intake.frozen import thaw_fields
from core.intake.models import FormVersion
from core.plugins.declarations import ContentType
from core.plugins.facade import plugins
from core.plugins.fields import Day, Field, Rows

if TYPE_CHECKING:
    from core.plugins.facade import Facade


@dataclass(frozen=True, kw_only=True)
class Type:
    """A type of content.

    Attributes:
        name: as `Item.type` has it.
        slug: its part of addresses.
        title, plural, summary: what one item and all are called, and what it is for.
        icon: name of a Bootstrap Icon.
        behaviours: what its items can do (`core.plugins.declarations.Behaviour`).
        fields: its schema.
        template, line: names of the templates that show an item, whole and in the list.
        resource: name of the field that says which resource an item is about, or "".
        reviewed: whether it is reviewed also where the base does without.
        listed: whether it has a tab at its base.
        order: of the list: `newest`, `title`, or the name of a field.
        expires: after which time an item leaves by default.
        base: slug of the base whose plugin declares it; "" for the core's own.
    """

    name: str
    slug: str
    title: object
    plural: object
    summary: object = ""
    icon: str = "file-text"
    behaviours: frozenset[str] = frozenset()
    fields: tuple[Field, ...] = ()
    template: str = "content/typed.html"
    line: str = "content/typed_line.html"
    resource: str = ""
    reviewed: bool = False
    listed: bool = True
    order: str = "newest"
    expires: timedelta | None = None
    base: str = ""

    def field(self, name: str) -> Field | None:
        """Return a field of the schema, or None."""
        return next((field for field in self.fields if field.name == name), None)


CORE = {
    PAGE: Type(
        name=PAGE,
        slug="pages",
        title=_l("Page"),
        plural=_l("Pages"),
        icon="file-text",
        behaviours=frozenset({"scheduled", "attachable"}),
        order="title",
    ),
    ANNOUNCEMENT: Type(
        name=ANNOUNCEMENT,
        slug="announcements",
        title=_l("Announcement"),
        plural=_l("Announcements"),
        icon="megaphone",
        behaviours=frozenset({"scheduled", "pinned", "located", "attachable", "bookable"}),
    ),
}

NEEDS = {
    "publish_at": {"scheduled"},
    "expire_at": {"scheduled"},
    "pinned_until": {"pinned"},
    "location": {"located"},
    "session_id": {"bookable"},
    "attachments": {"attachable", "illustrated"},
}
"""What of an item's texts needs a behaviour: one of these."""


def find(name: str) -> Type | None:
    """Return a type by name; None where there is none, or its plugin is not active."""
    if name in CORE:
        return CORE[name]
    base, _dot, slug = name.partition(".")
    return next((kind for kind in of_base(base) if kind.slug == slug), None)


def of_base(base: str) -> list[Type]:
    """Return the types that a base's plugin brings, in their order; none while it is not active."""
    facade = plugins()
    if not facade.is_active(base):
        return []
    return [_declared(base, kind) for kind in facade.content_types(base)]


def all_types() -> list[Type]:
    """Return the core's types, then those of all active plugins."""
    return [*CORE.values(), *(kind for base in plugins().bases() for kind in of_base(base))]


def names() -> list[str]:
    """Return the names of all types, as `all_types` lists them."""
    facade = plugins()
    bases = [base for base in facade.bases() if facade.is_active(base)]
    return [*CORE, *(f"{base}.{kind.slug}" for base in bases for kind in facade.content_types(base))]


def known(name: str) -> Type:
    """Return a type as `find` does, else what is kept of one whose plugin is switched off or declares it no more."""
    found = find(name)
    if found is not None:
        return found
    base, _dot, slug = name.partition(".")
    chosen = select(FormVersion).where(FormVersion.owner == name).order_by(FormVersion.version.desc()).limit(1)
    form = db.session.scalar(chosen)
    fields = tuple(thaw_fields(form.fields)) if form is not None else ()
    return Type(name=name, slug=slug, title=slug, plural=slug, fields=fields, base=base, listed=False)


def _declared(base: str, kind: ContentType) -> Type:
    return Type(
        name=f"{base}.{kind.slug}",
        slug=kind.slug,
        title=kind.title,
        plural=kind.plural,
        summary=kind.summary,
        icon=kind.icon,
        behaviours=frozenset(kind.behaviours),
        fields=kind.fields,
        template=f"{base}/{kind.template}" if kind.template else Type.template,
        line=f"{base}/{kind.line}" if kind.line else Type.line,
        resource=kind.resource,
        reviewed=kind.reviewed,
        listed=kind.listed,
        order=kind.order,
        expires=kind.expires,
        base=base,
    )


def sync(session: Session, facade: "Facade") -> None:
    """Keep the schema of every declared type as a form's version; run at upgrade."""
    for base in facade.bases():
        for kind in facade.content_types(base):
            current_form(session, f"{base}.{kind.slug}", kind.fields)


def is_reviewed(name: str) -> bool:
    """Say whether items of a type are reviewed also where the base does without."""
    kind = find(name)
    return kind is not None and kind.reviewed


def fitting(name: str, texts: Texts) -> Texts:
    """Return texts without what a type has no room for: times, place, files, registration, values of other schemas.

    Those of a type that is not there are left as they are, for the day it comes back.
    """
    kind = find(name)
    if kind is None:
        return texts
    blank = {attribute: getattr(BLANK, attribute) for attribute, able in NEEDS.items() if not able & kind.behaviours}
    names = {field.name for field in kind.fields}
    return replace(texts, fields={key: value for key, value in texts.fields.items() if key in names}, **blank)


BLANK = Texts(title="", body="")


@dataclass(frozen=True)
class Value:
    """A value of an item's schema, to be read.

    Attributes:
        field: what was asked.
        label: the question, in the reader's language.
        text: the answer in words; "" when there is none.
        heads, rows: of a table.
    """

    field: Field
    label: str
    text: str
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def values(kind: Type, fields: Mapping[str, Any]) -> dict[str, Value]:
    """Return the values of a schema by name, in its order, in the reader's language; those that say nothing too."""
    return {field.name: _value(field, fields.get(field.name)) for field in kind.fields}


def _value(field: Field, value: Any) -> Value:
    label = str(field.label)
    try:
        text = dates.day(date.fromisoformat(value)) if isinstance(field, Day) and value else text_of(field, value)
        if not isinstance(field, Rows):
            return Value(field, label, text)
        names = [column.name for column in field.columns]
        rows = tuple(tuple(str(row.get(name) or "") for name in names) for row in value or ())
    except (AttributeError, TypeError, ValueError):  # written when the field was of another kind
        return Value(field, label, str(value))
    return Value(field, label, text, tuple(str(column.label) for column in field.columns), rows)


def said(name: str, fields: Mapping[str, Any]) -> list[Value]:
    """Return the values of a type's schema that say something, in its order, also when the type is gone."""
    return [value for value in values(known(name), fields).values() if value.text]


def words(item: Item, language: str) -> str:
    """Return what an item's schema says in words of a language, a line for each value; for the search."""
    with force_locale(language):
        return "\n".join(f"{value.label} {value.text}" for value in said(item.type, item.fields))
