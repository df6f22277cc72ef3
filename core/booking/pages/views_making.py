"""The booking form, and the form of a booking that was returned for change."""

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from core.accounts.signing_in import login_required
from core.bases.queries import find_base
from core.booking import making
from core.booking.pages import details, keeping, offers, returned
from core.booking.pages.draft import Draft
from core.errors import DomainError, Forbidden, NotFound
from core.intake import answers
from core.intake.forms import sent_to


@login_required
def book(base: str, kind: str) -> ResponseReturnValue:
    """Show the whole form of a kind, or make the booking; what was typed is kept whatever is wrong."""
    row = find_base(base)
    declared = offers.find_kind(row, kind)
    sent = sent_to(declared.fields)
    draft = Draft.open(current_user, row, declared, given=request.args, sent=sent)
    if sent is not None and keeping.KEEP in sent:
        return _keep(draft, sent)
    if request.method == "GET" or draft.only_adjusted or draft.needs_session or not draft.form.validate():
        return render_template("booking/book.html", base=row, draft=draft), 422 if draft.form.errors else 200
    try:
        booking = draft.submit(current_user, waitlist="wait" in request.form)
    except (NotFound, Forbidden):
        raise
    except DomainError as error:
        draft.refused(error)
        return render_template("booking/book.html", base=row, draft=draft), error.status
    return redirect(url_for("booking.show", ref=booking.ref, new=1))


def _keep(draft: Draft, sent: Mapping[str, Any]) -> ResponseReturnValue:
    """Keep a place while the form is filled in, keep it longer, or give it back and leave the form."""
    if sent[keeping.KEEP] == keeping.RELEASE:
        keeping.release(current_user, sent)
        flash(_("The place is free for others again."), "info")
        return redirect(url_for("booking.choose", base=draft.base.slug))
    draft.keep(current_user, sent)
    return render_template("booking/book.html", base=draft.base, draft=draft)


@login_required
def edit(ref: str) -> ResponseReturnValue:
    """Change what was filled in with a returned booking, and send it again; time and places stay."""
    detail = details.see(current_user, ref)
    returned.check(detail)
    form = returned.edit_form(detail.booking)
    if request.method == "GET" or not form.validate():
        return render_template("booking/edit.html", detail=detail, form=form), 422 if form.errors else 200
    try:
        making.resubmit(actor=current_user, ref=ref, cleaned=answers.clean(form), version=form["seen-version"].data)
    except (NotFound, Forbidden):
        raise
    except DomainError as error:
        returned.refused(form, error)
        return render_template("booking/edit.html", detail=details.see(current_user, ref), form=form), error.status
    flash(_("Sent again. The base's manager decides."), "good")
    return redirect(url_for("booking.show", ref=ref))
