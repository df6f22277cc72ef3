"""What can go wrong when content is written."""

from flask_babel import lazy_gettext as _l

from core.content.models import Announcement, Page
from core.errors import StateChanged


class EditedMeanwhile(StateChanged):
    """Somebody else saved the text since the writer opened it; nothing of either is lost.

    Attributes:
        version: number of the version that is saved now.
        title, body: what is saved now.
    """

    def __init__(self, saved: Announcement | Page) -> None:
        super().__init__(_l("Somebody else has saved this in the meantime. Please bring both texts together."))
        self.version = saved.version
        self.title = saved.title
        self.body = saved.body
