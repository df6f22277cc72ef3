"""The lists of what was written, and what is done from them; writing itself is in `editor.py`."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import Markup

from core.bases.models import Base
from core.bases.queries import find_base
from core.content import permissions, queries, workflow
from core.content.addresses import address
from core.content.models import ANNOUNCEMENT, STATES, Item
from core.errors import Forbidden, Invalid, StateChanged

bp = Blueprint("content_manage", __name__)

CONSORTIUM = "consortium"


@bp.get("/manage/<scope>/announcements/")
def announcements(scope: str) -> str:
    """List what was written in a base or for the consortium, in every state."""
    base = where_may_write(scope)
    state = request.args.get("state")
    state = state if state in STATES else None
    listed = queries.to_write(ANNOUNCEMENT, base, state, request.args.get("page", 1, type=int))
    return render_template(
        "content/manage/announcements.html",
        base=base,
        scope=scope,
        listed=listed,
        state=state,
        states=STATES,
        may_publish=permissions.may_publish(current_user, _id(base)),
    )


@bp.post("/manage/<scope>/announcements/<int:id>/publish")
def publish(scope: str, id: int) -> ResponseReturnValue:  # noqa: A002
    """Publish a draft from the list."""
    queries.find_to_write(where_may_write(scope), id, ANNOUNCEMENT)
    version = request.form.get("version", 0, type=int)
    try:
        item = workflow.publish(actor=current_user, item_id=id, version=version)
    except (Invalid, StateChanged) as error:
        flash(str(error), "bad")
        return redirect(url_for(".edit", scope=scope, id=id))
    flash(published_notice(scope, item), "good")
    return redirect(address(item) if item.is_public else url_for(".edit", scope=scope, id=id))


def where_may_write(scope: str) -> Base | None:
    """Return the base of a scope, or None for the consortium; refuse whoever may not write there."""
    base = None if scope == CONSORTIUM else find_base(scope)
    if not permissions.may_write(current_user, _id(base)):
        raise Forbidden
    return base


def published_notice(scope: str, item: Item) -> Markup:
    """Return the notice that something is public, with the way back: no question before, but ten minutes after."""
    return Markup(render_template("content/manage/published.html", item=item, scope=scope))  # noqa: S704 - a template


def _id(base: Base | None) -> int | None:
    return base.id if base else None
