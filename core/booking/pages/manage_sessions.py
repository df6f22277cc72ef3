"""A manager's sessions: list, write, copy, publish, cancel."""

import secrets

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from core.accounts import roles
from core.bases.models import Base
from core.bases.queries import any_base, find_base
from core.booking import queries, session_queries
from core.booking import sessions as service
from core.booking.errors import ResourceTaken
from core.booking.models import TrainingSession
from core.booking.pages import copying, desk
from core.booking.pages.forms import SPAN_NAMES, MoveForm, SessionForm, move_form, refuse
from core.errors import DomainError, Forbidden, Invalid, NotFound

NAMES = SPAN_NAMES | {"kind_id": "kind"}


def sessions(base: str) -> str:
    """List the base's sessions, those ahead first; `?show=past` shows those gone by."""
    row = any_base(base)
    roles.require(current_user, "session.manage", base_id=row.id)
    past = request.args.get("show") == "past"
    return render_template("manage/sessions.html", base=row, rows=desk.sessions(row, past=past), past=past)


def new(base: str) -> ResponseReturnValue:
    """Write a new session, kept as a draft or published at once."""
    row = _base(base)
    form = _form(row)
    if form.validate_on_submit():
        try:
            session = service.create(
                actor=current_user,
                base_id=row.id,
                kind_id=form.kind.data,
                retry_key=form.retry_key.data,
                **form.content(),
            )
        except Invalid as error:
            refuse(form, error.problems, NAMES)
        else:
            return _after(row, session.id, _("The session is kept as a draft: nobody sees it yet."))
    return _page(row, form), 422 if form.errors else 200


def edit(base: str, id: int) -> ResponseReturnValue:  # noqa: A002
    """Change a session; the bookings of a published one move with it."""
    row = _base(base)
    form = _form(row, session_queries.find_session(row.id, id))
    clash: ResourceTaken | None = None
    if form.validate_on_submit():
        try:
            service.edit(actor=current_user, session_id=id, version=form.version.data, **form.content())
        except (NotFound, Forbidden):
            raise
        except Invalid as error:
            refuse(form, error.problems, NAMES)
        except ResourceTaken as error:
            clash = error
        except DomainError as error:
            refuse(form, {"": error.message})
        else:
            return _after(row, id, _("The session is changed."))
    status = 409 if clash else 422 if form.errors else 200
    return _page(row, form, session=session_queries.find_session(row.id, id), clash=clash), status


def publish(base: str, id: int) -> ResponseReturnValue:  # noqa: A002
    """Publish a draft; what is taken already is reported, and nothing is taken then."""
    row = _base(base)
    session = session_queries.find_session(row.id, id)
    try:
        service.publish(actor=current_user, session_id=id)
    except (NotFound, Forbidden):
        raise
    except ResourceTaken as error:
        return _page(row, _form(row, session), session=session_queries.find_session(row.id, id), clash=error), 409
    except DomainError as error:
        flash(str(error), "bad")
    else:
        flash(_("The session is published and can be booked."), "good")
    return redirect(url_for("booking_manage.session_edit", base=base, id=id))


def copy(base: str, id: int) -> ResponseReturnValue:  # noqa: A002
    """Show the days on which copies would take place, a week apart, with what stands in the way there."""
    row = _base(base)
    session = session_queries.find_session(row.id, id)
    form = copying.asked(session)
    preview = copying.preview(row, session, form.days()) if form.validate() else []
    days = copying.days_form(preview)
    page = render_template("manage/copy.html", base=row, session=session, form=form, preview=preview, days=days)
    return page, 422 if form.errors else 200


def copy_days(base: str, id: int) -> ResponseReturnValue:  # noqa: A002
    """Copy a session as drafts to the days chosen, all or none."""
    row = _base(base)
    session = session_queries.find_session(row.id, id)
    form = copying.asked(session)
    preview = copying.preview(row, session, form.days()) if form.validate() else []
    days = copying.days_form(preview)
    if preview and days.validate_on_submit():
        chosen = [line.day for line in preview if line.day.isoformat() in (days.days.data or [])]
        try:
            made = service.copy(actor=current_user, session_id=id, days=chosen, retry_key=days.retry_key.data)
        except Invalid as error:
            refuse(days, error.problems, {"start": "days", "end": "days", "uses": "days"})
        else:
            flash(_("Copied as drafts: %(count)s. Publish each when it is right.", count=len(made)), "good")
            return redirect(url_for("booking_manage.sessions", base=base))
    page = render_template("manage/copy.html", base=row, session=session, form=form, preview=preview, days=days)
    return page, 422


def cancel(base: str, id: int) -> ResponseReturnValue:  # noqa: A002
    """Cancel a session and all its bookings, with a reason."""
    row = _base(base)
    session = session_queries.find_session(row.id, id)
    form = move_form("cancel")
    if form.validate_on_submit():
        try:
            service.cancel(actor=current_user, session_id=id, reason=form["reason"].data)
        except (NotFound, Forbidden):
            raise
        except Invalid as error:
            refuse(form, error.problems)
        except DomainError as error:
            flash(str(error), "bad")
            return redirect(url_for("booking_manage.session_edit", base=base, id=id))
        else:
            flash(_("The session is cancelled; those who booked get a message."), "good")
            return redirect(url_for("booking_manage.sessions", base=base))
    return _page(row, _form(row, session), session=session_queries.find_session(row.id, id), refused=form), 422


def _base(slug: str) -> Base:
    row = find_base(slug)
    roles.require(current_user, "session.manage", base_id=row.id)
    return row


def _form(base: Base, session: TrainingSession | None = None) -> SessionForm:
    data = desk.session_data(session) if session else desk.new_session_data(base)
    form = SessionForm(data=data | {"retry_key": secrets.token_urlsafe(16)})
    form.kind.choices, form.uses.choices = desk.session_choices(base, session)
    if session is not None:
        del form.kind, form.retry_key  # what a session is booked for does not change
    return form


def _after(base: Base, session_id: int, done: str) -> ResponseReturnValue:
    """Publish if the button said so, else tell what was done."""
    if "publish" in request.form:
        return publish(base.slug, session_id)
    flash(done, "good")
    return redirect(url_for("booking_manage.session_edit", base=base.slug, id=session_id))


def _page(
    base: Base,
    form: SessionForm,
    *,
    session: TrainingSession | None = None,
    clash: ResourceTaken | None = None,
    refused: MoveForm | None = None,
) -> str:
    return render_template(
        "manage/session.html",
        base=base,
        form=form,
        row=desk.session_row(session) if session else None,
        bookings=queries.bookings_for_session(session.id) if session else [],
        clash=clash,
        cancel_form=refused or move_form("cancel"),
        refused=refused is not None,
    )
