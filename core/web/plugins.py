"""The administrator's page of plugins, and the static files plugins bring."""

from flask import Blueprint, abort, flash, redirect, render_template, send_from_directory, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from core.accounts import roles
from core.accounts.signing_in import login_required
from core.plugins.facade import plugins
from core.web.switching import PERMISSION, switch

bp = Blueprint("plugins_manage", __name__)


@bp.get("/manage/plugins/")
@login_required
def index() -> ResponseReturnValue:
    """List the plugins: what works, what failed and why."""
    roles.require(current_user, PERMISSION)
    return render_template("plugins/index.html", records=plugins().records())


@bp.post("/manage/plugins/<slug>/enable")
@login_required
def enable(slug: str) -> ResponseReturnValue:
    """Switch a plugin on."""
    switch(actor=current_user, slug=slug, on=True)
    flash(_("The plugin is switched on."), "good")
    return redirect(url_for("plugins_manage.index"))


@bp.post("/manage/plugins/<slug>/disable")
@login_required
def disable(slug: str) -> ResponseReturnValue:
    """Switch a plugin off."""
    switch(actor=current_user, slug=slug, on=False)
    flash(_("The plugin is switched off. Its data stays."), "good")
    return redirect(url_for("plugins_manage.index"))


@bp.get("/bases/<slug>/static/<path:filename>")
def static(slug: str, filename: str) -> ResponseReturnValue:
    """Send a file from the static folder of an active plugin."""
    folder = plugins().folder(slug, "static") if plugins().is_active(slug) else None
    if folder is None:
        abort(404)
    return send_from_directory(folder, filename)
