"""Forms for writing announcements and pages."""

from datetime import datetime, time, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, Regexp

from core import clock

LONGEST_TITLE = 120
LONGEST_BODY = 50_000

NOT_BLANK = Regexp(r"(?s).*\S", message=_l("Please write something here."))
MARKDOWN_HINT = _l(
    "An empty line begins a paragraph. “## ” begins a heading, “- ” a list, “**” around words makes them bold."
)


def _title(label: object) -> StringField:
    length = Length(max=LONGEST_TITLE, message=_l("At most %(max)d characters, please."))
    return StringField(label, validators=[InputRequired(_l("Please write a title.")), NOT_BLANK, length])


def _body() -> TextAreaField:
    length = Length(max=LONGEST_BODY, message=_l("At most %(max)d characters, please."))
    return TextAreaField(
        _l("Text"),
        description=MARKDOWN_HINT,
        validators=[InputRequired(_l("Please write the text.")), NOT_BLANK, length],
        render_kw={"rows": 16},
    )


def _version() -> HiddenField:
    return HiddenField(default="1", validators=[Regexp(r"\d{1,9}$", message=_l("Please open this page again."))])


class AnnouncementForm(FlaskForm):
    """An announcement's text. `version` is the number of the version that was opened."""

    title = _title(_l("Title"))
    body = _body()
    pinned_until = DateField(
        _l("Keep on top until the end of"),
        description=_l("Leave empty to list it by its date alone."),
        validators=[Optional()],
    )
    version = _version()

    def values(self) -> dict[str, Any]:
        """Return what was typed, as `core.content.writing` takes it."""
        day = self.pinned_until.data
        return {
            "title": self.title.data.strip(),
            "body": self.body.data.replace("\r\n", "\n"),
            "pinned_until": clock.at(day + timedelta(days=1), time(0)) if day else None,
        }


class PageForm(FlaskForm):
    """A page's own title and text. `version` is the number of the version that was opened."""

    title = _title(_l("Title"))
    body = _body()
    version = _version()

    def values(self) -> dict[str, Any]:
        """Return what was typed, as `core.content.editing` takes it."""
        return {
            "title": self.title.data.strip(),
            "body": self.body.data.replace("\r\n", "\n"),
            "version": int(self.version.data),
        }


def last_day(pinned_until: datetime | None) -> Any:
    """Return the last day on which something is pinned, for the form's field."""
    return clock.local(pinned_until - timedelta(seconds=1)).date() if pinned_until else None
