"""Pages with which announcements are written and pages edited."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from core.accounts import roles
from core.bases.models import Base
from core.bases.queries import find_base
from core.content import editing, queries, writing
from core.content.errors import EditedMeanwhile
from core.content.forms import AnnouncementForm, PageForm, last_day
from core.content.markdown import render
from core.content.models import Announcement, Page
from core.errors import Forbidden, StateChanged
from core.localised import LANGUAGES

bp = Blueprint("content_manage", __name__)

CONSORTIUM = "consortium"
STATES = ("draft", "published", "archived")


@bp.get("/manage/<scope>/announcements/")
def announcements(scope: str) -> str:
    """List what was written in a base or for the consortium, in every state."""
    base = _where_may_write(scope)
    state = request.args.get("state")
    state = state if state in STATES else None
    listed = queries.to_write(base, state, request.args.get("page", 1, type=int))
    return render_template(
        "content/manage/announcements.html",
        base=base,
        scope=scope,
        listed=listed,
        state=state,
        states=STATES,
        may_publish=writing.may_publish(current_user, _id(base)),
    )


@bp.route("/manage/<scope>/announcements/new", methods=["GET", "POST"])
def new(scope: str) -> ResponseReturnValue:
    """Write a new announcement."""
    base = _where_may_write(scope)
    form = AnnouncementForm()
    if form.validate_on_submit() and not _wants("preview"):
        saved = writing.create(actor=current_user, base_id=_id(base), publish=_wants("publish"), **form.values())
        return _after_saving(scope, saved)
    return _writing_page(base, scope, form)


@bp.route("/manage/<scope>/announcements/<int:id>", methods=["GET", "POST"])
def edit(scope: str, id: int) -> ResponseReturnValue:  # noqa: A002
    """Change an announcement; when another writer was faster, show both texts."""
    base = _where_may_write(scope)
    announcement = queries.find_to_write(base, id)
    if not writing.may_edit(current_user, announcement):
        return _cannot_be_changed(base, scope, announcement)
    form = AnnouncementForm(data=_announcement_texts(announcement))
    if not form.validate_on_submit() or _wants("preview"):
        return _writing_page(base, scope, form, announcement)
    try:
        saved = writing.edit(
            actor=current_user,
            announcement_id=id,
            version=form.opened(),
            publish=_wants("publish"),
            **form.values(),
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
    queries.find_to_write(_where_may_write(scope), id)
    version = request.form.get("version", 0, type=int)
    try:
        return _after_saving(scope, writing.publish(actor=current_user, announcement_id=id, version=version))
    except StateChanged as error:
        flash(str(error), "bad")
        return redirect(url_for(".edit", scope=scope, id=id))


@bp.post("/manage/<scope>/announcements/<int:id>/archive")
def archive(scope: str, id: int) -> ResponseReturnValue:  # noqa: A002
    """Take a published announcement out of the public pages."""
    queries.find_to_write(_where_may_write(scope), id)
    try:
        writing.archive(actor=current_user, announcement_id=id)
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
    """Set a page's own text over the shipped one, or restore the shipped one."""
    row = find_base(base)
    roles.require(current_user, "content.publish", base_id=row.id)
    page = queries.find_page_to_edit(row, id)
    form = PageForm(data=_page_texts(page))
    if not _wants("restore") and (not form.validate_on_submit() or _wants("preview")):
        return _page_page(row, page, form)
    try:
        if _wants("restore"):
            editing.restore(actor=current_user, page_id=id, version=request.form.get("version", 0, type=int))
        else:
            editing.edit(actor=current_user, page_id=id, version=form.opened(), **form.values())
    except EditedMeanwhile as other:
        form.version.data = str(other.version)
        return _page_page(row, queries.find_page_to_edit(row, id), form, other=other)
    flash(_("The page is saved. Visitors see it now."), "good")
    return redirect(url_for("content.page", base=base, path=page.path))


def _where_may_write(scope: str) -> Base | None:
    """Return the base of a scope, or None for the consortium; refuse whoever may not write there."""
    base = None if scope == CONSORTIUM else find_base(scope)
    if not writing.may_write(current_user, _id(base)):
        raise Forbidden
    return base


def _id(base: Base | None) -> int | None:
    return base.id if base else None


def _wants(action: str) -> bool:
    """Say whether the form was sent with this of its buttons."""
    return request.method == "POST" and request.form.get("action") == action


def _after_saving(scope: str, announcement: Announcement) -> ResponseReturnValue:
    if announcement.state == "draft":
        flash(_("The draft is saved. Visitors do not see it yet."), "good")
        return redirect(url_for(".edit", scope=scope, id=announcement.id))
    flash(_("The announcement is public now."), "good")
    return redirect(public_url(scope, announcement))


def public_url(scope: str, announcement: Announcement) -> str:
    """Return the address at which a published announcement is read."""
    if scope == CONSORTIUM:
        return url_for("content.consortium_announcement", slug=announcement.slug)
    return url_for("content.announcement", base=scope, slug=announcement.slug)


def _writing_page(
    base: Base | None,
    scope: str,
    form: AnnouncementForm,
    announcement: Announcement | None = None,
    other: EditedMeanwhile | None = None,
) -> ResponseReturnValue:
    page = render_template(
        "content/manage/announcement.html",
        base=base,
        scope=scope,
        form=form,
        announcement=announcement,
        other=other,
        preview=render(form.body.data or "") if _wants("preview") else None,
        may_publish=writing.may_publish(current_user, _id(base)),
    )
    return page, _status(form, other)


def _cannot_be_changed(base: Base | None, scope: str, announcement: Announcement) -> ResponseReturnValue:
    """Show an announcement for reading; what was typed over one that has been archived meanwhile is shown beside it."""
    sent = request.method == "POST"
    if sent and announcement.state == "published":
        raise Forbidden(_("What is public is changed by those who may publish."))
    page = render_template(
        "content/manage/read_announcement.html",
        base=base,
        scope=scope,
        announcement=announcement,
        body=render(announcement.body),
        typed=request.form.get("body", ""),
    )
    return page, StateChanged.status if sent else 200


def _page_page(base: Base, page: Page, form: PageForm, other: EditedMeanwhile | None = None) -> ResponseReturnValue:
    shown = render_template(
        "content/manage/page.html",
        base=base,
        page=page,
        form=form,
        other=other,
        preview=render(form.body.data or "") if _wants("preview") else None,
    )
    return shown, _status(form, other)


def _status(form: AnnouncementForm | PageForm, other: StateChanged | None) -> int:
    if other is not None:
        return other.status
    return 422 if form.errors else 200


def _announcement_texts(announcement: Announcement) -> dict[str, object]:
    return {
        "title": announcement.title,
        "body": announcement.body,
        "pinned_until": last_day(announcement.pinned_until),
        "version": str(announcement.version),
    }


def _page_texts(page: Page) -> dict[str, object]:
    """Return a manager's own text, else the shipped Chinese one: what is written over it stands for both languages."""
    shipped = page.declared or {}
    return {
        "title": page.title_set or shipped.get("title", {}).get(LANGUAGES[0], ""),
        "body": page.body_set or shipped.get("body", {}).get(LANGUAGES[0], ""),
        "version": str(page.version),
    }
