"""What visitors read of the types that plugins declare: the list of a type, and an item."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from core.bases.models import Base
from core.bases.queries import find_base
from core.booking.models import Resource
from core.caching import public_page
from core.content import attachments, queries, reading, typed_queries, types, views
from core.content.addresses import address
from core.content.attachments import Attachment, Picture
from core.content.models import Item
from core.content.reading import Reading
from core.content.richtext import plain
from core.content.sharing import of_type
from core.content.types import Type, Value
from core.errors import NotFound
from core.plugins.fields import Choice, LongText

bp = views.bp


@dataclass(frozen=True)
class Shown:
    """What an item's page shows beside its text.

    Attributes:
        values: of the schema, by name.
        facts: those of them that are short and say something, as label and text.
        texts: the long ones.
        tables: the tables.
        pictures: what is shown large, where the type is illustrated.
        files: what else hangs on it.
        resource: what it is about.
    """

    values: dict[str, Value]
    facts: list[tuple[str, str]]
    texts: list[Value]
    tables: list[Value]
    pictures: Sequence[Picture]
    files: Sequence[Attachment]
    resource: Resource | None


@bp.get("/bases/<base>/content/<type>/")
@public_page("content", "booking", args=("only", "page"))
def typed_list(base: str, type: str) -> str:  # noqa: A002
    """List what a base publishes of a type, all or what has the chosen values (`?only=kind:software`)."""
    row, kind = find_base(base), _type(base, type)
    only = typed_queries.narrowing(kind, request.args.get("only", ""))
    listed = typed_queries.listed(kind, row, request.args.get("page", 1, type=int), only)
    return render_template(
        "content/typed_list.html",
        base=row,
        pages=queries.navigation(row),
        kind=kind,
        listed=listed,
        lines=[_line(kind, item) for item in listed.rows],
        choices=_choices(kind, row, only),
        narrowed=bool(only),
        sharing=of_type(row, kind),
    )


@bp.get("/bases/<base>/content/<type>/<slug>")
@public_page("content", "booking", until="minute")
def typed(base: str, type: str, slug: str) -> ResponseReturnValue:  # noqa: A002
    """Show an item of a type that a plugin declares."""
    row, kind = find_base(base), _type(base, type)
    item = queries.find_public(row, kind.name, slug)
    if item.path != slug or item.base_id != row.id:
        return redirect(address(item), 301)
    read = reading.read(item, row)
    return render_template(
        kind.template,
        base=row,
        pages=queries.navigation(row),
        kind=kind,
        item=item,
        reading=read,
        shown=shown(kind, item, read),
    )


def shown(kind: Type, item: Item, read: Reading) -> Shown:
    """Return what a page shows of an item by its type's schema and behaviours."""
    values = types.values(kind, item.fields)
    said = [value for value in values.values() if value.text]
    pictures = attachments.pictures(item) if "illustrated" in kind.behaviours else ()
    hidden = {picture.id for picture in pictures}
    return Shown(
        values=values,
        facts=[(value.label, value.text) for value in said if not value.heads and not _is_long(value)],
        texts=[value for value in said if _is_long(value)],
        tables=[value for value in said if value.heads],
        pictures=pictures,
        files=[file for file in read.files if file.id not in hidden],
        resource=typed_queries.resource_of(kind, item),
    )


@dataclass(frozen=True)
class Way:
    """A way to narrow a list: its words, its address, and whether it is the one taken."""

    label: str
    href: str
    taken: bool


def _choices(kind: Type, base: Base, only: Mapping[str, str]) -> list[tuple[str, list[Way]]]:
    """Return the ways to narrow a list: for each choice of the schema its label, and a way for all and each value."""

    def way(label: object, name: str, value: str) -> Way:
        chosen = {key: kept for key, kept in {**only, name: value}.items() if kept}
        asked = ",".join(f"{key}:{kept}" for key, kept in chosen.items()) or None
        href = url_for("content.typed_list", base=base.slug, type=kind.slug, only=asked)
        return Way(str(label), href, only.get(name, "") == value)

    fields = [field for field in kind.fields if isinstance(field, Choice) and field.name != kind.resource]
    return [
        (
            str(field.label),
            [way(_("All"), field.name, ""), *(way(label, field.name, key) for key, label in field.options)],
        )
        for field in fields
    ]


def _line(kind: Type, item: Item) -> dict[str, Any]:
    """Return what the template of a list's line is given."""
    return {
        "item": item,
        "href": address(item),
        "values": types.values(kind, item.fields),
        "words": plain(item.shown_body, 90),
    }


def _is_long(value: Value) -> bool:
    return isinstance(value.field, LongText)


def _type(base: str, slug: str) -> Type:
    """Return a type of a base by the slug that stands in the address.

    Raises:
        NotFound: the base's plugin declares none of this slug.
    """
    found = types.find(f"{base}.{slug}")
    if found is None:
        raise NotFound
    return found
