"""The inbox of messages, and the outbox of mails for the administrator."""

from io import BytesIO

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from core.accounts.roles import require
from core.accounts.signing_in import login_required
from core.errors import NotFound
from core.notify import mail, messages, queries, sending

bp = Blueprint("notify", __name__)

STATES = frozenset({"todo", "done", "failed"})


@bp.get("/messages/")
@login_required
def inbox() -> ResponseReturnValue:
    """List one's own messages."""
    sheet = queries.inbox(current_user, request.args.get("page", 1, type=int))
    return render_template("notify/inbox.html", sheet=sheet, unread=messages.unread_count(current_user))


@bp.post("/messages/<int:message_id>", endpoint="open")
@login_required
def open_message(message_id: int) -> ResponseReturnValue:
    """Mark a message as read and go where it leads."""
    link = messages.read(actor=current_user, message_id=message_id)
    stay = "stay" in request.form or not link
    return redirect(url_for("notify.inbox") if stay else link)


@bp.post("/messages/read")
@login_required
def read_all() -> ResponseReturnValue:
    """Mark every message as read."""
    messages.read_all(actor=current_user)
    flash(_("All messages are marked as read."), "good")
    return redirect(url_for("notify.inbox"))


@bp.get("/manage/outbox/")
@login_required
def outbox() -> ResponseReturnValue:
    """List the mails of the outbox."""
    require(current_user, sending.PERMISSION)
    state = request.args.get("state")
    state = state if state in STATES else None
    sheet = queries.outgoing(request.args.get("page", 1, type=int), state=state)
    return render_template("notify/outbox.html", sheet=sheet, state=state, delivers=not sending.may_reveal())


@bp.get("/manage/outbox/<int:job_id>")
@login_required
def outgoing(job_id: int) -> ResponseReturnValue:
    """Show one mail; a link that lets its holder act for the receiver stays covered."""
    require(current_user, sending.PERMISSION)
    return _mail(job_id, revealed=False)


@bp.get("/manage/outbox/<int:job_id>/calendar.ics")
@login_required
def attachment(job_id: int) -> ResponseReturnValue:
    """Download the calendar file of one mail, to hand it over where no mail server does."""
    require(current_user, sending.PERMISSION)
    found = queries.mail(job_id).mail
    if found is None or not found.calendar:
        raise NotFound
    file = BytesIO(found.calendar.encode())
    return send_file(file, mimetype="text/calendar", as_attachment=True, download_name=found.filename)


@bp.post("/manage/outbox/<int:job_id>/link")
@login_required
def reveal(job_id: int) -> ResponseReturnValue:
    """Show one mail with its secret link."""
    sending.reveal(actor=current_user, job_id=job_id)
    return _mail(job_id, revealed=True)


@bp.post("/manage/outbox/<int:job_id>/send")
@login_required
def send_again(job_id: int) -> ResponseReturnValue:
    """Queue a failed mail again."""
    sending.send_again(actor=current_user, job_id=job_id)
    flash(_("The mail is queued again."), "good")
    return redirect(url_for("notify.outgoing", job_id=job_id))


def _mail(job_id: int, *, revealed: bool) -> str:
    found = queries.mail(job_id)
    return render_template(
        "notify/outgoing.html",
        found=found,
        url=mail.address(found.mail) if found.mail else "",
        revealed=revealed,
        may_reveal=sending.may_reveal(),
    )
