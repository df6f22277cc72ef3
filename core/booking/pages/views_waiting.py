"""Accepting a place that is offered, leaving a form that keeps one, and the waiting lists a manager sees."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from core.accounts import roles
from core.accounts.signing_in import login_required
from core.bases.queries import any_base
from core.booking import holding, waiting
from core.booking.errors import TooLate
from core.booking.pages import lines
from core.errors import StateChanged


@login_required
def accept(ref: str) -> ResponseReturnValue:
    """Accept an offer; who comes too late is told on the booking's page."""
    try:
        booking = waiting.accept(actor=current_user, ref=ref, retry_key=request.form.get("retry-key"))
    except (StateChanged, TooLate) as error:
        flash(str(error), "wait")
        return redirect(url_for("booking.show", ref=ref))
    sure = booking.state == "confirmed"
    flash(_("Accepted: your place is certain.") if sure else _("Accepted. The base's manager decides."), "good")
    return redirect(url_for("booking.show", ref=ref))


@login_required
def release(ref: str) -> ResponseReturnValue:
    """Give back a place that was kept for a form: the browser says that the page was left."""
    holding.release(actor=current_user, ref=ref)
    return "", 204


def lists(base: str) -> str:
    """Show who waits at a base, in which order, and by which policy; a manager can move nobody up."""
    row = any_base(base)
    roles.require(current_user, "booking.decide", base_id=row.id)
    return render_template("manage/waiting.html", base=row, lines=lines.at_base(row))
