"""Pages of the consortium's office: the working calendar and the terms."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from core.accounts.forms import show
from core.accounts.roles import require
from core.accounts.signing_in import login_required
from core.bases import calendar_editing, calendar_queries, notice_texts, terms
from core.bases.calendar_forms import HOLIDAY, MADE_UP, TermForm, WorkingDayForm, YearForm
from core.bases.models import WorkingDay
from core.errors import Invalid
from core.forms import read_day

bp = Blueprint("bases_manage", __name__, url_prefix="/manage")


@bp.before_request
@login_required
def _for_the_office() -> None:
    require(current_user, "calendar.manage")


@bp.get("/working-calendar/")
def years() -> str:
    """List the years, those that are published and those to come."""
    return render_template("bases/years.html", years=calendar_queries.years())


@bp.route("/working-calendar/new", methods=["GET", "POST"])
def year_new() -> ResponseReturnValue:
    """Enter a year's holidays; show how they were understood before they are saved."""
    form = YearForm(data={"year": request.args.get("year", type=int)})
    reading = None
    if form.validate_on_submit() and (year := form.year.data):
        reading = notice_texts.read(form.text.data or "", year)
        wrong = [*reading.problems, *calendar_editing.problems(year, reading.holidays)]
        form.text.errors = wrong
        if not wrong and "save" in request.form:
            try:
                calendar_editing.enter_year(
                    actor=current_user, year=year, source=form.source.data or "", holidays=reading.holidays
                )
            except Invalid as error:
                show(form, error)
            else:
                flash(_("The holidays of %(year)s are entered: the bases keep to them from now on.", year=year), "good")
                return redirect(url_for(".year", year=year))
    return render_template("bases/year_new.html", form=form, reading=reading), 422 if form.errors else 200


@bp.route("/working-calendar/<int:year>", methods=["GET", "POST"])
def year(year: int) -> ResponseReturnValue:
    """Show a year by month; change a day or add one."""
    shown = calendar_queries.year(year)
    form = _day_form(calendar_queries.day(read_day(request.args.get("day"))))
    if form.validate_on_submit() and (day := form.day.data):
        try:
            calendar_editing.set_day(
                actor=current_user,
                day=day,
                works=form.sort.data == MADE_UP,
                name=form.name.data or "",
                follows=form.following(),
            )
        except Invalid as error:
            show(form, error)
        else:
            flash(_("Saved. The hours page of each base lists bookings that now lie outside its hours."), "good")
            return redirect(url_for(".year", year=day.year))
    return render_template("bases/year.html", year=shown, form=form), 422 if form.errors else 200


@bp.post("/working-calendar/<int:year>/plain")
def day_plain(year: int) -> ResponseReturnValue:
    """Make a day a plain one again."""
    day = read_day(request.form.get("day"))
    if day is None:
        raise Invalid({"day": _("Please choose a day, such as 2026-12-08.")})
    calendar_editing.make_plain(actor=current_user, day=day)
    flash(_("The day is a plain one again."), "good")
    return redirect(url_for(".year", year=year))


@bp.post("/working-calendar/<int:year>/remove")
def year_remove(year: int) -> ResponseReturnValue:
    """Remove a year that the office entered."""
    calendar_editing.remove_year(actor=current_user, year=year)
    flash(_("Removed. %(year)s counts as not yet published.", year=year), "good")
    return redirect(url_for(".years"))


@bp.route("/terms/", methods=["GET", "POST"], endpoint="terms")
def list_terms() -> ResponseReturnValue:
    """List the terms and enter one."""
    form = TermForm()
    if _saved(form):
        return redirect(url_for(".terms"))
    return render_template("bases/terms.html", terms=terms.terms(), form=form), 422 if form.errors else 200


@bp.route("/terms/<int:term_id>", methods=["GET", "POST"])
def term(term_id: int) -> ResponseReturnValue:
    """Change a term."""
    row = terms.find(term_id)
    form = TermForm(obj=row)
    if _saved(form, term_id):
        return redirect(url_for(".terms"))
    return render_template("bases/term.html", term=row, form=form), 422 if form.errors else 200


@bp.post("/terms/<int:term_id>/remove")
def term_remove(term_id: int) -> ResponseReturnValue:
    """Remove a term."""
    terms.remove(actor=current_user, term_id=term_id)
    flash(_("The term is removed. What was booked in it stays."), "good")
    return redirect(url_for(".terms"))


def _saved(form: TermForm, term_id: int | None = None) -> bool:
    """Save a term if it was sent and can be; say whether."""
    if not form.validate_on_submit() or not form.first_day.data:
        return False
    try:
        terms.save(
            actor=current_user,
            name=form.name.data or "",
            first_day=form.first_day.data,
            weeks=form.weeks.data or 0,
            term_id=term_id,
        )
    except Invalid as error:
        show(form, error)
        return False
    flash(_("The term is saved."), "good")
    return True


def _day_form(row: WorkingDay | None) -> WorkingDayForm:
    if row is None:
        return WorkingDayForm()
    follows = "" if row.follows is None else str(row.follows)
    sort = MADE_UP if row.works else HOLIDAY
    return WorkingDayForm(data={"day": row.day, "sort": sort, "name": row.name, "follows": follows})
