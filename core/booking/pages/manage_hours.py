"""A base's hours: its week, the working calendar, special days and periods."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from core import clock
from core.accounts import roles
from core.accounts.forms import show
from core.bases import periods, setting_hours
from core.bases.forms import BaseWeekForm, SpecialDaysForm
from core.bases.models import Base
from core.bases.queries import any_base
from core.booking import outside, resource_queries
from core.booking.models import Kind
from core.booking.pages.hours_forms import PeriodForm, stretches
from core.errors import Invalid
from core.forms import read_day
from core.plugins.facade import plugins

DAYS = "days"


def hours(base: str) -> ResponseReturnValue:
    """Show all of a base's hours, and what is booked outside them; save the week."""
    row = _base(base)
    form = BaseWeekForm.of(row.hours, holidays="1" if row.keeps_holidays else "0")
    if not form.validate_on_submit():
        return _page(row, week=form)
    setting_hours.set_week(
        actor=current_user, base_id=row.id, week=form.spans(), keeps_holidays=form.holidays.data == "1"
    )
    return saved(outside.of_base(row), url_for("booking_manage.hours", base=base))


def days_set(base: str) -> ResponseReturnValue:
    """Set special days."""
    row = _base(base)
    form = SpecialDaysForm(prefix=f"{DAYS}-")
    if form.validate_on_submit() and (first := form.first_day.data):
        try:
            setting_hours.set_days(
                actor=current_user,
                base_id=row.id,
                first=first,
                last=form.last_day.data or first,
                spans=form.spans(),
                note=form.note.data or "",
            )
        except Invalid as error:
            show(form, error)
        else:
            return saved(outside.of_base(row), url_for("booking_manage.hours", base=base))
    return _page(row, days=form)


def days_removed(base: str) -> ResponseReturnValue:
    """Let days be as usual again."""
    row = _base(base)
    first, last = read_day(request.form.get("first")), read_day(request.form.get("last"))
    if first is None or last is None:
        raise Invalid({"first": _("Please choose a day, such as 2026-12-08.")})
    setting_hours.remove_days(actor=current_user, base_id=row.id, first=first, last=last)
    return saved(outside.of_base(row), url_for("booking_manage.hours", base=base))


def edit_period(base: str, period: str | None = None) -> ResponseReturnValue:
    """Add a period, or change one."""
    row = _base(base)
    known = periods.find(row, period) if period else None
    form = PeriodForm.of(known, _by_slot(row))
    starts, ends = form.starts.data, form.ends.data
    if form.validate_on_submit() and starts and ends:
        try:
            periods.save(
                actor=current_user,
                base_id=row.id,
                label=form.label.data or "",
                starts=starts,
                ends=ends,
                kinds=form.kinds.data or () if "kinds" in form else (),
                slug=period,
            )
        except Invalid as error:
            show(form, error)
        else:
            flash(_("The period is saved. What was booked by its old times keeps them."), "good")
            return redirect(url_for("booking_manage.hours", base=base) + "#periods")
    return render_template("manage/period.html", base=row, form=form, period=known), 422 if form.errors else 200


def period_switched(base: str, period: str) -> ResponseReturnValue:
    """Take a period out of what can be booked, or put it back."""
    row = _base(base)
    kinds = [kind for kind in plugins().kinds(row.slug) if kind.periods]
    try:
        periods.switch(
            actor=current_user,
            base_id=row.id,
            slug=period,
            off="off" in request.form,
            booked_by={kind.slug: [declared.slug for declared in kind.periods] for kind in kinds},
        )
    except Invalid as error:
        flash(str(error), "bad")
    return redirect(url_for("booking_manage.hours", base=base) + "#periods")


def saved(found: outside.Outside, page: str) -> ResponseReturnValue:
    """Say that hours are saved, and how much is booked outside them; lead back to their page."""
    flash(_("The hours are saved. Visitors see them now; what is booked stays as it is."), "good")
    if found.count:
        flash(
            _("%(count)s bookings or sessions to come lie outside the hours: see the list below.", count=found.count),
            "wait",
        )
        page += "#outside"
    return redirect(page)


def _page(base: Base, *, week: BaseWeekForm | None = None, days: SpecialDaysForm | None = None) -> ResponseReturnValue:
    """Render the page around a form that was sent, the other one as it is at first."""
    week = week or BaseWeekForm.of(base.hours, fresh=True, holidays="1" if base.keeps_holidays else "0")
    days = days or SpecialDaysForm(prefix=f"{DAYS}-", formdata=None)
    answer = render_template(
        "manage/hours.html",
        base=base,
        week=week,
        days=days,
        stretches=stretches(day for day in base.special_days if day.day >= clock.today()),
        outside=outside.of_base(base),
        periods=[period for period in base.periods if period.archived_at is None],
        kinds={kind.slug: kind.title for kind in _by_slot(base)},
        resources=resource_queries.resources_of(base.id),
    )
    return answer, 422 if week.errors or days.errors else 200


def _base(slug: str) -> Base:
    base = any_base(slug)
    roles.require(current_user, setting_hours.PERMISSION, base_id=base.id)
    return base


def _by_slot(base: Base) -> list[Kind]:
    return [kind for kind in resource_queries.kinds_of(base.id) if kind.mode == "slot"]
