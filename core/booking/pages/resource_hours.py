"""The hours of one resource, kept by its base's managers; those of an instructor by the consortium's office."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from core import clock
from core.accounts import roles
from core.accounts.forms import show
from core.bases import setting_hours
from core.bases.forms import SpecialDaysForm, WeekForm
from core.bases.opening import in_force
from core.bases.queries import any_base
from core.booking import outside, resource_hours, resource_queries
from core.booking.models import Resource
from core.booking.pages.hours_forms import stretches
from core.booking.pages.manage_hours import DAYS, saved
from core.errors import Invalid
from core.forms import read_day


def hours(resource: str, base: str | None = None) -> ResponseReturnValue:
    """Show a resource's hours and what is booked outside them; save the week."""
    row = _resource(resource, base)
    form = WeekForm.of(row.hours)
    if not form.validate_on_submit():
        return _page(row, week=form)
    resource_hours.set_week(actor=current_user, resource_id=row.id, week=form.spans())
    return saved(outside.of_resource(row), _address(row))


def days_set(resource: str, base: str | None = None) -> ResponseReturnValue:
    """Set special days of a resource."""
    row = _resource(resource, base)
    form = SpecialDaysForm(prefix=f"{DAYS}-")
    if form.validate_on_submit() and (first := form.first_day.data):
        try:
            resource_hours.set_days(
                actor=current_user,
                resource_id=row.id,
                first=first,
                last=form.last_day.data or first,
                spans=form.spans(),
                note=form.note.data or "",
            )
        except Invalid as error:
            show(form, error)
        else:
            return saved(outside.of_resource(row), _address(row))
    return _page(row, days=form)


def days_removed(resource: str, base: str | None = None) -> ResponseReturnValue:
    """Let days of a resource be as usual again."""
    row = _resource(resource, base)
    first, last = read_day(request.form.get("first")), read_day(request.form.get("last"))
    if first is None or last is None:
        raise Invalid({"first": _("Please choose a day, such as 2026-12-08.")})
    resource_hours.remove_days(actor=current_user, resource_id=row.id, first=first, last=last)
    return saved(outside.of_resource(row), _address(row))


def _page(
    resource: Resource, *, week: WeekForm | None = None, days: SpecialDaysForm | None = None
) -> ResponseReturnValue:
    week = week or WeekForm.of(resource.hours, fresh=True)
    days = days or SpecialDaysForm(prefix=f"{DAYS}-", formdata=None)
    answer = render_template(
        "manage/resource_hours.html",
        base=resource.base,
        resource=resource,
        here=_address(resource),
        week=week,
        days=days,
        own=bool(in_force(resource.hours)),
        stretches=stretches(day for day in resource.special_days if day.day >= clock.today()),
        outside=outside.of_resource(resource),
    )
    return answer, 422 if week.errors or days.errors else 200


def _resource(slug: str, base: str | None) -> Resource:
    """Return a resource whose hours the reader may set; no base: an instructor."""
    row = any_base(base) if base else None
    if row is not None:
        roles.require(current_user, setting_hours.PERMISSION, base_id=row.id)
        return resource_queries.find_resource(row.id, slug)
    roles.require(current_user, resource_hours.INSTRUCTORS)
    return resource_queries.find_instructor(slug)


def _address(resource: Resource) -> str:
    if resource.base is None:
        return url_for("instructor_hours.hours", resource=resource.slug)
    return url_for("booking_manage.resource_hours", base=resource.base.slug, resource=resource.slug)
