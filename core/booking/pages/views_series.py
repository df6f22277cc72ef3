"""Pages of series: booking one, the series with its dates, changing it, adding a date again, cancelling."""

from contextlib import suppress

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import HiddenField, TextAreaField
from wtforms.validators import DataRequired, Length

from core import dates
from core.accounts.signing_in import login_required
from core.bases.queries import find_base
from core.booking import holding, series_changes
from core.booking.pages import keeping, offers, series_page
from core.booking.pages.repeating import SeriesDraft
from core.booking.pages.series_editing import SeriesEdit
from core.booking.series import SeriesClash
from core.errors import DomainError, Forbidden, Invalid, NotFound
from core.forms import Form, read_day
from core.intake.forms import sent_to


class SeriesCancelForm(Form):
    """Cancelling dates of a series; which, and why."""

    scope = HiddenField(default=series_changes.ALL)
    day = HiddenField()
    reason = TextAreaField(_l("Reason"), [DataRequired(_l("Please say why.")), Length(max=1000)], render_kw={"rows": 3})


@login_required
def new(base: str, kind: str) -> ResponseReturnValue:
    """Show the form of a series, look at its dates, or book it; what was typed is kept whatever is wrong."""
    row = find_base(base)
    declared = offers.find_kind(row, kind)
    if keeping.REF in request.form:
        with suppress(NotFound):
            holding.release(actor=current_user, ref=request.form[keeping.REF])
    draft = SeriesDraft.open(current_user, row, declared, given=request.args, sent=sent_to(declared.fields))
    step = request.form.get("go", "")
    if step == "look":
        draft.look(current_user)
    if step != "book" or not draft.form.validate():
        return render_template("booking/series_new.html", base=row, draft=draft), 422 if draft.form.errors else 200
    try:
        made = draft.submit(current_user)
    except (NotFound, Forbidden):
        raise
    except DomainError as error:
        draft.refused(error)
        return render_template("booking/series_new.html", base=row, draft=draft), error.status
    flash(_("Booked: %(count)s dates.", count=len(made.bookings)), "good")
    return redirect(url_for("booking.series", id=made.series.id))


@login_required
def series(id: int) -> str:  # noqa: A002
    """Show a series with all its dates."""
    return _page(id)


@login_required
def edit(id: int) -> ResponseReturnValue:  # noqa: A002
    """Change dates of a series: show the difference, then save it."""
    draft = SeriesEdit.open(current_user, id, request.args)
    step = request.form.get("go", "")
    if step == "look" or (step == "save" and not draft.form.validate()):
        draft.look(current_user)
    elif step == "save":
        try:
            seen = draft.save(current_user)
        except (NotFound, Forbidden):
            raise
        except DomainError as error:
            draft.look(current_user)
            draft.refused(error)
            return render_template("booking/series_edit.html", draft=draft), error.status
        flash(_("Saved: %(count)s dates have changed.", count=len(seen.of("change", "add", "drop"))), "good")
        return redirect(url_for("booking.series", id=id))
    return render_template("booking/series_edit.html", draft=draft), 422 if draft.form.errors else 200


@login_required
def add(id: int) -> ResponseReturnValue:  # noqa: A002
    """Book a skipped or cancelled date again."""
    series_page.see(current_user, id)
    day = read_day(request.form.get("day"))
    if day is None:
        raise Invalid({"day": _("Please choose a day, such as 2026-12-08.")})
    try:
        booking = series_changes.add_again(actor=current_user, series_id=id, day=day)
    except (NotFound, Forbidden):
        raise
    except SeriesClash as error:
        flash(error.occurrences[0].message, "bad")
    except DomainError as error:
        flash(str(error), "bad")
    else:
        flash(_("%(day)s is booked again.", day=dates.day(booking.start_at)), "good")
    return redirect(url_for("booking.series", id=id))


@login_required
def cancel(id: int) -> ResponseReturnValue:  # noqa: A002
    """Cancel one date, that and the following, or all, with a reason."""
    form = SeriesCancelForm()
    if not form.validate_on_submit():
        return _page(id, form), 422
    try:
        done, left = series_changes.cancel(
            actor=current_user,
            series_id=id,
            scope=form.scope.data or "",
            day=read_day(form.day.data),
            reason=form.reason.data or "",
        )
    except (NotFound, Forbidden):
        raise
    except DomainError as error:
        flash(str(error), "bad")
    else:
        flash(_("Cancelled: %(count)s dates.", count=done), "good")
        if left:
            days = _(", ").join(dates.day(line.day) for line in left)
            flash(_("No longer to be cancelled here: %(days)s.", days=days), "wait")
    return redirect(url_for("booking.series", id=id))


def _page(series_id: int, refused: SeriesCancelForm | None = None) -> str:
    detail = series_page.see(current_user, series_id)
    form = refused or SeriesCancelForm()
    return render_template("booking/series.html", detail=detail, form=form, refused=refused is not None)
