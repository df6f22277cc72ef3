"""The office's pages of agreements and quotas."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from core.accounts.roles import require
from core.accounts.signing_in import login_required
from core.bases.queries import visible_bases
from core.bases.terms import terms
from core.booking import quota_queries
from core.booking.pages import agreement_words as words
from core.booking.pages.agreement_forms import AgreementForm, EndForm, NewQuotaForm, QuotaForm, quota_data
from core.booking.pages.asking import read_number
from core.booking.pages.forms import refuse
from core.errors import Invalid, StateChanged
from core.organisations import agreements as service
from core.organisations import queries
from core.organisations.models import Agreement


@login_required
def index() -> str:
    """List the agreements of all organisations, or of one, with what is used of their quotas."""
    require(current_user, service.PERMISSION)
    only = read_number(request.args.get("organisation"))
    organisation = queries.organisation(only) if only is not None else None
    names = words.scope_names()
    found = [words.card(entry, names) for entry in queries.agreements(None if only is None else [only])]
    return render_template("manage/agreements.html", groups=words.grouped(found), organisation=organisation)


@login_required
def new() -> ResponseReturnValue:
    """Enter an agreement."""
    require(current_user, service.PERMISSION)
    form = AgreementForm(data={"organisation": read_number(request.args.get("organisation"))})
    form.offer(words.scope_names(), queries.organisations())
    if form.validate_on_submit():
        try:
            made = service.create(actor=current_user, organisation_id=form.organisation.data, **form.content())
        except Invalid as error:
            refuse(form, error.problems)
        else:
            flash(_("The agreement is entered. Add quotas where it limits what is used."), "good")
            return redirect(url_for("agreements.edit", agreement_id=made.id))
    return render_template("manage/agreement.html", form=form), 422 if form.is_submitted() else 200


@login_required
def edit(agreement_id: int) -> ResponseReturnValue:
    """Show an agreement with its quotas, and change it."""
    require(current_user, service.PERMISSION)
    agreement = queries.agreement(agreement_id)
    form = _form(agreement)
    if form.validate_on_submit():
        try:
            service.edit(actor=current_user, agreement_id=agreement_id, **form.content())
        except Invalid as error:
            refuse(form, error.problems)
        except StateChanged as error:
            form.form_errors.append(str(error))
        else:
            flash(_("The agreement is saved."), "good")
            return redirect(url_for("agreements.edit", agreement_id=agreement_id))
    return _page(agreement_id, form), 422 if form.is_submitted() else 200


@login_required
def end(agreement_id: int) -> ResponseReturnValue:
    """End an agreement before its time."""
    require(current_user, service.PERMISSION)
    form = EndForm(prefix="end-")
    if not form.validate_on_submit():
        return _page(agreement_id, _form(queries.agreement(agreement_id), sent=False), ending=form), 422
    try:
        service.end(actor=current_user, agreement_id=agreement_id, reason=form.reason.data or "")
    except (Invalid, StateChanged) as error:
        flash(str(error), "bad")
    else:
        flash(_("The agreement is ended: nothing can be booked under it any more. What is booked stays."), "good")
    return redirect(url_for("agreements.edit", agreement_id=agreement_id))


@login_required
def quota_new(agreement_id: int) -> ResponseReturnValue:
    """Add a quota to an agreement."""
    require(current_user, service.PERMISSION)
    agreement = queries.agreement(agreement_id)
    form = NewQuotaForm(data={"unit": "minutes"})
    form.offer(terms())
    form.offer_bases(visible_bases())
    if form.validate_on_submit():
        base_id, unit = read_number(form.base.data), form.unit.data
        try:
            content = form.content(unit, terms())
            service.add_quota(actor=current_user, agreement_id=agreement_id, base_id=base_id, unit=unit, **content)
        except Invalid as error:
            refuse(form, error.problems)
        except StateChanged as error:
            form.form_errors.append(str(error))
        else:
            flash(_("The quota is granted."), "good")
            return redirect(url_for("agreements.edit", agreement_id=agreement_id))
    return render_template("manage/quota.html", form=form, agreement=agreement), 422 if form.is_submitted() else 200


@login_required
def quota(quota_id: int) -> ResponseReturnValue:
    """Show a quota with the bookings that use it, and change it."""
    require(current_user, service.PERMISSION)
    row = queries.quota(quota_id)
    form = QuotaForm(data=quota_data(row))
    form.offer(terms())
    if form.validate_on_submit():
        try:
            service.edit_quota(actor=current_user, quota_id=quota_id, **form.content(row.unit, terms()))
        except Invalid as error:
            refuse(form, error.problems)
        except StateChanged as error:
            form.form_errors.append(str(error))
        else:
            flash(_("The quota is saved."), "good")
            return redirect(url_for("agreements.edit", agreement_id=row.agreement_id))
    return _quota_page(quota_id, form), 422 if form.is_submitted() else 200


@login_required
def quota_remove(quota_id: int) -> ResponseReturnValue:
    """Remove a quota that nobody has used."""
    require(current_user, service.PERMISSION)
    try:
        agreement = service.remove_quota(actor=current_user, quota_id=quota_id)
    except Invalid as error:
        flash(str(error), "bad")
        return redirect(url_for("agreements.quota", quota_id=quota_id))
    flash(_("The quota is removed."), "good")
    return redirect(url_for("agreements.edit", agreement_id=agreement.id))


def _form(agreement: Agreement, *, sent: bool = True) -> AgreementForm:
    form = AgreementForm(obj=agreement) if sent else AgreementForm(obj=agreement, formdata=None)
    form.offer(words.scope_names(), [])
    return form


def _page(agreement_id: int, form: AgreementForm, *, ending: EndForm | None = None) -> str:
    card = words.card(queries.agreement(agreement_id), words.scope_names())
    return render_template(
        "manage/agreement.html",
        form=form,
        card=card,
        ending=ending or EndForm(prefix="end-", formdata=None),
        asked=ending is not None,
    )


def _quota_page(quota_id: int, form: QuotaForm) -> str:
    row = queries.quota(quota_id)
    return render_template(
        "manage/quota.html",
        form=form,
        agreement=row.agreement,
        line=words.line(row),
        uses=words.uses(quota_queries.charged(quota_id, read_number(request.args.get("page")) or 1)),
    )
