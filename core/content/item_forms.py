"""Forms for what is done to an item as a whole."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Regexp
from wtforms.widgets import HiddenInput

from core.bases.models import Base
from core.content.models import Item
from core.content.moving import LONGEST_SLUG, SLUG
from core.forms import Form, option

CONSORTIUM = "0"
"""Stands for no base in a list of bases."""

TOP = "0"
"""Stands for no parent in a list of pages."""


class MoveForm(Form):
    """Where an item stands: its short name in the address, its parent, its base."""

    slug = StringField(
        _l("Last part of the address"),
        description=_l("a-z, 0-9 and hyphens"),
        validators=[
            InputRequired(_l("Please write the last part of the address.")),
            Length(max=LONGEST_SLUG, message=_l("At most %(max)d characters, please.")),
            Regexp(rf"{SLUG.pattern}$", message=_l("Please use a-z, 0-9 and single hyphens, at most 70 characters.")),
        ],
        render_kw={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"},
    )
    parent = SelectField(_l("Stands under"), validate_choice=True)
    base = SelectField(_l("Belongs to"), validate_choice=True)
    version = IntegerField(widget=HiddenInput())

    @classmethod
    def of(cls, item: Item, pages: Sequence[Item], bases: Sequence[Base]) -> "MoveForm":
        """Return the form as an item stands now, or with what was just sent.

        Args:
            item: what is to be moved.
            pages: under which it may stand; none for what has no parents.
            bases: to which it may be moved; none where the base cannot be chosen.
        """
        form = cls(
            data={
                "slug": item.slug,
                "parent": str(item.parent_id or TOP),
                "base": str(item.base_id or CONSORTIUM),
                "version": item.version,
            }
        )
        form.parent.choices = [option(TOP, _("The top level")), *(option(page.id, page.title) for page in pages)]
        form.base.choices = [option(CONSORTIUM, _("Consortium")), *(option(base.id, base.short_name) for base in bases)]
        if not pages:
            del form.parent
        if not bases:
            del form.base
        return form

    def wishes(self, item: Item) -> dict[str, Any]:
        """Return what `moving.move` is to do; what the form does not offer stays as it is."""
        parent = self.parent.data if "parent" in self else str(item.parent_id or TOP)
        base = self.base.data if "base" in self else str(item.base_id or CONSORTIUM)
        return {
            "version": self.version.data or 0,
            "slug": self.slug.data or "",
            "parent_id": int(parent or 0) or None,
            "base_id": int(base or 0) or None,
        }


class ReturnForm(Form):
    """Why a text is sent back."""

    reason = TextAreaField(
        _l("What is to be changed"),
        description=_l("The writer gets this sentence."),
        validators=[
            InputRequired(_l("Please write what is to be changed.")),
            Length(max=200, message=_l("At most %(max)d characters, please.")),
        ],
        render_kw={"rows": 3},
    )
