"""Pages for what is done to an item as a whole: its versions, leaving the public pages, moving, showing it around."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup

from core.accounts import roles
from core.accounts.forms import show
from core.bases.models import Base
from core.bases.queries import visible_bases
from core.content import addresses, history, linkcheck, moving, permissions, preview, queries, trash, undoing, workflow
from core.content.item_forms import MoveForm
from core.content.manage import where_may_write
from core.content.models import Item
from core.content.snapshots import texts_of
from core.errors import DomainError, Invalid, StateChanged

bp = Blueprint("content_items", __name__, url_prefix="/manage/<scope>/items/<int:id>")


@bp.get("/")
def item(scope: str, id: int) -> str:  # noqa: A002
    """Show how an item stands, who links to it, and what can be done to it."""
    row = _found(scope, id)
    return _page("item", scope, row, links=linkcheck.links_to(current_user, row))


@bp.get("/history")
def versions(scope: str, id: int) -> str:  # noqa: A002
    """List the versions of an item, who made each, and why."""
    row = _found(scope, id)
    return _page("history", scope, row, revisions=history.revisions(row))


@bp.get("/history/<int:number>")
def version(scope: str, id: int, number: int) -> str:  # noqa: A002
    """Show a version, with what differs from another: from the one before, unless `with` names one."""
    row = _found(scope, id)
    revision = history.find(row, number)
    other = request.args.get("with", number - 1, type=int)
    before = history.find(row, other) if other in range(1, row.version + 1) and other != number else None
    old, new = (before, revision) if before is None or before.number < number else (revision, before)
    comparison = history.compare(texts_of(old), texts_of(new), row.type) if old is not None else None
    body = Markup(texts_of(revision).body)  # noqa: S704 - cleaned when it was saved
    return _page(
        "version",
        scope,
        row,
        revision=revision,
        texts=texts_of(revision),
        body=body,
        old=old,
        comparison=comparison,
    )


@bp.post("/restore")
def restore(scope: str, id: int) -> ResponseReturnValue:  # noqa: A002
    """Make an old version the newest one."""
    _found(scope, id)
    number = request.form.get("number", 0, type=int)
    row = history.restore(actor=current_user, item_id=id, version=_seen(), number=number)
    return _done(scope, row, _("Version %(number)s stands again, as a new version.", number=number))


@bp.post("/undo")
def undo(scope: str, id: int) -> ResponseReturnValue:  # noqa: A002
    """Take back what the reader has just done."""
    base = where_may_write(scope)
    trash.find(base, id)
    try:
        row = undoing.undo(actor=current_user, item_id=id, version=_seen())
    except StateChanged as error:
        flash(str(error), "bad")
        return redirect(url_for(".versions", scope=scope, id=id))
    flash(_("Taken back: it is as it was before."), "good")
    return redirect(editor(scope, row))


@bp.post("/archive")
def archive(scope: str, id: int) -> ResponseReturnValue:  # noqa: A002
    """Take an item out of the public pages; first show who links to it."""
    row = _found(scope, id)
    return _checked(scope, row, "archive", workflow.archive, _("Archived. Visitors no longer see it."))


@bp.post("/trash")
def throw_away(scope: str, id: int) -> ResponseReturnValue:  # noqa: A002
    """Put an item into the recycle bin; first show who links to it."""
    row = _found(scope, id)
    return _checked(scope, row, "trash", trash.throw_away, _("Moved to the recycle bin. It stays there for 30 days."))


@bp.post("/reopen")
def reopen(scope: str, id: int) -> ResponseReturnValue:  # noqa: A002
    """Make a draft of an archived item."""
    _found(scope, id)
    row = workflow.reopen(actor=current_user, item_id=id)
    flash(_("It is a draft again. Visitors see it when you publish it."), "good")
    return redirect(editor(scope, row))


@bp.post("/discard")
def discard(scope: str, id: int) -> ResponseReturnValue:  # noqa: A002
    """Drop the pending change of a public item."""
    _found(scope, id)
    row = workflow.discard(actor=current_user, item_id=id, version=_seen())
    return _done(scope, row, _("The change is dropped. What is public stays as it is."))


@bp.route("/move", methods=["GET", "POST"])
def move(scope: str, id: int) -> ResponseReturnValue:  # noqa: A002
    """Give an item another address, parent or base; its old address leads to the new one."""
    row = _found(scope, id)
    form = MoveForm.of(row, moving.possible_parents(row), _bases(row))
    if not form.validate_on_submit():
        return _moving_page(scope, row, form)
    try:
        moved = moving.move(actor=current_user, item_id=id, **form.wishes(row))
    except Invalid as error:
        show(form, error)
        return _moving_page(scope, row, form)
    flash(_("Moved. The old address leads to the new one."), "good")
    return redirect(url_for(".item", scope=scope_of(moved), id=id))


@bp.get("/preview-link")
def preview_link(scope: str, id: int) -> str:  # noqa: A002
    """Show a link with which somebody without an account can read the unfinished text."""
    row = _found(scope, id)
    link = addresses.absolute(url_for("content_preview.show", token=preview.token(row)))
    return _page("preview_link", scope, row, link=link, days=preview.VALID.days)


@bp.post("/preview-link")
def preview_links_void(scope: str, id: int) -> ResponseReturnValue:  # noqa: A002
    """Make every link that was given away void."""
    _found(scope, id)
    preview.make_void(actor=current_user, item_id=id)
    flash(_("The links given away so far no longer work. This page shows a new one."), "good")
    return redirect(url_for(".preview_link", scope=scope, id=id))


def editor(scope: str, row: Item) -> str:
    """Return the address of the page on which an item is written; what lies in the bin or is archived has its card."""
    if not permissions.may_edit(current_user, row):
        return url_for(".item", scope=scope, id=row.id)
    if "." in row.type:
        return url_for("content_typed.edit", scope=scope, type=row.type.partition(".")[2], id=row.id)
    return addresses.writing_address(scope, row)


def scope_of(row: Item) -> str:
    """Return the scope in the manage addresses of an item's base."""
    return row.base.slug if row.base else "consortium"


def undo_notice(scope: str, row: Item, text: str) -> Markup:
    """Return a notice that says what was done, with the button that takes it back."""
    return Markup(render_template("content/items/_done.html", scope=scope, item=row, text=text))  # noqa: S704 - a template


def _found(scope: str, item_id: int) -> Item:
    return queries.find_to_write(where_may_write(scope), item_id)


def _seen() -> int:
    return request.form.get("version", 0, type=int)


def _page(name: str, scope: str, row: Item, **values: object) -> str:
    return render_template(
        f"content/items/{name}.html",
        base=row.base,
        scope=scope,
        item=row,
        edit=editor(scope, row),
        address=addresses.address,
        may_publish=permissions.may_publish(current_user, row.base_id),
        act_name=history.act_name,
        **values,
    )


def _done(scope: str, row: Item, text: str) -> ResponseReturnValue:
    flash(undo_notice(scope, row, text), "good")
    return redirect(url_for(".item", scope=scope, id=row.id))


def _checked(scope: str, row: Item, name: str, act: Callable[..., Item], text: str) -> ResponseReturnValue:
    """Do what takes an item off its address, unless something links there and the reader has not been told."""
    links = linkcheck.links_to(current_user, row)
    if links and "checked" not in request.form:
        return _page("links", scope, row, links=links, act=name)
    try:
        changed = act(actor=current_user, item_id=row.id)
    except DomainError as error:
        if error.status not in {409, 422}:
            raise
        flash(str(error), "bad")
        return redirect(url_for(".item", scope=scope, id=row.id))
    flash(undo_notice(scope, changed, text), "good")
    return redirect(url_for("content_desk.bin" if changed.trashed_at else ".item", scope=scope, id=row.id))


def _moving_page(scope: str, row: Item, form: MoveForm) -> ResponseReturnValue:
    page = _page("move", scope, row, form=form, below=moving.below(row), links=linkcheck.links_to(current_user, row))
    return page, 422 if form.errors else 200


def _bases(row: Item) -> list[Base]:
    """Return the bases to which the reader may move an item: all for the office, none for others."""
    if not roles.allows(current_user, "content.consortium") or row.declared is not None or "." in row.type:
        return []
    return list(visible_bases())
