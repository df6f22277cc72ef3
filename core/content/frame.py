"""What stands around every public page: banner, footer, record number, and the portal's own pages.

Every page needs it, so each process keeps it for as long as no content has changed (`core/versions.py`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit, clock, errors, versions
from core.accounts.models import User
from core.accounts.roles import require
from core.content.models import PAGE, Frame, Item
from core.db import db, write

LONGEST_BANNER = 200
LONGEST_FOOTER = 1000
RECORD = re.compile(r"[\u4e00-\u9fff]ICP[备证]\d{5,12}号(-\d{1,3})?")
"""A site's record number as the ministry's register writes it: province, “ICP备”, number, “号”, number of the site."""

_KEPT = "jidi_frame"


@dataclass(frozen=True)
class PageLink:
    """A page of the portal in the navigation, and when it is public."""

    title: str
    path: str
    publish_at: datetime
    expire_at: datetime | None


@dataclass(frozen=True)
class Around:
    """The frame as it was set; `banner_now` and `pages_now` look at the clock."""

    banner: str = ""
    banner_until: datetime | None = None
    icp: str = ""
    footer: str = ""
    pages: Sequence[PageLink] = ()

    @property
    def banner_now(self) -> str:
        """The line to show on top of public pages now, or ""."""
        return self.banner if self.banner_until is None or self.banner_until > clock.now() else ""

    @property
    def pages_now(self) -> list[PageLink]:
        """The portal's pages of the first level that visitors may read now, in their order."""
        now = clock.now()
        return [
            page for page in self.pages if page.publish_at <= now and (page.expire_at is None or page.expire_at > now)
        ]


class FrameChanged(errors.StateChanged):
    """Somebody else has set the frame since it was opened; `saved` is how it stands now."""

    def __init__(self, saved: Frame) -> None:
        super().__init__(_l("Somebody else has saved this in the meantime. Please bring both texts together."))
        self.saved = saved


def around() -> Around:
    """Return the frame as set; costs one small read unless content has changed."""
    version = versions.read(db.engine).get("content", 0)
    kept = cast("tuple[int, Around] | None", current_app.extensions.get(_KEPT))
    if kept is None or kept[0] != version:
        kept = (version, _read())
        current_app.extensions[_KEPT] = kept
    return kept[1]


def _read() -> Around:
    """Read on a connection of its own: the request's may still see what was before the version that was just read."""
    shown = (Item.type == PAGE, Item.base_id.is_(None), Item.parent_id.is_(None), Item.state == "published")
    links = select(Item.title, Item.path, Item.publish_at, Item.expire_at).where(
        *shown, Item.trashed_at.is_(None), Item.in_navigation
    )
    with db.engine.connect() as connection:
        row = connection.execute(
            select(Frame.banner, Frame.banner_until, Frame.icp, Frame.footer).order_by(Frame.id).limit(1)
        ).first()
        found = connection.execute(links.order_by(Item.position, Item.path))
        pages = tuple(PageLink(title, path, start, end) for title, path, start, end in found if start is not None)
    return Around(*row, pages=pages) if row else Around(pages=pages)


def opened() -> Frame:
    """Return the frame for those who set it; a new one where it was never set."""
    return db.session.scalar(select(Frame).order_by(Frame.id).limit(1)) or Frame(
        banner="", icp="", footer="", version=0
    )


def set_frame(*, actor: User, version: int, banner: str, banner_until: datetime | None, icp: str, footer: str) -> Frame:
    """Set what stands around every public page.

    Args:
        actor: who sets it.
        version: of the frame that was opened; 0 when it had never been set.
        banner: a line on top of every page; "" for none.
        banner_until: until when it is shown; None: until it is taken away.
        icp: record number of the site; "" for none.
        footer: lines at the foot, plain text.

    Raises:
        FrameChanged: it has been set since.
        errors.Invalid: a text is too long, or the record number is none.
        errors.Forbidden: the actor may not.
    """
    banner, icp = " ".join(banner.split()), "".join(icp.split())
    footer = "\n".join(" ".join(line.split()) for line in footer.strip().splitlines())
    _check(banner, icp, footer)
    with write() as session:
        require(actor, "content.consortium")
        frame = _locked(session)
        if frame.version != version:
            raise FrameChanged(frame)
        frame.banner, frame.banner_until, frame.icp, frame.footer = banner, banner_until, icp, footer
        frame.version = version + 1
        session.add(frame)
        audit.record(session, actor_id=actor.id, action="portal.frame", subject="portal")
    return frame


def _locked(session: Session) -> Frame:
    row = session.scalar(select(Frame).order_by(Frame.id).limit(1).with_for_update())
    return row or Frame(id=1, banner="", icp="", footer="", version=0)


def _check(banner: str, icp: str, footer: str) -> None:
    wrong = {}
    for name, text, most in (("banner", banner, LONGEST_BANNER), ("footer", footer, LONGEST_FOOTER)):
        if len(text) > most:
            wrong[name] = _("At most %(max)d characters, please.") % {"max": most}
    if icp and not RECORD.fullmatch(icp):
        wrong["icp"] = _("Please write the number as the register has it, such as 渝ICP备12345678号-1.")
    if wrong:
        raise errors.Invalid(wrong)
