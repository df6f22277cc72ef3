"""The page of one's own bearer tokens: made, shown once, revoked."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from core.accounts import api_tokens, limits
from core.accounts.blueprint import bp
from core.accounts.forms import NewToken
from core.accounts.signing_in import login_required


@bp.get("/account/tokens")
@login_required
def own_tokens() -> ResponseReturnValue:
    """List one's own tokens."""
    return _page(NewToken(formdata=None))


@bp.post("/account/tokens")
@login_required
def make_token() -> ResponseReturnValue:
    """Make a token, and show it this once."""
    form = NewToken()
    if not form.validate_on_submit():
        return _page(form), 422
    limits.spend("token", limits.Limit("30 per hour", str(current_user.id)))
    actor_id = current_user.id
    made = api_tokens.create(user_id=actor_id, label=form.label.data or "", days=form.lasting(), actor_id=actor_id)
    return _page(NewToken(formdata=None), made=made)


@bp.post("/account/tokens/<int:token_id>/revoke")
@login_required
def revoke_token(token_id: int) -> ResponseReturnValue:
    """End one of one's own tokens."""
    api_tokens.revoke(user_id=current_user.id, token_id=token_id, actor_id=current_user.id)
    flash(_("The token has been revoked. Nothing can use it any more."), "good")
    return redirect(url_for("accounts.own_tokens"))


def _page(form: NewToken, made: str = "") -> str:
    rows = api_tokens.tokens_of(current_user.id)
    return render_template("accounts/tokens.html", form=form, rows=rows, made=made)
