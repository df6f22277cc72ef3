"""The consortium's instructors, kept by the office."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from core.accounts import roles
from core.bases.queries import visible_bases
from core.booking import instructors as service
from core.booking import resource_queries, resources
from core.booking.errors import InUse
from core.booking.models import Resource
from core.booking.pages.forms import refuse
from core.booking.pages.resource_forms import InstructorForm
from core.db import db
from core.errors import DomainError, Forbidden, Invalid, NotFound
from core.forms import option

NAMES = {"user_id": "account"}


def instructors() -> str:
    """List the instructors, those who have left below."""
    roles.require(current_user, service.PERMISSION)
    names = {base.slug: base.short_name for base in visible_bases()}
    return render_template("manage/instructors.html", instructors=resource_queries.every_instructor(), names=names)


def new() -> ResponseReturnValue:
    """Add an instructor."""
    roles.require(current_user, service.PERMISSION)
    form = _form(None)
    if form.validate_on_submit():
        try:
            added = service.add(actor=current_user, **_content(form))
        except Invalid as error:
            refuse(form, error.problems, NAMES)
        else:
            flash(_("%(name)s is added and can be booked.", name=added.name), "good")
            return redirect(url_for("instructors.index"))
    return _page(None, form, None)


def edit(resource: str) -> ResponseReturnValue:
    """Change an instructor's name, bases and account."""
    roles.require(current_user, service.PERMISSION)
    found = _find(resource)
    form = _form(found)
    blocked: InUse | None = None
    if form.validate_on_submit():
        try:
            service.change(actor=current_user, resource_id=found.id, **_content(form))
        except Invalid as error:
            refuse(form, error.problems, NAMES)
        except InUse as error:
            blocked = error
        else:
            flash(_("The instructor is changed."), "good")
            return redirect(url_for("instructors.index"))
    return _page(_find(resource), form, blocked)


def retire(resource: str) -> ResponseReturnValue:
    """Let an instructor go: they can no longer be booked."""
    roles.require(current_user, service.PERMISSION)
    found = _find(resource)
    try:
        resources.retire(actor=current_user, resource_id=found.id)
    except (NotFound, Forbidden):
        raise
    except InUse as error:
        return _page(_find(resource), _form(found, typed=False), error)
    except DomainError as error:
        flash(str(error), "bad")
    else:
        flash(_("%(name)s can no longer be booked.", name=found.name), "good")
    return redirect(url_for("instructors.index"))


def bring_back(resource: str) -> ResponseReturnValue:
    """Let an instructor be booked again."""
    roles.require(current_user, service.PERMISSION)
    found = _find(resource)
    try:
        resources.bring_back(actor=current_user, resource_id=found.id)
    except (NotFound, Forbidden):
        raise
    except DomainError as error:
        flash(str(error), "bad")
    else:
        flash(_("%(name)s can be booked again.", name=found.name), "good")
    return redirect(url_for("instructors.index"))


def _find(slug: str) -> Resource:
    for instructor in resource_queries.every_instructor():
        if instructor.slug == slug:
            return instructor
    raise NotFound


def _form(instructor: Resource | None, *, typed: bool = True) -> InstructorForm:
    data: dict[str, Any] = {}
    if instructor is not None:
        bases = instructor.attributes.get("bases", [])
        data = {"name": instructor.name, "bases": bases, "account": str(instructor.user_id or "")}
    form = InstructorForm(data=data) if typed else InstructorForm(formdata=None, data=data)
    kept = data.get("bases", [])
    names = {slug: slug for slug in kept} | {base.slug: base.short_name for base in visible_bases()}
    form.bases.choices = [option(slug, name) for slug, name in names.items()]
    accounts = service.possible_accounts(db.session())
    form.account.choices = [option("", "–"), *(option(str(user.id), user.name) for user in accounts)]
    return form


def _content(form: InstructorForm) -> dict[str, Any]:
    account = form.account.data
    return {
        "name": form.name.data or "",
        "bases": form.bases.data or [],
        "user_id": int(account) if account else None,
    }


def _page(instructor: Resource | None, form: InstructorForm, blocked: InUse | None) -> tuple[str, int]:
    taken = resource_queries.ahead(blocked.resource_ids) if blocked else []
    page = render_template("manage/instructor.html", instructor=instructor, form=form, blocked=blocked, blocking=taken)
    return page, 409 if blocked else 422 if form.errors else 200
