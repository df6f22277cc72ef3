"""What can go wrong when content is written or read."""

from flask_babel import lazy_gettext as _l

from core.content.models import Item
from core.content.snapshots import working
from core.errors import DomainError, StateChanged


class EditedMeanwhile(StateChanged):
    """Somebody else saved the text since the writer opened it; nothing of either is lost.

    Attributes:
        version: number of the version that is saved now.
        texts: what is saved now.
        title, body: of these.
    """

    def __init__(self, saved: Item) -> None:
        super().__init__(_l("Somebody else has saved this in the meantime. Please bring both texts together."))
        self.version = saved.version
        self.texts = working(saved)
        self.title = self.texts.title
        self.body = self.texts.body


class Gone(DomainError):
    """What was public here is no longer: archived, expired, or thrown away."""

    status = 410
    code = "gone"

    def __init__(self, item: Item) -> None:
        super().__init__(_l("This is no longer public."))
        self.item = item
