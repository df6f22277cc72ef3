"""What waits for somebody across bases, approving several at once, and letting another account decide."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from core import clock
from core.accounts.signing_in import login_required
from core.booking import deciding, delegations, workflow
from core.booking.pages import words
from core.booking.pages.forms import refuse
from core.booking.pages.lending import DelegationForm, bases_to_lend
from core.errors import Forbidden, Invalid, StateChanged


@login_required
def waiting() -> str:
    """List everything that waits for the reader, by deadline."""
    return _waiting_page([])


@login_required
def approve() -> ResponseReturnValue:
    """Approve what was marked, each by itself, and report on each (`ref:version`, as the list showed it)."""
    if not _concerned():
        raise Forbidden
    marked = list(dict.fromkeys(request.form.getlist("marked")))[: deciding.MOST]
    if not marked:
        flash(_("Nothing is marked. Please mark what you want to approve."), "wait")
        return redirect(url_for("booking.waiting"))
    report = [words.reported(entry) for entry in workflow.approve_each(actor=current_user, marked=marked)]
    return _waiting_page(report)


@login_required
def lend() -> ResponseReturnValue:
    """Show who decides for whom, and let another account decide for some days."""
    given, got = delegations.known(current_user)
    if not (_concerned() or got):
        raise Forbidden
    form = DelegationForm(data={"first_day": clock.today(), "last_day": clock.today()})
    form.base.choices = bases_to_lend(current_user)
    if form.validate_on_submit():
        try:
            delegations.give(actor=current_user, **form.content())
        except Invalid as error:
            refuse(form, error.problems)
        else:
            flash(_("From then on, this account decides in your place."), "good")
            return redirect(url_for("booking.delegations"))
    status = 422 if form.errors else 200
    lends = delegations.decides_somewhere(current_user)
    return render_template("manage/delegations.html", form=form, given=given, got=got, lends=lends), status


@login_required
def end(id: int) -> ResponseReturnValue:  # noqa: A002
    """End a delegation early."""
    try:
        delegations.end(actor=current_user, delegation_id=id)
    except StateChanged as error:
        flash(str(error), "wait")
    else:
        flash(_("It is ended."), "good")
    # Who has only stood in for somebody has nothing more to do there.
    return redirect(url_for("booking.delegations" if _concerned() else "web.portal"))


def _concerned() -> bool:
    """Say whether the reader decides on bookings at all, or stands in for one who does."""
    return delegations.concerns(current_user)


def _waiting_page(report: list[words.Reported]) -> str:
    if not _concerned():
        raise Forbidden
    return render_template("manage/to_decide.html", waiting=deciding.waiting_for(current_user), report=report)
