"""Forms for writing announcements and pages."""

from datetime import datetime, time, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, Regexp

from core import clock
from core.forms import Form

LONGEST_TITLE = 120
LONGEST_BODY = 50_000

NOT_BLANK = Regexp(r"(?s).*\S", message=_l("Please write something here."))
MARKDOWN_HINT = _l(
    "An empty line begins a paragraph. “## ” begins a heading, “- ” a list, “**” around words makes them bold."
)


def _title() -> StringField:
    length = Length(max=LONGEST_TITLE, message=_l("At most %(max)d characters, please."))
    return StringField(_l("Title"), validators=[InputRequired(_l("Please write a title.")), NOT_BLANK, length])


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


class TextForm(Form):
    """A title and a text. `version` is the number of the version that was opened."""

    title = _title()
    body = _body()
    version = _version()

    def values(self) -> dict[str, Any]:
        """Return what was typed, as the services take it."""
        return {
            "title": (self.title.data or "").strip(),
            "body": (self.body.data or "").replace("\r\n", "\n"),
        }

    def opened(self) -> int:
        """Return the number of the version that was opened."""
        return int(self.version.data or 0)


class PageForm(TextForm):
    """A page's own title and text."""


class AnnouncementForm(TextForm):
    """An announcement's text, and until when it stands on top."""

    pinned_until = DateField(
        _l("Keep on top until the end of"),
        description=_l("Leave empty to list it by its date alone."),
        validators=[Optional()],
    )

    def values(self) -> dict[str, Any]:
        """Return what was typed, as the services take it; pinned to the end of the day, that is the next midnight."""
        day = self.pinned_until.data
        return super().values() | {"pinned_until": clock.at(day + timedelta(days=1), time(0)) if day else None}


def last_day(pinned_until: datetime | None) -> Any:
    """Return the last day on which something is pinned, for the form's field."""
    return clock.local(pinned_until - timedelta(seconds=1)).date() if pinned_until else None
