"""What the open writing page asks for while somebody types: keeping the text, and finding what to link to."""

from dataclasses import asdict

from flask import Blueprint, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import generate_csrf

from core import dates
from core.accounts.signing_in import inside
from core.content import autosaves, links, queries
from core.content.autosaves import Desk
from core.content.forms import MARK
from core.content.manage import where_may_write
from core.errors import Invalid, NotFound

bp = Blueprint("content_assist", __name__)

APART = frozenset({"csrf_token", "action", "desk-type", "desk-item"})
"""What a form sends beside what was typed."""


@bp.get("/manage/<scope>/autosave.json")
def token(scope: str) -> ResponseReturnValue:
    """Tell a page whose session has ended, and whose writer has signed in again elsewhere, how to go on."""
    where_may_write(scope)
    return jsonify(csrf_token=generate_csrf())


@bp.post("/manage/<scope>/autosave.json")
def keep(scope: str) -> ResponseReturnValue:
    """Keep what is being typed; answers when it was kept, as the page shows it."""
    base = where_may_write(scope)
    base_id = base.id if base else None
    key, version = request.form.get("key", ""), request.form.get("version", 0, type=int)
    if not MARK.fullmatch(key) or not 0 <= version < 10**9:
        return jsonify(message=_("Please open this page again.")), 422
    item_id = request.form.get("desk-item", type=int)
    kind = request.form.get("desk-type", "")[:60]
    try:
        if item_id is not None:
            kind = queries.find_to_write(base, item_id).type
        values = {name: texts for name, texts in request.form.to_dict(flat=False).items() if name not in APART}
        desk = Desk(kind, base_id, item_id)
        row = autosaves.keep(actor=current_user, key=key, desk=desk, version=version, values=values)
    except NotFound:
        return jsonify(message=_("This can no longer be changed. Please copy your text.")), 409
    except Invalid:
        return jsonify(message=_("This text is too long to be kept while you type. Please save it.")), 422
    return jsonify(saved=dates.hour(row.saved_at))


@bp.post("/manage/<scope>/autosaves/<key>/drop")
def drop(scope: str, key: str) -> ResponseReturnValue:
    """Throw away what was typed and not saved."""
    where_may_write(scope)
    kept = autosaves.find(current_user, key)
    if kept is None:
        raise NotFound
    autosaves.drop(current_user, key)
    flash(_("The text that was not saved is gone."), "good")
    return redirect(inside(request.form.get("next")) or url_for("content_manage.announcements", scope=scope))


@bp.get("/manage/<scope>/links.json")
def find_links(scope: str) -> ResponseReturnValue:
    """Find public pages and announcements to link to."""
    where_may_write(scope)
    return jsonify(items=[asdict(target) for target in links.find(request.args.get("q", ""))])
