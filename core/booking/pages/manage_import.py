"""Taking sessions and resources in from a table: the template, what the rows would become, and the deed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.datastructures import FileStorage

from core import files
from core.accounts import roles
from core.bases.models import Base
from core.bases.queries import find_base
from core.booking import imports, sheets
from core.booking.imports import Read, RowsRefused
from core.booking.pages import equipment
from core.booking.pages.resource_forms import kind_name
from core.booking.sheets import Column, Problem, Row
from core.db import db
from core.errors import Invalid
from core.intake import uploads

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Table:
    """What can be taken in: its columns, how rows are read, and how they become what they say.

    `take` is given the actor's base, what was read, whether it is to be published at once, and the file's key.
    """

    name: str
    title: object
    permission: str
    columns: tuple[Column, ...]
    read: Callable[[Base, Sequence[Row]], Read]
    take: Callable[[Base, Read, bool, str], int]


def _read_sessions(base: Base, rows: Sequence[Row]) -> Read:
    return imports.read_sessions(db.session(), base, rows)


def _read_resources(base: Base, rows: Sequence[Row]) -> Read:
    return imports.read_resources(db.session(), base, rows, equipment.kind_words(base))


def _take_sessions(base: Base, found: Read, publish: bool, key: str) -> int:
    return imports.take_sessions(
        actor=current_user, base_id=base.id, rows=found.sessions, publish=publish, retry_key=key
    )


def _take_resources(base: Base, found: Read, publish: bool, key: str) -> int:
    return imports.take_resources(actor=current_user, base_id=base.id, rows=found.resources, retry_key=key)


SESSIONS = Table("sessions", _l("Sessions"), "session.manage", imports.SESSION_COLUMNS, _read_sessions, _take_sessions)
RESOURCES = Table(
    "resources", _l("Resources"), "base.settings", imports.RESOURCE_COLUMNS, _read_resources, _take_resources
)


def sessions(base: str) -> ResponseReturnValue:
    """Take sessions in."""
    return _import(base, SESSIONS)


def resources(base: str) -> ResponseReturnValue:
    """Take resources in."""
    return _import(base, RESOURCES)


def sessions_template(base: str) -> Response:
    """Give the template of a table of sessions."""
    return _template(base, SESSIONS)


def resources_template(base: str) -> Response:
    """Give the template of a table of resources."""
    return _template(base, RESOURCES)


def _import(slug: str, table: Table) -> ResponseReturnValue:
    """Show what the rows of a file would become; take them in when that was seen and is wanted."""
    base = _base(slug, table)
    if request.method == "GET":
        return _page(base, table)
    try:
        key, content = _given(base, table)
        found = table.read(base, sheets.read(content, table.columns))
    except Invalid as error:
        return _page(base, table, refused=str(error)), 422
    if found.problems:
        return _page(base, table, found=found, problems=found.problems), 422
    if "take" not in request.form:
        return _page(base, table, found=found, key=key)
    return _take(base, table, found, key)


def _take(base: Base, table: Table, found: Read, key: str) -> ResponseReturnValue:
    publish = request.form["take"] == "publish"
    try:
        count = table.take(base, found, publish, key)
    except RowsRefused as error:
        return _page(base, table, found=found, problems=error.problems, key=key), error.status
    except Invalid as error:
        return _page(base, table, refused=str(error)), error.status
    flash(_taken(table, count, publish), "good")
    return redirect(url_for(f"booking_manage.{table.name}", base=base.slug))


def _given(base: Base, table: Table) -> tuple[str, bytes]:
    """Return the key and bytes of the file: sent just now, or looked at before.

    Raises:
        Invalid: there is none.
    """
    field = f"import-{table.name}-{base.id}-{current_user.id}"[:40]
    sent = request.files.get("file")
    if sent is not None and sent.filename:
        content = sent.stream.read(sheets.LARGEST + 1)
        sheets.refuse_bombs(content)
        sent.stream.seek(0)
        return uploads.keep(field, FileStorage(sent.stream, filename=sent.filename)).key, content
    waiting = uploads.find_waiting(field, request.form.get("key", "")[:64])
    if waiting is None:
        raise Invalid({"file": _("Please choose the filled-in file.")})
    try:
        return waiting.key, files.read(waiting.key)
    except OSError:
        raise Invalid({"file": _("The file is no longer here. Please choose it again.")}) from None


def _taken(table: Table, count: int, publish: bool) -> str:
    if table is RESOURCES:
        return str(_("Resources taken in: %(count)s. They can be booked now.", count=count))
    if publish:
        return str(_("Sessions taken in and published: %(count)s.", count=count))
    return str(_("Sessions taken in as drafts: %(count)s. Publish each when it is right.", count=count))


def _template(slug: str, table: Table) -> Response:
    _base(slug, table)
    answer = Response(sheets.template(table.columns, str(table.title)), mimetype=XLSX)
    answer.headers.set("Content-Disposition", "attachment", filename=f"{table.name}.xlsx")
    return answer


def _base(slug: str, table: Table) -> Base:
    row = find_base(slug)
    roles.require(current_user, table.permission, base_id=row.id)
    return row


def _page(
    base: Base,
    table: Table,
    *,
    found: Read | None = None,
    problems: Sequence[Problem] = (),
    key: str = "",
    refused: str = "",
) -> str:
    return render_template(
        "manage/import.html",
        base=base,
        table=table,
        found=found,
        names={resource.id: resource.name for resource in equipment.every(base)},
        kind_name=kind_name,
        problems=sorted(problems, key=lambda problem: problem.row),
        key=key,
        refused=refused,
        most=sheets.MOST_ROWS,
    )
