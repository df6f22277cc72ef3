"""What a base's manager sets over the plugin's declaration."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from core import audit, errors
from core.accounts import roles
from core.accounts.models import User
from core.bases.hours import Spans, by_day
from core.bases.models import Base, OpeningHours
from core.db import write
from core.localised import LANGUAGES


def change(*, actor: User, base_id: int, summary: str, contact: str, hours: Sequence[Spans]) -> Base:
    """Set a base's summary, contact and opening hours. What is empty, or as declared, follows the declaration again.

    Args:
        actor: who changes them.
        base_id: the base.
        summary: what happens there; "" for the declared one.
        contact: how to reach it, public; "" for none.
        hours: spans of each weekday, Monday first; all empty for the declared ones.

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
        _set_hours(session, base, hours)
        audit.record(session, actor_id=actor.id, action="base.settings", subject=f"base:{base.id}")
    return base


def _set_hours(session: Session, base: Base, hours: Sequence[Spans]) -> None:
    declared = [span for span in base.hours if span.declared]
    for span in [span for span in base.hours if not span.declared]:
        base.hours.remove(span)
    session.flush()  # the old rows must be gone before new ones of the same times come
    if not any(hours) or list(hours) == by_day(declared):
        return
    for weekday, spans in enumerate(hours):
        for opens, closes in spans:
            base.hours.append(OpeningHours(weekday=weekday, opens=opens, closes=closes, declared=False))
