"""Closures: resources out of use for a time, and what becomes of what is booked there."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from core.accounts import roles
from core.bases.queries import any_base
from core.booking import closures as service
from core.booking import remedies, resource_queries
from core.booking.errors import ResourceTaken
from core.booking.pages.forms import SPAN_NAMES, ClosureForm, refuse
from core.booking.remedies import InTheWay, Remedy
from core.errors import DomainError, Forbidden, Invalid, NotFound
from core.forms import option

REMEDY = "remedy-"
"""How the names of the fields begin that say what becomes of a booking or session."""


def closures(base: str) -> ResponseReturnValue:
    """List closures and enter one; what is in the way is listed with what can become of each."""
    row = any_base(base)
    roles.require(current_user, "closure.manage", base_id=row.id)
    form, blocked, status = _form(row.id), None, 200
    if form.validate_on_submit():
        try:
            _enter(form)
        except InTheWay as error:
            blocked, status = error, error.status
        except ResourceTaken as error:
            refuse(form, {"resources": error.message})
            status = error.status
        except Invalid as error:
            refuse(form, error.problems, SPAN_NAMES | {"resource_id": "resources"})
        else:
            flash(_("The closure is entered and stands in the public calendar."), "good")
            return redirect(url_for("booking_manage.closures", base=base))
    status = 422 if form.errors and status == 200 else status
    listed = resource_queries.closures_of(row.id)
    chosen = {name: value for name, value in request.form.items() if name.startswith(REMEDY)}
    page = {"form": form, "closures": listed, "blocked": blocked, "chosen": chosen}
    return render_template("manage/closures.html", base=row, **page), status


def lift(base: str, id: int) -> ResponseReturnValue:  # noqa: A002
    """Lift a closure: the resource can be booked again."""
    roles.require(current_user, "closure.manage", base_id=any_base(base).id)
    try:
        service.lift(actor=current_user, closure_id=id)
    except (NotFound, Forbidden):
        raise
    except DomainError as error:
        flash(str(error), "bad")
    else:
        flash(_("The closure is lifted: the resource can be booked again."), "good")
    return redirect(url_for("booking_manage.closures", base=base))


def _form(base_id: int) -> ClosureForm:
    """Return the form with the base's resources; `?resource=` (slug) chooses one."""
    resources = resource_queries.resources_of(base_id)
    chosen = [resource.id for resource in resources if resource.slug == request.args.get("resource")]
    form = ClosureForm(data={"resources": chosen})
    form.resources.choices = [option(resource.id, resource.name) for resource in resources]
    return form


def _enter(form: ClosureForm) -> None:
    start, end = form.span()
    service.close(
        actor=current_user,
        resource_ids=form.resources.data or [],
        start=start,
        end=end,
        reason=form.reason.data or "",
        given=_given(),
    )


def _given() -> dict[str, Remedy]:
    """Return what is to become of each booking and session, as it was chosen."""
    chosen = {name.removeprefix(REMEDY): value for name, value in request.form.items() if name.startswith(REMEDY)}
    return {key: remedies.read(value) for key, value in chosen.items() if value}
