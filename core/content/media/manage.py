"""Pages of the media library."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import FileStorage

from core import errors
from core.bases.models import Base
from core.content.addresses import address as item_address
from core.content.attachments import size_words
from core.content.manage import where_may_write
from core.content.media import addresses, filetypes, keeping, library
from core.content.media.forms import DescribeForm
from core.content.media.models import MediaFile
from core.content.permissions import may_write

bp = Blueprint("media_manage", __name__)

SORTS = ("pictures", "files")


@dataclass(frozen=True)
class Refused:
    """A file that was not kept, and why."""

    name: str
    why: str


@bp.get("/manage/<scope>/media/")
def index(scope: str) -> str:
    """Show a library: searched, by folder, pictures or files only, or what lies in the bin."""
    return _library(scope, where_may_write(scope))


@bp.post("/manage/<scope>/media/")
def upload(scope: str) -> ResponseReturnValue:
    """Take one file or several; those that can be kept are, and the page says what became of the others."""
    base = where_may_write(scope)
    sent = [file for file in request.files.getlist("file") if file.filename]
    folder = request.form.get("folder", "")
    refused = [each for each in (_kept(base, file, folder) for file in sent) if each is not None]
    if not sent:
        refused = [Refused("", _("Please choose a file."))]
    if len(sent) > len(refused):
        flash(_("In the library now: %(count)s", count=len(sent) - len(refused)), "good")
    if refused:
        return _library(scope, base, refused), errors.Invalid.status
    return redirect(url_for(".index", scope=scope, folder=folder or None))


@bp.route("/manage/<scope>/media/<int:id>", methods=["GET", "POST"])
def detail(scope: str, id: int) -> ResponseReturnValue:  # noqa: A002
    """Show a file with everything about it, and rename or describe it."""
    base = where_may_write(scope)
    media = library.find(base, id)
    form = DescribeForm.of(media)
    if not form.validate_on_submit():
        return _detail(scope, base, media, form), 422 if form.errors else 200
    keeping.describe(actor=current_user, media_id=id, **form.values())
    flash(_("Saved."), "good")
    return redirect(url_for(".detail", scope=scope, id=id))


@bp.post("/manage/<scope>/media/<int:id>/replace")
def replace(scope: str, id: int) -> ResponseReturnValue:  # noqa: A002
    """Put another file in the place of one."""
    base = where_may_write(scope)
    media = library.find(base, id)
    sent = request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise errors.Invalid({"file": _("Please choose a file.")})
        keeping.replace(actor=current_user, media_id=id, name=sent.filename, content=sent.stream.read())
    except errors.Invalid as error:
        return _detail(scope, base, media, DescribeForm.of(media), str(error)), error.status
    flash(_("The file is replaced everywhere it is used."), "good")
    return redirect(url_for(".detail", scope=scope, id=id))


@bp.post("/manage/<scope>/media/<int:id>/trash")
def trash(scope: str, id: int) -> ResponseReturnValue:  # noqa: A002
    """Throw a file away; one that is in use only from the page that says where."""
    library.find(where_may_write(scope), id)
    try:
        keeping.throw_away(actor=current_user, media_id=id, knowing="knowing" in request.form)
    except keeping.InUse as error:
        flash(str(error), "wait")
        return redirect(url_for(".detail", scope=scope, id=id))
    flash(_("The file is in the bin for 30 days. You can take it back from there."), "good")
    return redirect(url_for(".index", scope=scope))


@bp.post("/manage/<scope>/media/<int:id>/restore")
def restore(scope: str, id: int) -> ResponseReturnValue:  # noqa: A002
    """Take a file out of the bin."""
    library.find(where_may_write(scope), id)
    keeping.take_back(actor=current_user, media_id=id)
    flash(_("The file is in the library again."), "good")
    return redirect(url_for(".detail", scope=scope, id=id))


def _kept(base: Base | None, file: FileStorage, folder: str) -> Refused | None:
    name = file.filename or ""
    try:
        keeping.add(
            actor=current_user,
            base_id=base.id if base else None,
            name=name,
            content=file.stream.read(),
            folder=folder,
        )
    except errors.Invalid as error:
        return Refused(name, str(error))
    return None


def _library(scope: str, base: Base | None, refused: list[Refused] | None = None) -> str:
    sort = request.args.get("sort", "")
    sort = sort if sort in SORTS else ""
    words, folder, trashed = request.args.get("q", "")[:100], request.args.get("folder"), "bin" in request.args
    page = request.args.get("page", 1, type=int)
    listed = library.listed(base, page, words=words, folder=folder, sort=sort, trashed=trashed)
    return render_template(
        "content/media/library.html",
        base=base,
        scope=scope,
        listed=listed,
        uses=library.use_counts(listed.rows),
        folders=library.folders(base),
        folder=folder,
        words=words,
        sort=sort,
        trashed=trashed,
        refused=refused or [],
        taken=size_words(library.taken(base)),
        **_common(),
    )


def _detail(scope: str, base: Base | None, media: MediaFile, form: DescribeForm, refused: str = "") -> str:
    return render_template(
        "content/media/detail.html",
        base=base,
        scope=scope,
        media=media,
        form=form,
        refused=refused,
        usage=library.usage(current_user, media),
        folders=library.folders(base),
        may_write=lambda item: may_write(current_user, item.base_id),
        accepted=_accepted_instead(media),
        **_common(),
    )


def _accepted_instead(media: MediaFile) -> str:
    """Return the endings of files that can take a file's place."""
    kinds = [kind for kind in filetypes.ENDINGS if (kind in filetypes.PICTURES) == media.is_picture]
    return ",".join(f".{ending}" for kind in kinds for ending in filetypes.ENDINGS[kind])


def _common() -> dict[str, object]:
    return {
        "url": addresses.url,
        "item_address": item_address,
        "plain_address": addresses.plain,
        "thumbnail": addresses.thumbnail,
        "size_words": size_words,
        "all_accepted": filetypes.ACCEPTED,
        "largest": keeping.LARGEST,
        "largest_words": f"{keeping.LARGEST // 1024**2} MB",
    }
