"""Pages of the office on which the portal is arranged and its frame set."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from core.accounts.forms import show
from core.accounts.roles import require
from core.accounts.signing_in import login_required
from core.content import frame, richtext, sections
from core.content.models import Section
from core.errors import DomainError, Invalid
from core.web.portal import portal
from core.web.portal_forms import FrameForm, SectionForm

bp = Blueprint("portal_manage", __name__, url_prefix="/manage/consortium/portal")

MOVES = {"up": -1, "down": 1}


@bp.before_request
@login_required
def _for_the_office() -> None:
    require(current_user, "content.consortium")


@bp.get("/")
def index() -> str:
    """List the sections in their order."""
    return render_template("web/manage/portal.html", sections=sections.arranged(), kinds=sections.KINDS)


@bp.post("/")
def add() -> ResponseReturnValue:
    """Put a new section at the end, and lead to its words."""
    try:
        section = sections.add(actor=current_user, kind=request.form.get("kind", ""))
    except Invalid as error:
        flash(str(error), "bad")
        return redirect(url_for(".index"))
    flash(_("The section stands at the end of the front page."), "good")
    return redirect(url_for(".section", id=section.id) if section.kind == "text" else url_for(".index"))


@bp.route("/<int:id>", methods=["GET", "POST"])
def section(id: int) -> ResponseReturnValue:  # noqa: A002
    """Change a section's words and settings; show what somebody else has saved meanwhile."""
    row = sections.find(id)
    form = SectionForm(row)
    action = request.form.get("action")
    if not form.validate_on_submit() or action == "edit":
        return _section_page(row, form), 422 if form.errors else 200
    if action == "preview":
        return _preview(row, form)
    try:
        saved = sections.change(actor=current_user, section_id=id, version=form.opened(), **form.words())
    except sections.Rearranged as other:
        form.version.data = str(other.saved.version) if other.saved else "0"
        return _section_page(sections.find(id), form, other), other.status
    except Invalid as error:
        show(form, error)
        return _section_page(sections.find(id), form), error.status
    seen, hidden = (
        _("The section is saved. Visitors see it now."),
        _("The section is saved. It is hidden until you show it."),
    )
    flash(seen if saved.shown else hidden, "good")
    return redirect(url_for(".index"))


@bp.post("/<int:id>/shown")
def shown(id: int) -> ResponseReturnValue:  # noqa: A002
    """Show a section to visitors, or hide it."""
    wanted = request.form.get("shown") == "1"
    sections.show(actor=current_user, section_id=id, shown=wanted)
    flash(_("Visitors see the section now.") if wanted else _("Visitors no longer see the section."), "good")
    return redirect(url_for(".index"))


@bp.post("/<int:id>/remove")
def remove(id: int) -> ResponseReturnValue:  # noqa: A002
    """Take a section out for good."""
    version = request.form.get("version", 0, type=int)
    return _back(
        lambda: sections.remove(actor=current_user, section_id=id, version=version), _("The section is removed.")
    )


@bp.post("/order")
def order() -> ResponseReturnValue:
    """Put the sections into another order: one of them moved by a step, or all as they were dragged."""
    seen = _ids(request.form.get("seen", ""))
    return _back(
        lambda: sections.arrange(actor=current_user, seen=seen, order=_wanted(seen)), _("The new order is shown.")
    )


@bp.get("/preview")
def preview() -> str:
    """Show the front page as arranged."""
    return render_template("web/portal.html", portal=portal(), previewing=url_for(".index"))


@bp.route("/frame", methods=["GET", "POST"])
def edit_frame() -> ResponseReturnValue:
    """Set banner, footer and record number; show what somebody else has saved meanwhile."""
    form = FrameForm(frame.opened())
    if not form.validate_on_submit():
        return render_template("web/manage/frame.html", form=form), 422 if form.errors else 200
    try:
        frame.set_frame(actor=current_user, version=form.opened(), **form.words())
    except frame.FrameChanged as other:
        form.version.data = str(other.saved.version)
        return render_template("web/manage/frame.html", form=form, other=other), other.status
    except Invalid as error:
        show(form, error)
        return render_template("web/manage/frame.html", form=form), error.status
    flash(_("The frame is saved. It stands around every page now."), "good")
    return redirect(url_for(".edit_frame"))


def _back(deed: Callable[[], None], done: str) -> ResponseReturnValue:
    """Do something to the arrangement and return to it, with what came of it."""
    try:
        deed()
        flash(done, "good")
    except (Invalid, sections.Rearranged) as error:
        flash(str(error), "bad")
    return redirect(url_for(".index"))


def _ids(text: str) -> list[int]:
    """Return the ids of a list such as `3-1-2`; none of what is no such list."""
    parts = text.split("-")[: sections.MOST_SECTIONS + 1]
    return [int(part) for part in parts] if all(part.isdecimal() and len(part) < 10 for part in parts) else []


def _wanted(seen: list[int]) -> list[int]:
    """Return the order asked for: as dragged, else with one section moved by a step."""
    if dragged := _ids(request.form.get("order", "")):
        return dragged
    moved, steps = request.form.get("id", 0, type=int), MOVES.get(request.form.get("move", ""), 0)
    if moved not in seen:
        return []
    wanted, place = list(seen), seen.index(moved)
    wanted.insert(max(0, place + steps), wanted.pop(place))
    return wanted


def _section_page(row: Section, form: SectionForm, other: DomainError | None = None) -> str:
    kind = sections.KINDS[row.kind]
    return render_template("web/manage/section.html", section=row, kind=kind, form=form, other=other)


def _preview(row: Section, form: SectionForm) -> str:
    """Show the front page with what was typed, not saved; the form is sent on from there."""
    words = form.words()
    typed = Section(
        id=row.id,
        kind=row.kind,
        title=words["title"],
        body=richtext.clean(words["body"]),
        settings=words["settings"],
        shown=True,
    )
    shown = [typed if known.id == row.id else known for known in sections.arranged()]
    return render_template("web/portal.html", portal=portal(shown), typed=form, section=row)
