"""Switching plugins on and off from the administrator's page."""

from core import db
from core.accounts import roles
from core.accounts.models import User
from core.plugins.facade import plugins

PERMISSION = "plugin.manage"


def switch(*, actor: User, slug: str, on: bool) -> None:
    """Switch a plugin on or off; every process of the site follows at its next request.

    Raises:
        Forbidden: the actor is no administrator.
        NotFound: there is no such plugin.
    """
    with db.write() as session:
        actor = session.get_one(User, actor.id)
        roles.require(actor, PERMISSION)
        plugins().switch(session, slug, on=on, actor_id=actor.id)
