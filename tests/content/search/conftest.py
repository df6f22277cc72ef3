"""What the tests of the search share."""

import pytest

from core import clock, db
from core.content.events import MediaChanged
from core.content.media.models import MediaFile
from core.content.models import Item
from core.events import publish
from tests.booking.shop import Shop
from tests.content.conftest import Announce


@pytest.fixture
def attached(writers: Shop, announce: Announce) -> tuple[MediaFile, Item]:
    """A PDF whose text the library knows, attached to a public announcement."""
    now = clock.now()
    with db.write() as session:
        file = MediaFile(
            base_id=writers.base.id,
            name="附件一.pdf",
            type="application/pdf",
            size=9,
            key="k",
            text="浇注系统的设计要点",
            created_at=now,
            updated_at=now,
        )
        session.add(file)
        session.flush()
        publish(session, MediaChanged(file, None))
    return file, announce("技术资料", attachments=(file.id,), publish=True)
