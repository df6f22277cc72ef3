"""The search page, and the table of synonyms that the office keeps."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from core import errors
from core.accounts import roles
from core.bases.models import Base
from core.bases.queries import visible_bases
from core.content.search import hits, synonyms
from core.content.search.queries import ANYWHERE, LONGEST, Found, search
from core.content.search.words import question

bp = Blueprint("search", __name__)

CONSORTIUM = "consortium"


@bp.get("/search")
def page() -> str:
    """Search everything that visitors may read; `?q=`, `base=`, `type=`, `page=`."""
    text = " ".join(request.args.get("q", "").replace("\0", " ").split())
    where, kind = request.args.get("base", ""), request.args.get("type", "")
    kind = kind if hits.label(kind) else ""
    bases = visible_bases()
    where = where if where == CONSORTIUM or where in {base.slug for base in bases} else ""
    too_long = len(text) > LONGEST
    found = _found(text, _base(where, bases), kind) if text and not too_long else Found(question(""))
    return render_template(
        "search/page.html",
        text=text[:LONGEST],
        too_long=too_long,
        longest=LONGEST,
        where=where,
        kind=kind,
        bases=bases,
        found=found,
        hits=hits.hits(found.documents, found.question),
        label=hits.label,
    )


@bp.get("/manage/consortium/synonyms")
def table() -> str:
    """Show the synonyms."""
    roles.require(current_user, synonyms.PERMISSION)
    return _table()


@bp.post("/manage/consortium/synonyms")
def add() -> ResponseReturnValue:
    """Add a row."""
    text = request.form.get("words", "")
    try:
        row = synonyms.add(actor=current_user, text=text)
    except errors.Invalid as error:
        return _table(problem=str(error), typed=text), 422
    return _done(_("Saved: %(words)s. The search knows it from now on.", words=row.words))


@bp.post("/manage/consortium/synonyms/<int:id>")
def change(id: int) -> ResponseReturnValue:  # noqa: A002
    """Change a row, or take it away when `action` is `remove`."""
    if request.form.get("action") == "remove":
        row = synonyms.remove(actor=current_user, synonym_id=id)
        return _done(_("Removed: %(words)s", words=row.words))
    text = request.form.get("words", "")
    try:
        row = synonyms.change(actor=current_user, synonym_id=id, text=text)
    except errors.Invalid as error:
        return _table(problem=str(error), typed=text, at=id), 422
    return _done(_("Saved: %(words)s. The search knows it from now on.", words=row.words))


def _found(text: str, base: Base | str | None, kind: str) -> Found:
    return search(text, base=base, kind=kind, number=request.args.get("page", 1, type=int))


def _base(slug: str, bases: list[Base]) -> Base | str | None:
    if slug == CONSORTIUM:
        return None
    return next((base for base in bases if base.slug == slug), ANYWHERE)


def _table(problem: str = "", typed: str = "", at: int | None = None) -> str:
    return render_template("search/synonyms.html", rows=synonyms.every(), problem=problem, typed=typed, at=at)


def _done(message: str) -> ResponseReturnValue:
    flash(message, "good")
    return redirect(url_for("search.table"))
