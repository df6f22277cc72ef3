"""“Like last year's”: a new announcement that begins with the text of an old one, its times moved to the present."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select

from core import clock
from core.bases.models import Base
from core.content.models import ANNOUNCEMENT, Item
from core.content.queries import at
from core.content.richtext import plain
from core.content.snapshots import Happening, Texts, public
from core.db import db

WEEK = timedelta(days=7)
SHORTEST = timedelta(days=60)
"""From what age on an announcement is offered: younger ones are better changed themselves."""

SHOWN = 6
DATES = re.compile(
    r"(?:\d{4}\s*年\s*)?\d{1,2}\s*月\s*\d{1,2}\s*[日号]?|\d{4}\s*年(?:\s*\d{1,2}\s*月)?|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}"
    r"|(?:周|星期)[一二三四五六日天]"
)
"""Days, months and years as people write them."""


def like(item: Item) -> Texts:
    """Return an item's texts for a new one: end, pin and event moved by whole weeks to what is still ahead.

    A registration is not taken over: it was for a session that is past.
    """
    texts = public(item)
    ahead = _weeks(item.publish_at)
    return replace(
        texts,
        publish_at=None,
        expire_at=_moved(texts.expire_at, ahead),
        pinned_until=_moved(texts.pinned_until, ahead),
        session_id=None,
        event=_held(texts.event, ahead),
    )


def dates_in(texts: Texts) -> Sequence[str]:
    """Return the days, months and years named in title and text, each once: what the writer should look at again."""
    found = DATES.findall(f"{texts.title} {plain(texts.body)}")
    return list(dict.fromkeys(re.sub(r"\s", "", date) for date in found))


def candidates(base: Base | None) -> Sequence[Item]:
    """Return announcements of some time ago, those nearest to this day of the year first."""
    then = clock.now() - timedelta(days=364)
    old = select(Item).where(
        Item.type == ANNOUNCEMENT,
        at(base),
        Item.trashed_at.is_(None),
        Item.publish_at < clock.now() - SHORTEST,
        Item.publish_at > then - timedelta(days=200),
    )
    rows = db.session.scalars(old.order_by(Item.publish_at.desc()).limit(100)).all()
    return sorted(rows, key=lambda item: abs((item.publish_at or then) - then))[:SHOWN]


def _weeks(published: datetime | None) -> timedelta:
    """Return the least number of whole weeks after which a moment is no longer past: weekdays stay what they are."""
    if published is None or published >= clock.now():
        return timedelta(0)
    return WEEK * -(-(clock.now() - published) // WEEK)


def _moved(moment: datetime | None, ahead: timedelta) -> datetime | None:
    return moment + ahead if moment is not None else None


def _held(event: Happening | None, ahead: timedelta) -> Happening | None:
    return replace(event, start=event.start + ahead, end=event.end + ahead) if event is not None else None
