"""Forms for writing announcements and pages."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, Regexp

from core import clock
from core.content.models import LONGEST_TITLE
from core.content.snapshots import Texts
from core.forms import Form

LONGEST_BODY = 200_000

NOT_BLANK = Regexp(r"(?s).*\S", message=_l("Please write something here."))


def _title() -> StringField:
    length = Length(max=LONGEST_TITLE, message=_l("At most %(max)d characters, please."))
    return StringField(_l("Title"), validators=[InputRequired(_l("Please write a title.")), NOT_BLANK, length])


def _body() -> TextAreaField:
    length = Length(max=LONGEST_BODY, message=_l("At most %(max)d characters, please."))
    return TextAreaField(
        _l("Text"),
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

    def texts(self, opened: Texts | None = None) -> Texts:
        """Return what was typed, over the texts that were opened."""
        title, body = self.title.data or "", (self.body.data or "").replace("\r\n", "\n")
        return replace(opened, title=title, body=body) if opened else Texts(title=title, body=body)

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

    def texts(self, opened: Texts | None = None) -> Texts:
        """Return what was typed; pinned to the end of the day, that is the next midnight."""
        day = self.pinned_until.data
        until = clock.at(day + timedelta(days=1), time(0)) if day else None
        return replace(super().texts(opened), pinned_until=until)


def last_day(pinned_until: datetime | None) -> date | None:
    """Return the last day on which something is pinned, for the form's field."""
    return clock.local(pinned_until - timedelta(seconds=1)).date() if pinned_until else None
