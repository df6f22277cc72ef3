"""Forms for writing announcements and pages."""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Regexp
from wtforms.widgets import TextArea

from core import clock
from core.content import event_form, markdown
from core.content.categories import CATEGORIES
from core.content.controls import MomentField, NumbersField, PlacesField
from core.content.event_form import EventFields
from core.content.models import LONGEST_TITLE, Item
from core.content.snapshots import Texts, working
from core.errors import Invalid
from core.forms import DayField, Form, NeededOnceChosen, Option, option

LONGEST_BODY = 200_000
NOW, LATER = "now", "later"
NEVER, ON = "never", "on"
LASTS = {"week": timedelta(days=7), "month": timedelta(days=30)}
"""How long an announcement is shown, of those that are a choice of their own."""

NOT_BLANK = Regexp(r"(?s).*\S", message=_l("Please write something here."))
TOO_LONG = _l("At most %(max)d characters, please.")
SHOWN_BY = {
    "publish_at": ("when", "publish_at"),
    "expire_at": ("until", "expire_at"),
    "event": event_form.FIELDS,
}
"""The fields in which a value is shown, where they are not the one of its name."""

MARK = re.compile(r"[A-Za-z0-9_-]{10,40}")


class TextForm(Form):
    """A title, a text and its files, and what the page knows of them.

    `format` says in what the text was typed: `html` by the editor, anything else is Markdown. `version` is the number
    of the version that was opened, `key` names what is kept while one types (`autosaves.py`).
    """

    title = StringField(
        _l("Title"),
        validators=[
            InputRequired(_l("Please write a title.")),
            NOT_BLANK,
            Length(max=LONGEST_TITLE, message=TOO_LONG),
        ],
        widget=TextArea(),  # a long one is seen whole on the phone
        render_kw={"rows": 1},
    )
    body = TextAreaField(
        _l("Text"),
        validators=[InputRequired(_l("Please write the text.")), NOT_BLANK, Length(max=LONGEST_BODY, message=TOO_LONG)],
        widget=TextArea(),
        render_kw={"rows": 14},
    )
    attachments = NumbersField(_l("Files"), default=list)
    format = HiddenField()
    version = HiddenField(default="1", validators=[Regexp(r"\d{1,9}$", message=_l("Please open this page again."))])
    key = HiddenField()
    reason = StringField(_l("What you changed"), validators=[Length(max=200, message=TOO_LONG)])

    def texts(self, item: Item | None = None) -> Texts:
        """Return what was typed, over what the writer of an item goes on with."""
        body = (self.body.data or "").replace("\r\n", "\n")
        typed = {
            "title": self.title.data or "",
            "body": body if self.format.data == "html" else str(markdown.render(body)),
            "attachments": tuple(self.attachments.data),
        }
        return replace(working(item), **typed) if item else Texts(**typed)  # type: ignore[arg-type]

    def show(self, texts: Texts, names: Collection[str]) -> None:
        """Put texts into the form in place of what was typed.

        Args:
            texts: what is to be shown.
            names: of the values that are put in, as `merging.taking` names them.
        """
        parts = {part for name in names for part in SHOWN_BY.get(name, (name.partition(".")[0],))}
        for name, value in self.drawn(texts).items():
            if name in parts and name in self:
                self[name].process(None, value)
                self[name].raw_data = None
        if "body" in parts:
            self.format.data = "html"

    def drawn(self, texts: Texts) -> dict[str, object]:
        """Return texts as values of this form's fields."""
        return filled(texts)

    def refuse(self, error: Invalid) -> None:
        """Show what was found wrong on saving at the fields it names, else above the form."""
        for name, message in error.problems.items():
            if name in self:
                self[name].errors = [*self[name].errors, str(message)]
            else:
                self.form_errors.append(str(message))

    def opened(self) -> int:
        """Return the number of the version that was opened."""
        return int(self.version.data or 0)


class PageForm(TextForm):
    """A page's own title and text."""


class NewPageForm(PageForm):
    """A new page: also where it stands."""

    slug = StringField(
        _l("Last part of its address"),
        description=_l("Small letters, digits and hyphens, such as safety-rules. Leave it empty to have one made."),
        validators=[
            Length(max=60, message=TOO_LONG),
            Regexp(r"([a-z0-9]+(-[a-z0-9]+)*)?$", message=_l("Small letters, digits and hyphens only, please.")),
        ],
    )
    parent = SelectField(_l("Under"), choices=[], validate_choice=False)

    def chosen_slug(self) -> str | None:
        """Return the last part of the address: as typed, else the Latin words of the title; None when it has none."""
        words = re.findall(r"[a-z0-9]+", (self.title.data or "").lower())
        return (self.slug.data or "-".join(words)[:60].strip("-")) or None

    def chosen_parent(self) -> int | None:
        """Return the id of the page it is to stand under."""
        typed = self.parent.data or ""
        return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else None


class AnnouncementForm(EventFields, TextForm):
    """An announcement: its text, where and when it is shown, and what it is about."""

    category = SelectField(_l("Category"), choices=[], default="")
    reference = StringField(
        _l("Document number"),
        description=_l("Of the official document, where there is one."),
        validators=[Length(max=60, message=TOO_LONG)],
    )
    location = StringField(_l("Place"), validators=[Length(max=200, message=TOO_LONG)])
    places = PlacesField(_l("Also show it at"), coerce=int, choices=[])
    session_id = SelectField(_l("Registration"), choices=[], coerce=lambda value: int(value) if value else None)
    when = RadioField(
        _l("From when"), choices=[option(NOW, _l("Now")), option(LATER, _l("At a set time"))], default=NOW
    )
    publish_at = MomentField(_l("Publish at"), [NeededOnceChosen()])
    until = RadioField(
        _l("Until when"),
        choices=[
            option("week", _l("One week")),
            option("month", _l("30 days")),
            option(NEVER, _l("No end")),
            option(ON, _l("Until a day of my choice")),
        ],
        default="month",
    )
    expire_at = MomentField(_l("Take it off at"), [NeededOnceChosen()])
    pinned_until = DayField(_l("Keep on top until the end of"), description=_l("Leave empty to list it by its date."))

    def __init__(self, *, item: Item | None = None, **more: Any) -> None:
        """Offer the choices that depend on nothing else.

        Args:
            item: the announcement that is changed.
            more: as for `Form`.
        """
        self.offered: Sequence[tuple[int, str]] = ()
        self.began = item is not None and item.state == "published" and not _lies_ahead(item.publish_at)
        super().__init__(**more)
        self.category.choices = [option("", _l("None"))] + [option(slug, name) for slug, name in CATEGORIES.items()]
        if self.began:  # it has its day already
            del self.when, self.publish_at

    def validate(self, extra_validators: Any = None) -> bool:
        """Check what the fields say together."""
        super().validate(extra_validators)
        begins = self._begins()
        if not self.began and self.when.data == LATER and begins is None and not self.publish_at.errors:
            self.publish_at.errors = [_("Please say from when.")]
        if self.until.data == ON and self.expire_at.data is None and not self.expire_at.errors:
            self.expire_at.errors = [_("Please say until when.")]
        if self.until.data == ON and self.expire_at.data and self.expire_at.data <= (begins or clock.now()):
            self.expire_at.errors = [_("It would end before it begins. Please choose a later end.")]
        self.check_event()
        return not self.errors

    def texts(self, item: Item | None = None) -> Texts:
        """Return what was typed; a week and a month are counted from the day of publication, to the end of a day."""
        begins = self._begins()
        if begins is None and item is not None and item.state == "published":
            # "Now", said of one that waits for its moment; one that has begun keeps its own.
            begins = item.publish_at if self.began else clock.now()
        shown = {place.base_id for place in item.places} if item else set()
        offered = {base_id for base_id, _name in self.offered}
        pinned = self.pinned_until.data
        return replace(
            super().texts(item),
            category=self.category.data or "",
            reference=self.reference.data or "",
            location=self.location.data or "",
            session_id=self.session_id.data,
            event=self.happening(),
            places=frozenset(shown - offered | set(self.places.data or ())),
            publish_at=begins,
            expire_at=self._ends(begins),
            pinned_until=clock.at(pinned + timedelta(days=1), time(0)) if pinned else None,
        )

    def _begins(self) -> datetime | None:
        if self.began or self.when.data != LATER:
            return None
        return self.publish_at.data

    def _ends(self, begins: datetime | None) -> datetime | None:
        if self.until.data == ON:
            return self.expire_at.data
        if self.until.data not in LASTS:
            return None
        first = clock.local(max(begins or clock.now(), clock.now())).date()
        return clock.at(first + LASTS[self.until.data] + timedelta(days=1), time(0))


def values(item: Item) -> dict[str, object]:
    """Return what a form shows of an item that is opened for writing."""
    return filled(working(item)) | {"version": str(item.version)}


def filled(texts: Texts) -> dict[str, object]:
    """Return texts as values of the forms' fields; an end that has passed is not proposed again."""
    begins = texts.publish_at if _lies_ahead(texts.publish_at) else None
    ends = texts.expire_at
    pinned = texts.pinned_until
    return event_form.filled(texts.event) | {
        "title": texts.title,
        "body": texts.body,
        "format": "html" if texts.body else "",
        "attachments": list(texts.attachments),
        "fields": dict(texts.fields),
        "category": texts.category,
        "reference": texts.reference,
        "location": texts.location,
        "session_id": texts.session_id,
        "places": sorted(texts.places),
        "when": LATER if begins else NOW,
        "publish_at": begins,
        "until": ON if ends and _lies_ahead(ends) else NEVER if ends is None else "month",
        "expire_at": ends if _lies_ahead(ends) else None,
        "pinned_until": clock.local(pinned - timedelta(seconds=1)).date() if pinned else None,
    }


def offer_places(form: AnnouncementForm, bases: Sequence[tuple[int, str]]) -> None:
    """Let a writer choose among further bases: id and name of each; chosen ones that are not offered are kept."""
    form.offered = bases
    form.places.choices = [option(base_id, name) for base_id, name in bases]


def offer_sessions(form: AnnouncementForm, sessions: Sequence[tuple[int, str]]) -> None:
    """Let a writer choose among sessions to register for: id and words of each."""
    form.session_id.choices = [option("", _l("None")), *(option(key, words) for key, words in sessions)]


def offer_parents(form: NewPageForm, pages: Sequence[Item]) -> None:
    """Let a writer choose under which page a new one stands."""
    form.parent.choices = [option("", _l("On its own")), *map(_as_parent, pages)]


def _as_parent(page: Item) -> Option:
    return option(str(page.id), "\u3000" * page.path.count("/") + page.shown_title)


def _lies_ahead(moment: datetime | None) -> bool:
    return moment is not None and moment > clock.now()
