"""Forms with which the office arranges the portal and sets its frame."""

from datetime import datetime, time, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, Regexp

from core import clock
from core.content import markdown
from core.content.categories import CATEGORIES
from core.content.frame import LONGEST_BANNER, LONGEST_FOOTER, RECORD
from core.content.models import LONGEST_TITLE, Frame, Section
from core.content.sections import KINDS, MOST_ROWS
from core.forms import DayField, Form, option

LONGEST_BODY = 50_000
TOO_LONG = _l("At most %(max)d characters, please.")


def _version() -> HiddenField:
    return HiddenField(default="0", validators=[Regexp(r"\d{1,9}$", message=_l("Please open this page again."))])


class SectionForm(Form):
    """A section's words and settings; fields that its kind does not use are taken out.

    `format` says in what the text was typed: `html` by the editor, anything else is Markdown.
    """

    title = StringField(
        _l("Heading"),
        description=_l("Leave empty for the usual one."),
        validators=[Length(max=LONGEST_TITLE, message=TOO_LONG)],
    )
    body = TextAreaField(_l("Text"), validators=[Length(max=LONGEST_BODY, message=TOO_LONG)], render_kw={"rows": 12})
    format = HiddenField()
    count = IntegerField(
        _l("How many"),
        description=_l("From 1 to %(most)s.", most=MOST_ROWS),
        validators=[InputRequired(_l("Please choose a number from 1 to %(most)s.", most=MOST_ROWS))],
        render_kw={"min": 1, "max": MOST_ROWS},
    )
    category = SelectField(_l("Category"))
    version = _version()

    def __init__(self, section: Section, **kwargs: Any) -> None:
        """Show a section's values; `kwargs` as for `FlaskForm`."""
        settings = dict(KINDS[section.kind].settings) | dict(section.settings)
        values = settings | {"title": section.title, "body": section.body, "version": str(section.version)}
        values["format"] = "html" if section.body else ""
        super().__init__(**{"data": values} | kwargs)
        used = {"title", "version", "csrf_token", *KINDS[section.kind].settings} | (
            {"body", "format"} if section.kind == "text" else set()
        )
        for name in [field.short_name for field in self if field.short_name not in used]:
            del self[name]
        if "category" in self:
            self.category.choices = [option("", _l("All categories")), *(option(*pair) for pair in CATEGORIES.items())]

    def words(self) -> dict[str, Any]:
        """Return what was typed, as `sections.change` takes it."""
        settings = {name: self[name].data for name in ("count", "category") if name in self}
        body = (self.body.data or "") if "body" in self else ""
        if body and self.format.data != "html":
            body = str(markdown.render(body))
        return {"title": self.title.data or "", "body": body, "settings": settings}

    def opened(self) -> int:
        """Return the version that was opened."""
        return int(self.version.data or 0)


class FrameForm(Form):
    """What stands around every public page."""

    banner = StringField(
        _l("Line on top of every page"),
        description=_l("One sentence that everybody must see, such as days on which all bases are closed."),
        validators=[Length(max=LONGEST_BANNER, message=TOO_LONG)],
    )
    last_day = DayField(
        _l("Show it until the end of"),
        description=_l("Leave empty to show it until you take it away."),
        validators=[Optional()],
    )
    footer = TextAreaField(
        _l("Lines at the foot of every page"),
        description=_l("Address, telephone number and office hours, for example."),
        validators=[Length(max=LONGEST_FOOTER, message=TOO_LONG)],
        render_kw={"rows": 4},
    )
    icp = StringField(
        _l("ICP record number"),
        description=_l("Sites on servers in mainland China must show it; it leads to the ministry's register."),
        validators=[
            Optional(),
            Regexp(
                rf"\s*{RECORD.pattern}\s*$",
                message=_l("Please write the number as the register has it, such as 渝ICP备12345678号-1."),
            ),
        ],
    )
    version = _version()

    def __init__(self, frame: Frame, **kwargs: Any) -> None:
        """Show how the frame stands; `kwargs` as for `FlaskForm`."""
        until = frame.banner_until
        last_day = clock.local(until - timedelta(seconds=1)).date() if until else None
        values = {"banner": frame.banner, "last_day": last_day, "footer": frame.footer, "icp": frame.icp}
        super().__init__(**{"data": values | {"version": str(frame.version)}} | kwargs)

    def words(self) -> dict[str, Any]:
        """Return what was typed, as `frame.set_frame` takes it; a day means its end."""
        day = self.last_day.data
        until: datetime | None = clock.at(day + timedelta(days=1), time()) if day else None
        return {
            "banner": self.banner.data or "",
            "banner_until": until,
            "footer": self.footer.data or "",
            "icp": self.icp.data or "",
        }

    def opened(self) -> int:
        """Return the version that was opened."""
        return int(self.version.data or 0)
