"""The form in which an item of a plugin's type is written: what all items have, and the fields of the type's schema."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import time, timedelta
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from wtforms import FormField, TextAreaField
from wtforms.validators import Length
from wtforms.widgets import TextArea

from core import clock
from core.content.forms import LONGEST_BODY, NEVER, ON, TOO_LONG, AnnouncementForm
from core.content.models import Item
from core.content.snapshots import Texts
from core.content.types import Type
from core.intake.answers import Cleaned, clean
from core.intake.forms import part_class

SCHEMA = "fields"
"""Name of the part of the form that holds the schema, and what its fields' names begin with."""


class TypedForm(AnnouncementForm):
    """An item of a plugin's type. The text may be left empty: the schema says enough.

    What the type's behaviours have no room for is not shown, and not kept (`types.fitting`).
    """

    kind: ClassVar[Type]

    body = TextAreaField(
        _l("Text"),
        validators=[Length(max=LONGEST_BODY, message=TOO_LONG)],
        widget=TextArea(),
        render_kw={"rows": 8},
    )

    def __init__(self, *, item: Item | None = None, data: dict[str, Any] | None = None, **more: Any) -> None:
        """Fill the form; the arguments are those of `AnnouncementForm`."""
        given = _beginning(self.kind) | (data or {})
        given[SCHEMA] = self._typed(given.get(SCHEMA))
        super().__init__(item=item, data=given, **more)

    def texts(self, item: Item | None = None) -> Texts:
        """Return what was typed."""
        schema = getattr(self, SCHEMA, None)
        values = clean(schema.form).values if schema is not None else {}
        return replace(super().texts(item), fields=values)

    def drawn(self, texts: Texts) -> dict[str, object]:
        """Return texts as values of this form's fields."""
        return super().drawn(texts) | {SCHEMA: self._typed(texts.fields)}

    def _typed(self, values: Mapping[str, Any] | None) -> dict[str, Any]:
        return Cleaned(values=dict(values or {})).typed(self.kind.fields)


def form_of(kind: Type) -> type[TypedForm]:
    """Return the form of a type, in the reader's language; to be called in a request."""
    parts = {SCHEMA: FormField(part_class(kind.fields), label="")} if kind.fields else {}
    return type("FormOfType", (TypedForm,), {"kind": kind, **parts})


def _beginning(kind: Type) -> dict[str, Any]:
    """Return until when a new item is shown, as its type proposes."""
    blank = {"category": "", "session_id": None}
    if kind.expires is None:
        return blank | {"until": NEVER}
    last = clock.today() + kind.expires
    return blank | {"until": ON, "expire_at": clock.at(last + timedelta(days=1), time(0))}
