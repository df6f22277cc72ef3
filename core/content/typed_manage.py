"""Pages on which items of plugins' types are written, and where what is left of a type that is gone can be read."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import Markup

from core.accounts import roles
from core.bases.models import Base
from core.content import editor, queries, typed_queries, types
from core.content.autosaves import Desk
from core.content.manage import where_may_write
from core.content.models import STATES
from core.content.snapshots import working
from core.content.typed_forms import form_of
from core.content.types import Type
from core.errors import NotFound

bp = Blueprint("content_typed", __name__)


@bp.get("/manage/<scope>/content/<type>/")
def items(scope: str, type: str) -> str:  # noqa: A002
    """List what was written of a type at a base, in every state."""
    base, kind = _where(scope, type)
    state = request.args.get("state")
    state = state if state in STATES else None
    return render_template(
        "content/manage/typed_list.html",
        base=base,
        scope=scope,
        kind=kind,
        listed=queries.to_write(kind.name, base, state, request.args.get("page", 1, type=int)),
        state=state,
        states=STATES,
    )


@bp.route("/manage/<scope>/content/<type>/new", methods=["GET", "POST"])
def new(scope: str, type: str) -> ResponseReturnValue:  # noqa: A002
    """Write a new item of a type."""
    base, kind = _where(scope, type)
    desk = Desk(kind.name, base.id)
    return editor.write_new(base, editor.opened(form_of(kind), desk, {}), desk)


@bp.route("/manage/<scope>/content/<type>/<int:id>", methods=["GET", "POST"])
def edit(scope: str, type: str, id: int) -> ResponseReturnValue:  # noqa: A002
    """Change an item of a type."""
    base, kind = _where(scope, type)
    return editor.write_on(base, id, kind.name, form_of(kind))


@bp.get("/manage/consortium/left-content/")
def left() -> str:
    """List the items whose type no active plugin declares: they stay, for who looks after the site."""
    roles.require(current_user, "content.consortium")
    listed = typed_queries.left(request.args.get("page", 1, type=int))
    return render_template("content/manage/left.html", listed=listed)


@bp.get("/manage/consortium/left-content/<int:id>")
def left_item(id: int) -> str:  # noqa: A002
    """Show an item whose type no active plugin declares, by the schema that is kept of it."""
    roles.require(current_user, "content.consortium")
    item = typed_queries.find_left(id)
    texts = working(item)
    body = Markup(texts.body)  # noqa: S704 - cleaned when it was saved
    return render_template("content/manage/left_item.html", item=item, texts=texts, body=body)


def _where(scope: str, slug: str) -> tuple[Base, Type]:
    """Return the base of a scope and its type of this slug; refuse whoever may not write there.

    Raises:
        NotFound: there is none: the consortium has no types of its own.
    """
    base = where_may_write(scope)
    kind = types.find(f"{scope}.{slug}")
    if base is None or kind is None:
        raise NotFound
    return base, kind
