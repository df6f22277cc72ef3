"""A page that a plugin ships and somebody has written over: comparing it with its file, and giving it back."""

from flask_babel import gettext as _

from core import clock, errors
from core.accounts.models import User
from core.content import references, writing
from core.content.models import Item
from core.content.permissions import may_publish
from core.content.snapshots import Texts, public, put
from core.db import write
from core.localised import LANGUAGES


def news(item: Item) -> str:
    """Say how a page stands to its file.

    Returns:
        "": no file is shipped for it; `shipped`: it is as shipped; `owned`: it has an own text; `changed`: it has, and
        the file has changed since somebody compared them; `withdrawn`: it has, and the file is no longer shipped.
    """
    if item.declared is None:
        return ""
    if not item.owned:
        return "shipped"
    if "withdrawn" in item.declared:
        return "withdrawn"
    return "changed" if "changed" in item.declared else "owned"


def restore(*, actor: User, item_id: int, version: int) -> Item:
    """Give a page back to its file: what is shipped is public at once, and follows the file from now on.

    The own text stays in the page's history; a change that was pending is dropped.

    Raises:
        EditedMeanwhile: the text is no longer the one of this version.
        errors.StateChanged: there is no shipped text to restore, or the page is archived.
        errors.Forbidden, errors.NotFound: the actor may not, or there is no such page.
    """
    with write() as session:
        item = _shipped(writing.locked(session, item_id), actor)
        writing.require_version(item, version)
        declared = item.declared
        if declared is None or "withdrawn" in declared or item.state == "archived":
            raise errors.StateChanged(_("There is no shipped text to restore here."))
        title, body = declared["title"][LANGUAGES[0]], declared["body"][LANGUAGES[0]]
        put(item, Texts(title=title, body=body, publish_at=clock.now()))
        item.declared = {name: value for name, value in declared.items() if name != "changed"}
        item.owned, item.state = False, "published"
        item.pending, item.pending_review = None, False
        references.forget(session, item, live=False)
        writing.record(session, item, public(item), act="restore_shipped", actor_id=actor.id)
        references.note(session, item, public(item), live=True)
    return item


def keep(*, actor: User, item_id: int) -> Item:
    """Keep the own text of a page whose file has changed: the change is no longer told.

    Raises:
        errors.Forbidden, errors.NotFound: the actor may not, or there is no such page.
    """
    with write() as session:
        item = _shipped(writing.locked(session, item_id), actor)
        if item.declared is not None:
            item.declared = {name: value for name, value in item.declared.items() if name != "changed"}
    return item


def _shipped(item: Item, actor: User) -> Item:
    if item.declared is None:
        raise errors.NotFound
    if not may_publish(actor, item.base_id):
        raise errors.Forbidden
    return item
