"""Publishes the demo's items of content types, through the service that people use."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from core import clock
from core.accounts.models import User
from core.bases.models import Base
from core.content import markdown, writing
from core.content.models import Item
from core.content.snapshots import Texts
from core.db import db
from core.plugins.declarations import DemoContent


def publish(author: str, base: str, content: Sequence[DemoContent]) -> None:
    """Publish items of a base's types, each as many days ago as it says; what is there stays as it is.

    Args:
        author: e-mail address of who publishes.
        base: slug of the base, which is the plugin's.
        content: what to publish.
    """
    base_id = db.session.scalars(select(Base.id).where(Base.slug == base)).one()
    for entry in content:
        kind = f"{base}.{entry.type}"
        there = (Item.base_id == base_id, Item.type == kind, Item.slug == entry.slug)
        if db.session.scalar(select(Item.id).where(*there)) is not None:
            continue
        texts = Texts(
            title=entry.title,
            body=str(markdown.render(entry.body)),
            location=entry.location,
            fields=dict(entry.fields),
        )
        with clock.set_to(clock.now() - timedelta(days=entry.days_ago)):
            user = db.session.scalars(select(User).where(User.email == author)).one()
            writing.create(actor=user, base_id=base_id, kind=kind, slug=entry.slug, texts=texts, act=writing.PUBLISH)
