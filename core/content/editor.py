"""The one screen on which an announcement or a page is written."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from core import dates
from core.bases.models import Base
from core.bases.queries import visible_bases
from core.booking.session_queries import upcoming_sessions
from core.content import (
    attachments,
    autosaves,
    blueprints,
    duplicating,
    forms,
    manage,
    merging,
    permissions,
    queries,
    reviewing,
    tree,
    types,
    undoing,
    writing,
)
from core.content.addresses import address, writing_address
from core.content.autosaves import Desk
from core.content.errors import EditedMeanwhile
from core.content.forms import AnnouncementForm, NewPageForm, PageForm, TextForm
from core.content.manage import CONSORTIUM, published_notice, where_may_write
from core.content.models import ANNOUNCEMENT, PAGE, Item
from core.content.snapshots import Texts, working
from core.errors import Invalid, NotFound, StateChanged

F = TypeVar("F", bound=TextForm)

bp = manage.bp

TEMPLATES = {PAGE: "content/manage/page.html", ANNOUNCEMENT: "content/manage/announcement.html"}
"""Template of the desk by type; those of plugins share another one."""

SESSIONS = 40
"""How many of the next sessions can be chosen from."""


@bp.route("/manage/<scope>/announcements/new", methods=["GET", "POST"])
def new(scope: str) -> ResponseReturnValue:
    """Write a new announcement: from nothing, from an outline, or like an old one."""
    base = where_may_write(scope)
    desk = Desk(ANNOUNCEMENT, _id(base))
    begun, doubtful = _beginning(base)
    form = opened(AnnouncementForm, desk, begun)
    old = duplicating.candidates(base) if request.method == "GET" else ()
    return write_new(base, form, desk, shown={"outlines": blueprints.outlines(), "old": old, "doubtful": doubtful})


@bp.route("/manage/<scope>/announcements/<int:id>", methods=["GET", "POST"])
def edit(scope: str, id: int) -> ResponseReturnValue:  # noqa: A002
    """Change an announcement; when another writer was faster, show both texts."""
    base = where_may_write(scope)
    return write_on(base, id, ANNOUNCEMENT, AnnouncementForm)


@bp.route("/manage/<scope>/pages/new", methods=["GET", "POST"])
def new_page(scope: str) -> ResponseReturnValue:
    """Write a new page, of a base or of the portal."""
    base = where_may_write(scope)
    desk = Desk(PAGE, _id(base))
    form = opened(NewPageForm, desk, {"parent": request.args.get("parent", "")})
    forms.offer_parents(form, [page for page, _depth in tree.flat(tree.tree(base))])
    return write_new(base, form, desk)


@bp.route("/manage/<scope>/pages/<int:id>", methods=["GET", "POST"])
def edit_page(scope: str, id: int) -> ResponseReturnValue:  # noqa: A002
    """Change a page, also one that a plugin ships: then the own text stands over the shipped one."""
    base = where_may_write(scope)
    return write_on(base, id, PAGE, PageForm)


def write_new(
    base: Base | None, form: TextForm, desk: Desk, *, shown: Mapping[str, Any] | None = None
) -> ResponseReturnValue:
    """Save what was written on a desk as a new item, or show the desk; `shown` is what its page shows besides."""
    _offer(form, base, None)
    if _complete(base, form):
        where: dict[str, Any] = (
            {"slug": form.chosen_slug(), "parent_id": form.chosen_parent()} if isinstance(form, NewPageForm) else {}
        )
        try:
            item = writing.create(
                actor=current_user, base_id=_id(base), kind=desk.type, act=_act(), texts=form.texts(), **where
            )
        except Invalid as error:
            form.refuse(error)
        else:
            return _saved(_scope(base), item, form)
    return _desk_page(base, form, desk, **shown or {})


def write_on(base: Base | None, item_id: int, kind: str, kind_of_form: type[TextForm]) -> ResponseReturnValue:
    """Show the desk on which an item of a type is changed, or save what was written on it."""
    try:
        item = queries.find_to_write(base, item_id, kind)
    except NotFound:
        if request.method == "POST":  # thrown away meanwhile: what was typed can become a new one
            return _orphaned(base, kind, kind_of_form)
        raise
    if not permissions.may_edit(current_user, item):
        return _closed(base, item, kind_of_form)
    form = opened(kind_of_form, autosaves.desk_of(item), forms.values(item), item)
    _offer(form, base, item)
    if request.form.get("action") == "theirs":  # what was typed stays kept, to go back to
        return redirect(request.path)
    is_valid = _complete(base, form)
    if wanted := request.form.getlist("theirs"):
        form.show(merging.taking(form.texts(item), working(item), wanted), wanted)
    if request.form.get("action") == "both":
        return _brought_together(base, form, item)
    stored = _store(base, form, item) if is_valid else None
    return stored or _desk_page(base, form, autosaves.desk_of(item), item)


def _complete(base: Base | None, form: TextForm) -> bool:
    """Say whether a form was sent and can be saved; files sent with it (without script) hang on the text."""
    is_valid = form.validate_on_submit()
    sent = [file for file in request.files.getlist("upload") if file.filename]
    kept, refused = attachments.keep(current_user, _id(base), sent)
    form.attachments.data = [*form.attachments.data, *kept]
    form.attachments.errors = [*form.attachments.errors, *refused]
    return is_valid and not refused


def _store(base: Base | None, form: TextForm, item: Item) -> ResponseReturnValue | None:
    """Save a valid form; None when it has to be shown again for what was found wrong."""
    reason = form.reason.data or ""
    version, texts = form.opened(), form.texts(item)
    try:
        saved = writing.save(
            actor=current_user, item_id=item.id, version=version, act=_act(), texts=texts, reason=reason
        )
    except EditedMeanwhile as other:
        return _conflict(base, form, item.id, other)
    except Invalid as error:
        form.refuse(error)
        return None
    except StateChanged:  # archived since it was opened
        return _closed(base, queries.find_to_write(base, item.id), type(form))
    return _saved(_scope(base), saved, form)


def _conflict(base: Base | None, form: TextForm, item_id: int, other: EditedMeanwhile) -> ResponseReturnValue:
    """Show both texts; what only the other writer changed is put into the form already."""
    item = queries.find_to_write(base, item_id)
    mine = _typed(form, item)
    conflict = merging.conflict(item, form.opened(), mine, other)
    form.show(conflict.merged, merging.differing(mine, conflict.merged))
    form.version.data = str(other.version)
    return _desk_page(base, form, autosaves.desk_of(item), item, conflict=conflict)


def _brought_together(base: Base | None, form: TextForm, item: Item) -> ResponseReturnValue:
    """Show the form with both texts in it."""
    mine, theirs = _typed(form, item), working(item)
    both = merging.merged(merging.opened(item, form.opened()), mine, theirs)
    if both.body != theirs.body:
        both = replace(both, body=f"{both.body}<hr>{theirs.body}")
    form.show(both, merging.differing(mine, both))
    form.version.data = str(item.version)
    return _desk_page(base, form, autosaves.desk_of(item), item)


def _typed(form: TextForm, item: Item) -> Texts:
    return types.fitting(item.type, writing.cleaned(form.texts(item)))


def opened(kind_of_form: type[F], desk: Desk, values: dict[str, Any], item: Item | None = None) -> F:
    """Return the form of a desk: what was sent, else what was being typed when that is asked for, else `values`."""
    values = {"key": secrets.token_urlsafe(16)} | values
    more: dict[str, Any] = {"item": item} if issubclass(kind_of_form, AnnouncementForm) else {}
    kept = autosaves.find(current_user, request.args.get("draft", "")) if request.method == "GET" else None
    if kept is not None and (kept.type, kept.base_id, kept.item_id) == (desk.type, desk.base_id, desk.item_id):
        more["formdata"] = MultiDict([(name, text) for name, texts in kept.values.items() for text in texts])
    return kind_of_form(data=values, **more)


def _beginning(base: Base | None) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return what a new announcement begins with, and the dates in it that its writer should look at."""
    outline = blueprints.find(request.args.get("outline", ""))
    if outline is not None:
        return outline.values(), ()
    old = request.args.get("like", type=int)
    if request.method == "POST" or old is None:
        return {}, ()
    texts = duplicating.like(queries.find_to_write(base, old, ANNOUNCEMENT))
    return forms.filled(texts), tuple(duplicating.dates_in(texts))


def _offer(form: TextForm, base: Base | None, item: Item | None) -> None:
    """Fill the choices of an announcement's form that depend on who writes where."""
    if not isinstance(form, AnnouncementForm):
        return
    bases = visible_bases()
    allowed = [row for row in bases if row != base and permissions.may_publish(current_user, row.id)]
    forms.offer_places(form, [(row.id, row.short_name) for row in allowed])
    sessions = upcoming_sessions([base.id] if base else [row.id for row in bases], limit=SESSIONS)
    if item is not None and item.session is not None and item.session not in sessions:
        sessions.insert(0, item.session)
    forms.offer_sessions(form, [(row.id, f"{dates.moment(row.start_at)} {row.title}") for row in sessions])


def _saved(scope: str, item: Item, form: TextForm) -> ResponseReturnValue:
    """Say what happened, and lead to where it can be seen."""
    if form.key.data:
        autosaves.drop(current_user, form.key.data)
    act = _act()
    if act == writing.PUBLISH:
        flash(published_notice(scope, item), "good")
        if item.is_public:
            return redirect(address(item))
    elif act == writing.SUBMIT:
        flash(_("Handed in. You get a message when it has been looked at."), "good")
    elif item.pending_id is not None:
        flash(_("The change is saved. Visitors see the former text until it is published."), "good")
    else:
        flash(_("The draft is saved. Visitors do not see it yet."), "good")
    return redirect(writing_address(scope, item))


def _desk_page(base: Base | None, form: TextForm, desk: Desk, item: Item | None = None, **more: Any) -> tuple[str, int]:
    scope = _scope(base)
    conflict: merging.Conflict | None = more.get("conflict")
    reading = request.method == "GET" and "draft" not in request.args
    page = render_template(
        TEMPLATES.get(desk.type, "content/manage/typed.html"),
        base=base,
        scope=scope,
        form=form,
        desk=desk,
        item=item,
        begun=autosaves.waiting(current_user, desk) if reading else (),
        files=attachments.chosen(form.attachments.data),
        kind=types.known(desk.type),
        may_publish=permissions.may_publish(current_user, desk.base_id, reviewed=types.is_reviewed(desk.type)),
        returned=reviewing.sent_back(item) if item else None,
        undoable=reading and item is not None and _is_fresh(item),
        **more,
    )
    return page, conflict.other.status if conflict else 422 if form.errors else 200


def _is_fresh(item: Item) -> bool:
    """Say whether the reader has just published an item and may still take that back."""
    return item.state == "published" and item.pending_id is None and undoing.can_undo(current_user, item)


def _orphaned(base: Base | None, kind: str, kind_of_form: type[TextForm]) -> ResponseReturnValue:
    desk = Desk(kind, _id(base))
    form = kind_of_form()
    _offer(form, base, None)
    flash(_("This was thrown away while you wrote. Your text is below: publish it as a new one, or copy it."), "wait")
    return _desk_page(base, form, desk)[0], 409


def _closed(base: Base | None, item: Item, kind_of_form: type[TextForm]) -> ResponseReturnValue:
    """Lead from what can no longer be changed to its card; what was typed over it is shown, to be copied."""
    if request.method != "POST":
        return redirect(url_for("content_items.item", scope=_scope(base), id=item.id))
    form = kind_of_form()
    page = render_template(
        "content/manage/closed.html", base=base, scope=_scope(base), item=item, form=form, fields=form.texts().fields
    )
    return page, StateChanged.status


def _act() -> str:
    action = request.form.get("action", "")
    return action if action in {writing.SUBMIT, writing.PUBLISH} else writing.SAVE


def _scope(base: Base | None) -> str:
    return base.slug if base else CONSORTIUM


def _id(base: Base | None) -> int | None:
    return base.id if base else None
