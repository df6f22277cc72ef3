"""Switching plugins on and off from the administrator's page."""

from flask_babel import lazy_gettext as _l

from core import db
from core.accounts import roles
from core.accounts.models import User
from core.errors import NotFound
from core.plugins import state
from core.plugins.facade import plugins


def switch(*, actor: User, slug: str, on: bool) -> None:
    """Switch a plugin on or off; every process of the site follows at its next request.

    Raises:
        Forbidden: the actor is no administrator.
        NotFound: there is no such plugin.
    """
    with db.write() as session:
        actor = session.get_one(User, actor.id)
        roles.require(actor, "plugin.manage")
        if plugins().find(slug) is None and slug not in state.read().rows:
            raise NotFound(_l("There is no plugin %(slug)s.", slug=slug))
        state.enable(session, slug, on, actor_id=actor.id)
