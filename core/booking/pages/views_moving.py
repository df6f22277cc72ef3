"""The page on which a booking is moved to another time, session or machine."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from core.accounts.signing_in import login_required
from core.booking.pages import details
from core.booking.pages.moving import Moving
from core.errors import DomainError, Forbidden, NotFound, StateChanged


@login_required
def move(ref: str) -> ResponseReturnValue:
    """Show what a booking can move to and what changes, or move it; what was chosen is kept whatever is wrong."""
    sent = MultiDict(request.form) if request.method == "POST" else None
    moving = Moving.open(current_user, ref, given=request.args, sent=sent)
    if sent is None or moving.only_adjusted or not moving.form.validate():
        return render_template("booking/move.html", moving=moving), 422 if moving.form.errors else 200
    try:
        booking = moving.carry_out(current_user)
    except (NotFound, Forbidden):
        raise
    except StateChanged:
        flash(details.overtaken(current_user, ref), "wait")
        return redirect(url_for("booking.show", ref=ref))
    except DomainError as error:
        moving.refused(error)
        return render_template("booking/move.html", moving=moving), error.status
    flash(_("The booking is moved."), "good")
    return redirect(url_for("booking.show", ref=booking.ref))
