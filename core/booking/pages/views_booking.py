"""An organisation's bookings: the list, one with its history, cancelling, the paper for the seal, uploads."""

from flask import Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from core.accounts.signing_in import login_required
from core.booking import workflow
from core.booking.pages import details, lines, own, words
from core.booking.pages.forms import MOVE_FORMS, MoveForm, move_form, refuse
from core.errors import DomainError, Forbidden, Invalid, NotFound, StateChanged


@login_required
def index() -> str:
    """List the bookings of the organisations one is a contact of, what is under way first."""
    page = own.page(current_user, shown=request.args.get("show", ""), cursor=request.args.get("cursor"))
    return render_template("booking/index.html", page=page)


@login_required
def show(ref: str) -> str:
    """Show a booking: its state, what comes next, its history and what was filled in."""
    return booking_page(details.see(current_user, ref))


@login_required
def personal(ref: str) -> str:
    """Show a booking with its personal data whole; the base's manager only, and it is recorded."""
    return booking_page(details.see_whole(current_user, ref))


@login_required
def cancel(ref: str) -> ResponseReturnValue:
    """Cancel a booking with a reason; what is wrong with it is shown in the question itself."""
    return carry_out("cancel", details.see(current_user, ref), _("The booking is cancelled."))


@login_required
def paper(ref: str) -> str:
    """Show a booking as a sheet of A4 to be printed, signed and sealed."""
    return render_template("booking/paper.html", detail=details.see(current_user, ref))


@login_required
def upload(ref: str, id: int) -> Response:  # noqa: A002
    """Hand out a file that was given with a booking."""
    file, content = details.uploaded(current_user, ref, id)
    answer = send_file(content, mimetype=file.media_type, as_attachment=True, download_name=file.filename)
    answer.headers["Cache-Control"] = "no-store"  # it may name people
    return answer


def booking_page(detail: details.Detail, *, refused: MoveForm | None = None, action: str = "") -> str:
    """Draw the page of a booking, with the form of a move that was refused, if any."""
    version, deadline = detail.booking.version, details.mend_by(detail.booking)
    forms = {name: move_form(name, version=version, deadline=deadline) for name in MOVE_FORMS}
    if refused is not None:
        forms[action] = refused
    place = lines.place(detail.booking)
    return render_template(
        "booking/show.html", place=place, detail=detail, forms=forms, refused=action, new="new" in request.args
    )


def carry_out(action: str, detail: details.Detail, done: str) -> ResponseReturnValue:
    """Make a move with the form that was sent; say what is missing, who was faster, or that it is done."""
    form = move_form(action)
    if not form.validate_on_submit():
        return booking_page(detail, refused=form, action=action), 422
    ref = detail.booking.ref
    try:
        if "series" in form and form["series"].data:
            moved = workflow.move_series(
                actor=current_user, ref=ref, action=action, reason=details.reason(form), version=form.version.data
            )
            done = _("Decided on: %(count)s bookings of the series", count=len(moved))
        else:
            told = details.told(form, detail.booking)
            booking = workflow.move(actor=current_user, ref=ref, action=action, version=form.version.data, **told)
            done = words.goes_on(booking) or done
    except (NotFound, Forbidden):
        raise
    except Invalid as error:
        refuse(form, error.problems)
        return booking_page(details.see(current_user, ref), refused=form, action=action), 422
    except StateChanged:
        flash(details.overtaken(current_user, ref), "wait")
    except DomainError as error:
        flash(str(error), "bad")
    else:
        flash(done, "good")
    return redirect(url_for("booking.show", ref=ref))
