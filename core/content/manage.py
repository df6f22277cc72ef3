"""Pages with which announcements are written and pages edited."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup

from core.accounts import roles
from core.bases.models import Base
from core.bases.queries import find_base
from core.content import permissions, queries, richtext, workflow, writing
from core.content.addresses import address
from core.content.errors import EditedMeanwhile
from core.content.forms import AnnouncementForm, PageForm, TextForm, last_day
from core.content.models import ANNOUNCEMENT, PAGE, STATES, Item
from core.content.snapshots import working
from core.errors import Forbidden, StateChanged

bp = Blueprint("content_manage", __name__)

CONSORTIUM = "consortium"


@bp.get("/manage/<scope>/announcements/")
def announcements(scope: str) -> str:
    """List what was written in a base or for the consortium, in every state."""
    base = where_may_write(scope)
    state = request.args.get("state")
    state = state if state in STATES else None
    listed = queries.to_write(ANNOUNCEMENT, base, state, request.args.get("page", 1, type=int))
    return render_template(
        "content/manage/announcements.html",
        base=base,
        scope=scope,
        listed=listed,
        state=state,
        states=STATES,
        may_publish=permissions.may_publish(current_user, _id(base)),
    )


@bp.route("/manage/<scope>/announcements/new", methods=["GET", "POST"])
def new(scope: str) -> ResponseReturnValue:
    """Write a new announcement."""
    base = where_may_write(scope)
    form = AnnouncementForm()
    if form.validate_on_submit() and not _wants("preview"):
        saved = writing.create(actor=current_user, base_id=_id(base), act=_act(), texts=form.texts())
        return _after_saving(scope, saved)
    return _writing_page(base, scope, form)


@bp.route("/manage/<scope>/announcements/<int:id>", methods=["GET", "POST"])
def edit(scope: str, id: int) -> ResponseReturnValue:  # noqa: A002
    """Change an announcement; when another writer was faster, show both texts."""
    base = where_may_write(scope)
    item = queries.find_to_write(base, id, ANNOUNCEMENT)
    if not permissions.may_edit(current_user, item):
        return _cannot_be_changed(base, scope, item)
    form = AnnouncementForm(data=_typed(item) | {"pinned_until": last_day(working(item).pinned_until)})
    if not form.validate_on_submit() or _wants("preview"):
        return _writing_page(base, scope, form, item)
    try:
        saved = writing.save(
            actor=current_user, item_id=id, version=form.opened(), act=_act(), texts=form.texts(working(item))
        )
    except EditedMeanwhile as other:
        form.version.data = str(other.version)
        return _writing_page(base, scope, form, queries.find_to_write(base, id), other=other)
    except StateChanged:  # archived since it was opened
        return _cannot_be_changed(base, scope, queries.find_to_write(base, id))
    return _after_saving(scope, saved)


@bp.post("/manage/<scope>/announcements/<int:id>/publish")
def publish(scope: str, id: int) -> ResponseReturnValue:  # noqa: A002
    """Publish a draft from the list."""
    queries.find_to_write(where_may_write(scope), id)
    version = request.form.get("version", 0, type=int)
    try:
        return _after_saving(scope, workflow.publish(actor=current_user, item_id=id, version=version))
    except StateChanged as error:
        flash(str(error), "bad")
        return redirect(url_for(".edit", scope=scope, id=id))


@bp.post("/manage/<scope>/announcements/<int:id>/archive")
def archive(scope: str, id: int) -> ResponseReturnValue:  # noqa: A002
    """Take a published announcement out of the public pages."""
    queries.find_to_write(where_may_write(scope), id)
    try:
        workflow.archive(actor=current_user, item_id=id)
        flash(_("The announcement is archived. Visitors no longer see it."), "good")
    except StateChanged as error:
        flash(str(error), "bad")
    return redirect(url_for(".announcements", scope=scope))


@bp.get("/manage/<base>/pages/")
def pages(base: str) -> str:
    """List the pages of a base."""
    row = find_base(base)
    roles.require(current_user, "content.write", base_id=row.id)
    return render_template("content/manage/pages.html", base=row, pages=queries.navigation(row))


@bp.route("/manage/<base>/pages/<int:id>", methods=["GET", "POST"])
def edit_page(base: str, id: int) -> ResponseReturnValue:  # noqa: A002
    """Write a page's own text over the shipped one."""
    row = find_base(base)
    roles.require(current_user, "content.publish", base_id=row.id)
    item = queries.find_to_write(row, id, PAGE)
    form = PageForm(data=_typed(item))
    if not form.validate_on_submit() or _wants("preview"):
        return _page_page(row, item, form)
    try:
        writing.save(
            actor=current_user, item_id=id, version=form.opened(), act=writing.PUBLISH, texts=form.texts(working(item))
        )
    except EditedMeanwhile as other:
        form.version.data = str(other.version)
        return _page_page(row, queries.find_to_write(row, id), form, other=other)
    flash(_("The page is saved. Visitors see it now."), "good")
    return redirect(address(item))


def where_may_write(scope: str) -> Base | None:
    """Return the base of a scope, or None for the consortium; refuse whoever may not write there."""
    base = None if scope == CONSORTIUM else find_base(scope)
    if not permissions.may_write(current_user, _id(base)):
        raise Forbidden
    return base


def _id(base: Base | None) -> int | None:
    return base.id if base else None


def _wants(action: str) -> bool:
    """Say whether the form was sent with this of its buttons."""
    return request.method == "POST" and request.form.get("action") == action


def _act() -> str:
    action = request.form.get("action", "")
    return action if action in {writing.SUBMIT, writing.PUBLISH} else writing.SAVE


def _typed(item: Item) -> dict[str, object]:
    texts = working(item)
    return {"title": texts.title, "body": texts.body, "version": str(item.version)}


def _after_saving(scope: str, item: Item) -> ResponseReturnValue:
    if not item.is_public:
        flash(_("The draft is saved. Visitors do not see it yet."), "good")
        return redirect(url_for(".edit", scope=scope, id=item.id))
    flash(_("The announcement is public now."), "good")
    return redirect(address(item))


def _writing_page(
    base: Base | None,
    scope: str,
    form: AnnouncementForm,
    announcement: Item | None = None,
    other: EditedMeanwhile | None = None,
) -> ResponseReturnValue:
    page = render_template(
        "content/manage/announcement.html",
        base=base,
        scope=scope,
        form=form,
        announcement=announcement,
        other=other,
        preview=_shown(form),
        may_publish=permissions.may_publish(current_user, _id(base)),
    )
    return page, _status(form, other)


def _shown(form: TextForm) -> Markup | None:
    """Return the typed text as it will look, when that was asked for."""
    return Markup(richtext.clean(form.body.data or "")) if _wants("preview") else None  # noqa: S704 - cleaned here


def _cannot_be_changed(base: Base | None, scope: str, announcement: Item) -> ResponseReturnValue:
    """Show an announcement for reading; what was typed over one that has been archived meanwhile is shown beside it."""
    page = render_template(
        "content/manage/read_announcement.html",
        base=base,
        scope=scope,
        announcement=announcement,
        body=Markup(announcement.body),  # noqa: S704 - cleaned when it was saved
        typed=request.form.get("body", ""),
    )
    return page, StateChanged.status if request.method == "POST" else 200


def _page_page(base: Base, page: Item, form: PageForm, other: EditedMeanwhile | None = None) -> ResponseReturnValue:
    shown = render_template(
        "content/manage/page.html", base=base, page=page, form=form, other=other, preview=_shown(form)
    )
    return shown, _status(form, other)


def _status(form: TextForm, other: StateChanged | None) -> int:
    if other is not None:
        return other.status
    return 422 if form.errors else 200
