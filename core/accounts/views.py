"""Pages of one's own account: signing in and out, profile, password, invitation."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from core.accounts import (
    limits,
    manage,  # noqa: F401 - adds its pages to the blueprint
    own,
    own_tokens,  # noqa: F401 - adds its pages to the blueprint
    signing_in,
    tokens,
)
from core.accounts.blueprint import bp
from core.accounts.forms import ChangePassword, Forgot, Invitation, NewPassword, Profile, SignIn, show
from core.accounts.signing_in import login_required
from core.errors import Invalid

__all__ = ["bp"]


@bp.route("/account/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """Ask for e-mail and password, and go back to where the reader came from."""
    form = SignIn()
    wanted = signing_in.inside(form.next.data or request.args.get("next")) or signing_in.came_from()
    if current_user.is_authenticated and not form.is_submitted():
        return redirect(wanted or signing_in.landing(current_user))
    form.next.data = wanted or ""
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            user = signing_in.check(form.email.data or "", form.password.data or "")
        except limits.TooMany as error:
            show(form, error)
            status = error.status
        else:
            if user is not None:
                signing_in.start(user)
                return redirect(wanted or signing_in.landing(user))
            show(form, Invalid({"": _("E-mail and password do not fit together. Check both, or set a new password.")}))
    return render_template("accounts/sign_in.html", form=form), status


@bp.post("/account/sign-out")
def sign_out() -> ResponseReturnValue:
    """End the session."""
    signing_in.end()
    flash(_("You have signed out."), "good")
    return redirect(url_for("web.portal"))


@bp.route("/account/", methods=["GET", "POST"])
@login_required
def home() -> ResponseReturnValue:
    """Show and change one's own profile."""
    form = Profile(obj=current_user)
    if form.validate_on_submit():
        own.change_profile(
            actor=current_user, name=form.name.data or "", phone=form.phone.data, language=form.language.data
        )
        flash(_("Your profile has been saved."), "good")
        return redirect(url_for("accounts.home"))
    page = render_template("accounts/home.html", form=form, password_form=ChangePassword(formdata=None))
    return page, 422 if form.is_submitted() else 200


@bp.post("/account/password")
@login_required
def password() -> ResponseReturnValue:
    """Change one's own password; this session goes on as a new one, all others end."""
    form = ChangePassword()
    if form.validate_on_submit():
        try:
            limits.spend("password", limits.Limit("10 per 10 minutes", str(current_user.id)))
            user = own.change_password(
                actor=current_user, current=form.current.data or "", new=form.password.data or ""
            )
        except (Invalid, limits.TooMany) as error:
            show(form, error)
        else:
            signing_in.start(user)
            flash(_("Your password has been changed. All other sessions have ended."), "good")
            return redirect(url_for("accounts.home"))
    profile = Profile(formdata=None, obj=current_user)
    return render_template("accounts/home.html", form=profile, password_form=form), 422


@bp.route("/account/forgot", methods=["GET", "POST"])
def forgot() -> ResponseReturnValue:
    """Send a link to set a new password; the answer is the same whether there is such an account or not."""
    form = Forgot()
    email = (form.email.data or "").strip().lower()
    if not form.validate_on_submit():
        return render_template("accounts/forgot.html", form=form), 422 if form.errors else 200
    try:
        limits.spend(
            "forgot",
            limits.Limit("5 per hour", email),
            limits.Limit("30 per hour", limits.address()),
        )
    except limits.TooMany as error:
        show(form, error)
        return render_template("accounts/forgot.html", form=form), error.status
    own.forgot(email)
    return render_template("accounts/forgot_sent.html", email=email)


@bp.route("/account/reset/<token>", methods=["GET", "POST"])
def reset(token: str) -> ResponseReturnValue:
    """Set a new password with a link from a mail."""
    user = tokens.holder(token, "reset")
    return _with_link(NewPassword(), token, "reset", "accounts/reset.html", email=user.email)


@bp.route("/account/invitation/<token>", methods=["GET", "POST"])
def invitation(token: str) -> ResponseReturnValue:
    """Begin to use an account one was invited to."""
    user = tokens.holder(token, "invitation")
    return _with_link(Invitation(obj=user), token, "invitation", "accounts/invitation.html", email=user.email)


def _with_link(form: NewPassword, token: str, purpose: str, template: str, *, email: str) -> ResponseReturnValue:
    """Show a form to set a password, or set it and sign in."""
    if form.validate_on_submit():
        try:
            limits.spend("link", limits.Limit("60 per hour", limits.address()))
            given = {name: form[name].data for name in ("name", "phone") if name in form}
            user = own.set_password(token=token, purpose=purpose, password=form.password.data or "", **given)
        except (Invalid, limits.TooMany) as error:
            show(form, error)
        else:
            signing_in.start(user)
            flash(_("Your password is set, and you are signed in."), "good")
            return redirect(signing_in.landing(user))
    return render_template(template, form=form, email=email), 422 if form.is_submitted() else 200
