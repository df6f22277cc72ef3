"""Everything that a reading page shows of an item, beside its own text."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for
from markupsafe import Markup

from core.bases.models import Base
from core.booking.pages.offers import SessionOffer
from core.content import listing, registration, sharing, tree
from core.content.attachments import Attachment, attached
from core.content.categories import label
from core.content.media.pictures import responsive
from core.content.models import ANNOUNCEMENT, PAGE, Item
from core.content.sharing import Sharing


@dataclass(frozen=True)
class Reading:
    """What a page shows.

    Attributes:
        body: the text as clean HTML.
        category: label of its category, or "".
        files: what hangs on it.
        offer: the session that it invites to, as it is now.
        calendar: address of its date as a calendar file, "" without one.
        trail, below: of a page, the pages above it from the top, and those right under it.
        older, newer: announcements that came just before and just after.
        sharing: what the page's head says.
    """

    body: Markup
    category: str
    files: Sequence[Attachment]
    offer: SessionOffer | None
    calendar: str
    trail: Sequence[Item]
    below: Sequence[Item]
    older: Item | None
    newer: Item | None
    sharing: Sharing


def read(item: Item, base: Base | None) -> Reading:
    """Return what a page shows of an item that is public, among the others at a base (None: everywhere)."""
    older, newer = listing.neighbours(item, base) if item.type == ANNOUNCEMENT else (None, None)
    return Reading(
        body=responsive(item.shown_body),
        category=label(item.category),
        files=attached([item]).get(item.id, []),
        offer=registration.offer(item),
        calendar=_calendar(item),
        trail=tree.trail(item) if item.type == PAGE else (),
        below=tree.below(item) if item.type == PAGE else (),
        older=older,
        newer=newer,
        sharing=sharing.of_item(item),
    )


def _calendar(item: Item) -> str:
    if item.event_start is None:
        return ""
    if item.base is None:
        return url_for("calendars.consortium_announcement_file", slug=item.path)
    return url_for("calendars.announcement_file", base=item.base.slug, slug=item.path)
