"""Pages of the consortium's organisations and of the requests for an account."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from core.accounts import limits
from core.accounts.forms import show
from core.accounts.roles import require
from core.accounts.signing_in import login_required
from core.errors import Invalid
from core.organisations import queries, services
from core.organisations.forms import KINDS, Accept, AskForAccount, Decline, EditOrganisation
from core.organisations.models import AccountRequest, Organisation

bp = Blueprint("organisations", __name__)


@bp.route("/account/request", methods=["GET", "POST"])
def request() -> ResponseReturnValue:
    """Let anybody ask for an account for their organisation."""
    form = AskForAccount()
    if form.validate_on_submit():
        try:
            limits.spend("request", limits.Limit("10 per hour", limits.address()))
            given = {field.name: field.data or "" for field in form if field.name != "csrf_token"}
            services.request_account(**given)
        except (Invalid, limits.TooMany) as error:
            show(form, error)
        else:
            return render_template("organisations/requested.html", email=form.email.data)
    return render_template("organisations/request.html", form=form), 422 if form.is_submitted() else 200


@bp.get("/manage/requests/")
@login_required
def requests() -> ResponseReturnValue:
    """List the requests that wait, and the last decisions."""
    require(current_user, services.PERMISSION)
    return render_template(
        "organisations/requests.html", waiting=queries.waiting(), decided=queries.decided(), kinds=KINDS
    )


@bp.get("/manage/requests/<int:request_id>")
@login_required
def decide(request_id: int) -> ResponseReturnValue:
    """Show a request, with what can be done about it."""
    require(current_user, services.PERMISSION)
    asked = queries.request(request_id)
    return _request_page(asked, _acceptable(asked), Decline(formdata=None))


@bp.post("/manage/requests/<int:request_id>/accept")
@login_required
def accept(request_id: int) -> ResponseReturnValue:
    """Accept a request and invite its contact."""
    require(current_user, services.PERMISSION)
    asked = queries.request(request_id)
    form = _acceptable(asked)
    if form.validate_on_submit():
        chosen = int(form.organisation.data) if form.organisation.data else None
        short_name = form.short_name.data or ""
        try:
            user = services.accept(
                actor=current_user, request_id=request_id, organisation_id=chosen, short_name=short_name
            )
        except Invalid as error:
            show(form, error)
        else:
            flash(_("Accepted. The invitation for %(email)s is in the outbox.", email=user.email), "good")
            return redirect(url_for("organisations.requests"))
    return _request_page(asked, form, Decline(formdata=None)), 422


@bp.post("/manage/requests/<int:request_id>/decline")
@login_required
def decline(request_id: int) -> ResponseReturnValue:
    """Decline a request with a reason."""
    require(current_user, services.PERMISSION)
    form = Decline()
    if form.validate_on_submit():
        services.decline(actor=current_user, request_id=request_id, reason=form.reason.data or "")
        flash(_("Declined. The contact is told why, by mail."), "good")
        return redirect(url_for("organisations.requests"))
    asked = queries.request(request_id)
    return _request_page(asked, _acceptable(asked, sent=False), form), 422


@bp.get("/manage/organisations/")
@login_required
def index() -> ResponseReturnValue:
    """List the organisations."""
    require(current_user, services.PERMISSION)
    return render_template("organisations/index.html", rows=queries.rows(), kinds=KINDS)


@bp.route("/manage/organisations/new", methods=["GET", "POST"])
@login_required
def new() -> ResponseReturnValue:
    """Add an organisation."""
    require(current_user, services.PERMISSION)
    form = _edited(None)
    if form.validate_on_submit():
        try:
            made = services.create(actor=current_user, **form.given())
        except Invalid as error:
            show(form, error)
        else:
            flash(_("The organisation has been added."), "good")
            return redirect(url_for("organisations.edit", organisation_id=made.id))
    return render_template("organisations/edit.html", form=form), 422 if form.is_submitted() else 200


@bp.route("/manage/organisations/<int:organisation_id>", methods=["GET", "POST"])
@login_required
def edit(organisation_id: int) -> ResponseReturnValue:
    """Show an organisation with its contacts, and change it."""
    require(current_user, services.PERMISSION)
    organisation = queries.organisation(organisation_id)
    form = _edited(organisation)
    if form.validate_on_submit():
        try:
            services.edit(actor=current_user, organisation_id=organisation_id, **form.given())
        except Invalid as error:
            show(form, error)
        else:
            flash(_("The organisation has been saved."), "good")
            return redirect(url_for("organisations.index"))
    page = render_template(
        "organisations/edit.html", form=form, organisation=organisation, contacts=queries.contacts(organisation_id)
    )
    return page, 422 if form.is_submitted() else 200


def _request_page(asked: AccountRequest, accepting: Accept, declining: Decline) -> str:
    return render_template(
        "organisations/decide.html", asked=asked, accepting=accepting, declining=declining, kinds=KINDS
    )


def _acceptable(asked: AccountRequest, *, sent: bool = True) -> Accept:
    form = Accept() if sent else Accept(formdata=None)
    form.offer([(each.id, each.name) for each in queries.organisations()], new=asked.organisation_name)
    return form


def _edited(organisation: Organisation | None) -> EditOrganisation:
    form = EditOrganisation(obj=organisation)
    others = [each for each in queries.organisations() if organisation is None or each.id != organisation.id]
    form.offer([(each.id, each.name) for each in others])
    return form
