"""Pages about following calendars: how (for everybody), and one's own secret addresses and app passwords."""

from flask import Blueprint, Response, current_app, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from core import errors
from core.accounts import limits
from core.accounts.forms import show
from core.accounts.signing_in import login_required
from core.calendars import access, collections, tokens
from core.calendars.collections import Calendar
from core.calendars.devices import device, is_inside_app
from core.calendars.following_forms import NewSecret
from core.calendars.ways import Ways, ways

bp = Blueprint("following", __name__)

MADE = "30 per hour"


@bp.get("/calendar/subscribe")
def page() -> Response:
    """Show how to follow a public calendar, first what fits the reader's device."""
    wanted = collections.find(request.args.get("calendar", "portal"))
    if wanted is None or not wanted.public:
        raise errors.NotFound
    mine = access.private_calendars(current_user) if current_user.is_authenticated else []
    answer = make_response(
        render_template(
            "calendars/subscribe.html",
            ways=_public(wanted),
            calendar=wanted,
            calendars=collections.public_calendars(),
            mine=mine,
        )
    )
    answer.vary.update(["User-Agent", "Sec-CH-UA-Platform"])
    return answer


@bp.get("/account/calendars")
@login_required
def mine() -> ResponseReturnValue:
    """List one's own calendars, and what follows them."""
    return _mine(NewSecret(formdata=None))


@bp.post("/account/calendars")
@login_required
def make() -> ResponseReturnValue:
    """Make a secret address or an app password, and show it this once."""
    form = NewSecret()
    form.offer(access.private_calendars(current_user))
    if not form.validate_on_submit():
        return _mine(form), 422
    limits.spend("calendar token", limits.Limit(MADE, str(current_user.id)))
    key = form.key
    try:
        secret = tokens.make(actor=current_user, key=key, label=form.label.data or "")
    except tokens.TooManyTokens as error:
        show(form, error)
        return _mine(form), error.status
    return _once(secret, key)


@bp.post("/account/calendars/<int:token_id>/rotate")
@login_required
def rotate(token_id: int) -> ResponseReturnValue:
    """Put a new secret in the place of one of one's own, and show it this once; the old one is dead."""
    limits.spend("calendar token", limits.Limit(MADE, str(current_user.id)))
    secret, key = tokens.rotate(actor=current_user, token_id=token_id)
    return _once(secret, key)


@bp.post("/account/calendars/<int:token_id>/revoke")
@login_required
def revoke(token_id: int) -> ResponseReturnValue:
    """End one of one's own secrets."""
    tokens.revoke(actor=current_user, token_id=token_id)
    flash(_("Revoked. Nothing can read your calendar with it any more."), "good")
    return redirect(url_for("following.mine"))


def _mine(form: NewSecret) -> str:
    calendars = access.private_calendars(current_user)
    form.offer(calendars)
    titles = {calendar.key: calendar.title for calendar in calendars}
    return render_template(
        "calendars/mine.html",
        form=form,
        calendars=calendars,
        titles=titles,
        rows=tokens.tokens_of(current_user.id),
        bases=collections.public_calendars(),
    )


def _once(secret: str, key: str) -> str:
    """Show a new secret. The page says nothing of it in its own address, and no cache keeps it (`no-store`)."""
    if key == tokens.ACCOUNT:
        return render_template("calendars/password.html", password=secret, server=_site() + url_for("calendars.caldav"))
    found = collections.find(key)
    if found is None:
        raise errors.NotFound
    return render_template("calendars/address.html", ways=_private(found, secret))


def _public(calendar: Calendar) -> Ways:
    name = calendar.key.replace(":", "-")
    return ways(
        site=_site(),
        title=calendar.title,
        path=calendar.path,
        account=f"{url_for('calendars.caldav')}calendars/{name}/",
        device=device(request.headers),
        inside_app=is_inside_app(request.headers),
        page=url_for("following.page", calendar=calendar.key),
    )


def _private(calendar: Calendar, secret: str) -> Ways:
    return ways(
        site=_site(),
        title=calendar.title,
        path=url_for("calendars.private_feed", token=secret),
        account=url_for("calendars.caldav"),
        device=device(request.headers),
        inside_app=is_inside_app(request.headers),
    )


def _site() -> str:
    return str(current_app.extensions["jidi_settings"].base_url).rstrip("/")
