"""What a base's manager sets over the plugin's declaration, beside the hours (`setting_hours.py`)."""

from core import audit, errors
from core.accounts import roles
from core.accounts.models import User
from core.bases.models import Base
from core.db import write
from core.localised import LANGUAGES


def change(*, actor: User, base_id: int, summary: str, contact: str, reviews_content: bool) -> Base:
    """Set a base's summary, contact and way of publishing. An empty summary, or the declared one, follows the plugin.

    Args:
        actor: who changes them.
        base_id: the base.
        summary: what happens there; "" for the declared one.
        contact: how to reach it, public; "" for none.
        reviews_content: whether what publishers write waits for a manager.

    Raises:
        errors.Forbidden, errors.NotFound: the actor may not, or there is no such base.
    """
    with write() as session:
        base = session.get(Base, base_id, with_for_update=True)
        if base is None:
            raise errors.NotFound
        roles.require(actor, "base.settings", base_id=base.id)
        base.summary_set = summary if summary not in {"", base.declared["summary"][LANGUAGES[0]]} else None
        base.contact = contact
        base.reviews_content = reviews_content
        audit.record(session, actor_id=actor.id, action="base.settings", subject=f"base:{base.id}")
    return base
