"""Closures: a resource out of use for a time."""

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from core.accounts import roles
from core.bases.queries import any_base
from core.booking import closures as service
from core.booking import resource_queries
from core.booking.errors import ResourceTaken
from core.booking.pages.forms import SPAN_NAMES, ClosureForm, refuse
from core.errors import DomainError, Forbidden, Invalid, NotFound
from core.forms import option

if TYPE_CHECKING:
    from core.booking.models import Allocation


def closures(base: str) -> ResponseReturnValue:
    """List closures and enter one; a clash lists the bookings and sessions that are in the way."""
    row = any_base(base)
    roles.require(current_user, "closure.manage", base_id=row.id)
    form = ClosureForm()
    form.resource.choices = [option(resource.id, resource.name) for resource in resource_queries.resources_of(row.id)]
    blocking: list[Allocation] = []
    if form.validate_on_submit():
        start, end = form.span()
        resource_id = form.resource.data
        try:
            service.enter(
                actor=current_user, resource_id=resource_id, start=start, end=end, reason=form.reason.data or ""
            )
        except ResourceTaken:
            blocking = resource_queries.in_the_way(resource_id, start, end)
        except Invalid as error:
            refuse(form, error.problems, SPAN_NAMES | {"resource_id": "resource"})
        else:
            flash(_("The closure is entered and stands in the public calendar."), "good")
            return redirect(url_for("booking_manage.closures", base=base))
    status = 409 if blocking else 422 if form.errors else 200
    listed = resource_queries.closures_of(row.id)
    return render_template("manage/closures.html", base=row, form=form, closures=listed, blocking=blocking), status


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
