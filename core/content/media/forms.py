"""Forms of the media library."""

from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from core.content.media.keeping import LONGEST_ALT
from core.content.media.models import MediaFile
from core.content.media.names import LONGEST, LONGEST_FOLDER
from core.forms import Form


def _at_most(number: int) -> Length:
    return Length(max=number, message=_l("At most %(max)d characters, please."))


class DescribeForm(Form):
    """What a file is called, what it shows, and where it lies."""

    alt = StringField(
        _l("What the picture shows"),
        description=_l(
            "For people who cannot see it, such as “Students at the lathe”. Read out and shown in its place."
        ),
        validators=[_at_most(LONGEST_ALT)],
    )
    name = StringField(_l("File name"), validators=[InputRequired(_l("Please write a name.")), _at_most(LONGEST)])
    folder = StringField(
        _l("Folder"),
        description=_l("A new name makes a new folder."),
        validators=[_at_most(LONGEST_FOLDER)],
        render_kw={"list": "folders"},
    )

    @classmethod
    def of(cls, media: MediaFile) -> "DescribeForm":
        """Return the form for a file; one that is no picture is not asked what it shows."""
        form = cls(obj=media)
        if not media.is_picture:
            del form.alt
        return form

    def values(self) -> dict[str, str]:
        """Return what was typed, as `keeping.describe` takes it."""
        alt = self.alt.data if "alt" in self else ""
        return {"name": self.name.data or "", "folder": self.folder.data or "", "alt": alt or ""}
