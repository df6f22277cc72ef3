"""The tree of pages for those who write: its order, what is in the navigation, and pages that come with the base."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup

from core.bases.models import Base
from core.content import permissions, queries, shipping, tree
from core.content.addresses import address
from core.content.errors import EditedMeanwhile
from core.content.manage import where_may_write
from core.content.models import PAGE
from core.errors import NotFound, StateChanged
from core.localised import pick

bp = Blueprint("content_pages", __name__, url_prefix="/manage/<scope>/pages")

FOLDED = 40
"""Number of pages from which on branches are folded."""


@bp.get("/")
def index(scope: str) -> str:
    """List the pages of a base or of the portal as a tree."""
    base = where_may_write(scope)
    branches = tree.tree(base)
    return render_template(
        "content/manage/pages.html",
        base=base,
        scope=scope,
        branches=branches,
        folded=sum(branch.size for branch in branches) > FOLDED,
        at=request.args.get("at", 0, type=int),
        may_publish=permissions.may_publish(current_user, _id(base)),
    )


@bp.post("/")
def arrange(scope: str) -> ResponseReturnValue:
    """Move a page up or down, or take it into or out of the navigation: `do` is such as `up-12`."""
    base = where_may_write(scope)
    deed, _dash, number = request.form.get("do", "").partition("-")
    if not number.isdecimal() or len(number) > 9:
        raise NotFound
    page_id = int(number)
    if deed in {"up", "down"}:
        tree.step(actor=current_user, base=base, page_id=page_id, down=deed == "down")
        flash(_("The new order is shown."), "good")
    elif deed in {"show", "hide"}:
        tree.set_navigation(actor=current_user, base=base, page_id=page_id, shown=deed == "show")
        flash(
            _("The page is in the navigation.")
            if deed == "show"
            else _("The page is not in the navigation. Whoever knows its address can read it."),
            "good",
        )
    else:
        raise NotFound
    return redirect(url_for(".index", scope=scope, at=page_id, _anchor=f"page-{page_id}"))


@bp.get("/<int:id>/shipped")
def shipped(scope: str, id: int) -> str:  # noqa: A002
    """Show a page's own text beside the one that its base ships."""
    base = where_may_write(scope)
    return _comparison(base, scope, id)


@bp.post("/<int:id>/shipped")
def settle_shipped(scope: str, id: int) -> ResponseReturnValue:  # noqa: A002
    """Give a page back to its file, or keep the own text."""
    base = where_may_write(scope)
    queries.find_to_write(base, id, PAGE)
    if request.form.get("action") != "restore":
        shipping.keep(actor=current_user, item_id=id)
        flash(_("Your own text stays. The list tells you when the shipped text changes again."), "good")
        return redirect(url_for(".index", scope=scope))
    try:
        page = shipping.restore(actor=current_user, item_id=id, version=request.form.get("version", 0, type=int))
    except EditedMeanwhile:
        flash(_("Somebody has saved this page in the meantime. Please look at it once more."), "bad")
        return redirect(url_for(".shipped", scope=scope, id=id))
    except StateChanged as error:
        flash(str(error), "bad")
        return redirect(url_for(".index", scope=scope))
    flash(_("The shipped text is public again. Yours is kept in the page's versions."), "good")
    return redirect(address(page))


def _comparison(base: Base | None, scope: str, page_id: int) -> str:
    page = queries.find_to_write(base, page_id, PAGE)
    if page.declared is None or not page.owned:
        raise NotFound
    return render_template(
        "content/manage/shipped.html",
        base=base,
        scope=scope,
        page=page,
        news=shipping.news(page),
        title=pick(page.declared["title"]),
        body=Markup(pick(page.declared["body"])),  # noqa: S704 - cleaned when it was brought in
        own=Markup(page.body),  # noqa: S704 - cleaned when it was saved
        may_publish=permissions.may_publish(current_user, _id(base)),
    )


def _id(base: Base | None) -> int | None:
    return base.id if base else None
