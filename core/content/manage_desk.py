"""Pages on which a base's content as a whole is looked after: what waits for review, and the recycle bin."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup

from core.accounts.forms import show
from core.content import permissions, queries, reviewing, trash, workflow
from core.content.item_forms import ReturnForm
from core.content.manage import where_may_write
from core.content.manage_items import editor, undo_notice
from core.content.snapshots import working
from core.errors import Forbidden, Invalid, StateChanged

bp = Blueprint("content_desk", __name__, url_prefix="/manage/<scope>")


@bp.get("/review")
def review(scope: str) -> str:
    """List what waits for review."""
    base = where_may_write(scope)
    rows = [
        (row, reviewing.handed_in(row), permissions.may_publish_item(current_user, row))
        for row in reviewing.waiting(base)
    ]
    return render_template("content/items/review.html", base=base, scope=scope, rows=rows)


@bp.route("/review/<int:id>", methods=["GET", "POST"])
def review_item(scope: str, id: int) -> ResponseReturnValue:  # noqa: A002
    """Show what was handed in beside what is public; send it back with a reason."""
    base = where_may_write(scope)
    row = queries.find_to_write(base, id)
    if not permissions.may_publish_item(current_user, row):
        raise Forbidden
    form = ReturnForm()
    if form.validate_on_submit():
        version = request.form.get("version", 0, type=int)
        try:
            workflow.give_back(actor=current_user, item_id=id, version=version, reason=form.reason.data or "")
        except Invalid as error:
            show(form, error)
        except StateChanged as error:
            flash(str(error), "bad")
        else:
            flash(_("Sent back. The writer gets a message."), "good")
            return redirect(url_for(".review", scope=scope))
    if not reviewing.in_review(row):
        flash(_("This no longer waits for review."), "info")
        return redirect(url_for(".review", scope=scope))
    page = render_template(
        "content/items/review_item.html",
        base=base,
        scope=scope,
        item=row,
        form=form,
        seen=reviewing.look(row),
        texts=working(row),
        body=Markup(working(row).body),  # noqa: S704 - cleaned when it was saved
        edit=editor(scope, row),
    )
    return page, 422 if form.errors else 200


@bp.post("/review/<int:id>/publish")
def publish(scope: str, id: int) -> ResponseReturnValue:  # noqa: A002
    """Publish what was handed in, as it was seen."""
    queries.find_to_write(where_may_write(scope), id)
    version = request.form.get("version", 0, type=int)
    try:
        row = workflow.publish(actor=current_user, item_id=id, version=version)
    except (Invalid, StateChanged) as error:
        flash(str(error), "bad")
        return redirect(url_for(".review_item", scope=scope, id=id))
    text = _("Published.") if row.is_public else _("Published: it appears at the time that was chosen.")
    flash(undo_notice(scope, row, text), "good")
    return redirect(url_for(".review", scope=scope))


@bp.get("/bin", endpoint="bin")
def recycle_bin(scope: str) -> str:
    """List what was thrown away and can still be recovered."""
    base = where_may_write(scope)
    listed = trash.in_bin(base, request.args.get("page", 1, type=int))
    return render_template(
        "content/items/bin.html", base=base, scope=scope, listed=listed, erased_at=trash.erased_at, days=trash.KEPT.days
    )


@bp.post("/bin/<int:id>/recover")
def recover(scope: str, id: int) -> ResponseReturnValue:  # noqa: A002
    """Take something out of the bin."""
    row = trash.find(where_may_write(scope), id)
    before = row.path
    try:
        row = trash.recover(actor=current_user, item_id=id)
    except StateChanged as error:
        flash(str(error), "bad")
        return redirect(url_for(".bin", scope=scope))
    flash(
        _("Recovered, as it was.")
        if row.path == before
        else _("Recovered. Its address is taken by now: the new one ends with %(slug)s.", slug=row.slug),
        "good",
    )
    return redirect(url_for("content_items.item", scope=scope, id=id))
