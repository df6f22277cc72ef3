"""Pages about bases: the list, and the settings a manager may change. Its home page is in `core/content/home.py`."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from core.accounts import roles
from core.bases import queries, settings
from core.bases.forms import SettingsForm
from core.caching import public_page

bp = Blueprint("bases", __name__)


@bp.get("/bases/")
@public_page("content")
def index() -> str:
    """List the bases."""
    return render_template("bases/index.html", bases=queries.visible_bases())


@bp.route("/manage/<base>/settings", methods=["GET", "POST"], endpoint="settings")
def change_settings(base: str) -> ResponseReturnValue:
    """Let a manager set a base's summary and contact."""
    row = queries.find_base(base)
    roles.require(current_user, "base.settings", base_id=row.id)
    form = SettingsForm.of(row)
    if not form.validate_on_submit():
        return render_template("bases/settings.html", base=row, form=form), 422 if form.errors else 200
    settings.change(
        actor=current_user,
        base_id=row.id,
        summary=(form.summary.data or "").strip(),
        contact=(form.contact.data or "").strip(),
        reviews_content=bool(form.reviews_content.data),
    )
    flash(_("The settings are saved. Visitors see them now."), "good")
    return redirect(url_for(".settings", base=base))
