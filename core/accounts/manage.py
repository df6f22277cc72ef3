"""Pages for the office and the administrator: who has an account, and with which roles."""

from typing import TypeVar

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from core.accounts import queries, users
from core.accounts.blueprint import bp
from core.accounts.forms import ROLES, GrantRole, Invite, show
from core.accounts.models import User
from core.accounts.roles import Role, require
from core.accounts.signing_in import login_required
from core.errors import Invalid

F = TypeVar("F", bound=GrantRole)


@bp.get("/manage/users/", endpoint="users")
@login_required
def index() -> ResponseReturnValue:
    """List the users, by name or part of it."""
    require(current_user, users.PERMISSION)
    text = request.args.get("q", "").strip()[:100]
    page = queries.users(text=text, page=request.args.get("page", 1, type=int))
    return render_template("accounts/users.html", page=page, text=text, roles=ROLES)


@bp.route("/manage/users/invite", methods=["GET", "POST"])
@login_required
def invite() -> ResponseReturnValue:
    """Invite somebody by mail."""
    require(current_user, users.PERMISSION)
    form = _offered(Invite())
    if form.validate_on_submit():
        email, name, language = form.email.data or "", form.name.data or "", form.language.data or None
        try:
            invited = users.invite(actor=current_user, email=email, name=name, language=language, **form.chosen())
        except Invalid as error:
            show(form, error)
        else:
            flash(_("The invitation for %(email)s is in the outbox.", email=invited.email), "good")
            return redirect(url_for("accounts.user", user_id=invited.id))
    return render_template("accounts/invite.html", form=form), 422 if form.is_submitted() else 200


@bp.get("/manage/users/<int:user_id>")
@login_required
def user(user_id: int) -> ResponseReturnValue:
    """Show a user, with everything that can be changed."""
    require(current_user, users.PERMISSION)
    return _page(queries.user(user_id), _offered(GrantRole()))


@bp.post("/manage/users/<int:user_id>/roles")
@login_required
def grant(user_id: int) -> ResponseReturnValue:
    """Give a user a role."""
    require(current_user, users.PERMISSION)
    form = _offered(GrantRole())
    if form.validate_on_submit():
        try:
            users.grant(actor=current_user, user_id=user_id, **form.chosen())
        except Invalid as error:
            show(form, error)
        else:
            return _back(user_id, _("The role has been given."))
    return _page(queries.user(user_id), form), 422


@bp.post("/manage/users/<int:user_id>/roles/<int:grant_id>/revoke")
@login_required
def revoke(user_id: int, grant_id: int) -> ResponseReturnValue:
    """Take a role from a user."""
    users.revoke(actor=current_user, user_id=user_id, grant_id=grant_id)
    return _back(user_id, _("The role has been taken away."))


@bp.post("/manage/users/<int:user_id>/invitation")
@login_required
def invite_again(user_id: int) -> ResponseReturnValue:
    """Send a new invitation."""
    users.invite_again(actor=current_user, user_id=user_id)
    return _back(user_id, _("A new invitation is in the outbox; the earlier link no longer works."))


@bp.post("/manage/users/<int:user_id>/deactivate")
@login_required
def deactivate(user_id: int) -> ResponseReturnValue:
    """Keep a user out."""
    users.set_active(actor=current_user, user_id=user_id, active=False)
    return _back(user_id, _("The account is deactivated; its sessions have ended."))


@bp.post("/manage/users/<int:user_id>/activate")
@login_required
def activate(user_id: int) -> ResponseReturnValue:
    """Let a user in again."""
    users.set_active(actor=current_user, user_id=user_id, active=True)
    return _back(user_id, _("The account is active again."))


def _back(user_id: int, message: str) -> ResponseReturnValue:
    flash(message, "good")
    return redirect(url_for("accounts.user", user_id=user_id))


def _page(shown: User, form: GrantRole) -> str:
    return render_template("accounts/user.html", user=shown, form=form, roles=ROLES)


def _offered(form: F) -> F:
    """Let a form offer the roles that the present user may give."""
    roles = [role for role in Role if role != Role.ADMINISTRATOR or current_user.holds(Role.ADMINISTRATOR)]
    form.offer(roles, queries.scopes("base"), queries.scopes("organisation"))
    return form
