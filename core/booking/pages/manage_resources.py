"""A base's resources: list, add, change, take out of service, bring back."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from core.accounts import roles
from core.bases.models import Base
from core.bases.queries import find_base
from core.booking import resource_queries
from core.booking import resources as service
from core.booking.errors import InUse
from core.booking.models import Resource
from core.booking.pages import equipment
from core.booking.pages.forms import refuse
from core.booking.pages.resource_forms import OwnForm, ResourceForm, kind_name, resource_data
from core.errors import DomainError, Forbidden, Invalid, NotFound

NAMES = {"parent_id": "parent"}


def resources(base: str) -> str:
    """List the base's resources in the order contacts see them, those out of service below."""
    row = _base(base)
    listed = resource_queries.every_resource_of(row.id)
    return render_template("manage/resources.html", base=row, resources=listed, kind_name=kind_name)


def new(base: str) -> ResponseReturnValue:
    """Add a resource of the base's own."""
    row = _base(base)
    form = _own_form(row, None)
    blocked: InUse | None = None
    if form.validate_on_submit():
        try:
            resource = service.add(actor=current_user, base_id=row.id, shown=form.shown(), own=form.own())
        except Invalid as error:
            refuse(form, error.problems, NAMES)
        except InUse as error:
            blocked = error
        else:
            flash(_("%(name)s is added and can be booked.", name=resource.name), "good")
            return redirect(url_for("booking_manage.resources", base=base))
    return _page(row, None, form, blocked)


def edit(base: str, resource: str) -> ResponseReturnValue:
    """Change a resource: of a declared one what a manager may set, of an own one everything."""
    row = _base(base)
    found = equipment.find(row, resource)
    form = _form(row, found)
    blocked: InUse | None = None
    if form.validate_on_submit():
        own = form.own() if isinstance(form, OwnForm) else None
        try:
            service.change(actor=current_user, resource_id=found.id, shown=form.shown(), own=own)
        except Invalid as error:
            refuse(form, error.problems, NAMES)
        except InUse as error:
            blocked = error
        else:
            flash(_("The resource is changed. What is booked already keeps its times."), "good")
            return redirect(url_for("booking_manage.resources", base=base))
    return _page(row, equipment.find(row, resource), form, blocked)


def retire(base: str, resource: str) -> ResponseReturnValue:
    """Take a resource out of service for good; what is booked ahead is listed, and keeps it in service."""
    return _switch(base, resource, service.retire, _l("%(name)s is out of service and can no longer be booked."))


def bring_back(base: str, resource: str) -> ResponseReturnValue:
    """Bring a resource back into service."""
    return _switch(base, resource, service.bring_back, _l("%(name)s is in service again and can be booked."))


def _switch(base: str, resource: str, deed: Callable[..., Resource], done: object) -> ResponseReturnValue:
    row = _base(base)
    found = equipment.find(row, resource)
    try:
        deed(actor=current_user, resource_id=found.id)
    except (NotFound, Forbidden):
        raise
    except InUse as error:
        found = equipment.find(row, resource)
        return _page(row, found, _form(row, found, typed=False), error)
    except DomainError as error:
        flash(str(error), "bad")
    else:
        flash(str(done) % {"name": found.name}, "good")
    return redirect(url_for("booking_manage.resources", base=base))


def _base(slug: str) -> Base:
    row = find_base(slug)
    roles.require(current_user, "base.settings", base_id=row.id)
    return row


def _form(base: Base, resource: Resource, *, typed: bool = True) -> ResourceForm:
    if resource.own:
        return _own_form(base, resource, typed=typed)
    sent: dict[str, Any] = {} if typed else {"formdata": None}
    return ResourceForm(data=resource_data(resource), **sent)


def _own_form(base: Base, resource: Resource | None, *, typed: bool = True) -> OwnForm:
    sent: dict[str, Any] = {} if typed else {"formdata": None}
    form = OwnForm(data=resource_data(resource) if resource else equipment.new_data(base), **sent)
    form.kind.choices = equipment.kind_choices(base, resource)
    form.parent.choices = equipment.parent_choices(base, resource)
    return form


def _page(base: Base, resource: Resource | None, form: ResourceForm, blocked: InUse | None) -> tuple[str, int]:
    page = render_template(
        "manage/resource.html",
        base=base,
        resource=resource,
        form=form,
        blocked=blocked,
        blocking=resource_queries.ahead(blocked.resource_ids) if blocked else [],
        is_parent=resource is not None and equipment.has_parts(base, resource),
        kind_name=kind_name,
    )
    return page, 409 if blocked else 422 if form.errors else 200
