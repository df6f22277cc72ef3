"""Taking sessions and resources in from a table: all rows or none, and each row told what is wrong with it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock, db, errors
from core.accounts import roles
from core.accounts.models import User
from core.bases.models import Base
from core.booking import cells, resources, retries, sessions
from core.booking.allocation import lock
from core.booking.errors import ResourceTaken, TooLate
from core.booking.legs import serving
from core.booking.models import Kind, Resource, TrainingSession
from core.booking.resources import Own, Shown
from core.booking.sessions import Content
from core.booking.sheets import Column, Problem, Row
from core.booking.sync import settle_parents

SESSION_COLUMNS = (
    Column("kind", _l("What is booked"), _l("Needed only when several things are booked by session here."), ""),
    Column("title", _l("Title"), _l("At most 120 characters."), _l("Turning for beginners"), needed=True),
    Column("first_day", _l("Day"), _l("A date, or 2026-12-08, or 12月8日."), "2026-12-08", needed=True),
    Column("starts", _l("Begins at"), _l("Such as 09:00."), "09:00", needed=True),
    Column("last_day", _l("Last day"), _l("Empty: ends on the same day."), ""),
    Column("ends", _l("Ends at"), _l("Such as 17:00; 24:00 is midnight."), "17:00", needed=True),
    Column("seats", _l("Seats"), _l("A whole number."), 20, needed=True),
    Column("uses", _l("Uses"), _l("Names of rooms, machines and instructors, parted by “、”."), ""),
    Column("text", _l("Description"), _l("What participants should know."), ""),
)
RESOURCE_COLUMNS = (
    Column("name", _l("Name of the resource"), _l("What people call it; each name once."), _l("Lathe 9"), needed=True),
    Column("kind", _l("Kind"), _l("As in the list of resources, such as 机床设备."), _l("Machine"), needed=True),
    Column("capacity", _l("Units"), _l("How many can be booked at the same time; empty: 1."), 1),
    Column("parent", _l("Part of"), _l("Name of another resource, also one further up in this table."), ""),
    Column("setup", _l("Set-up (minutes)"), _l("Before each booking; empty: 0."), 0),
    Column("cleanup", _l("Clean-up (minutes)"), _l("After each booking; empty: 0."), 0),
    Column("facts", _l("Facts"), _l("Label: value, one to a line in the cell or parted by “;”."), ""),
)


T = TypeVar("T")

_DAY_MINUTES = 1440


@dataclass(frozen=True)
class SessionRow:
    """A session that a row says."""

    number: int
    kind_id: int
    content: Content


@dataclass(frozen=True)
class ResourceRow:
    """A resource that a row says; `parent` is the name of what it is a part of."""

    number: int
    shown: Shown
    own: Own
    parent: str


@dataclass
class Read:
    """What the rows of a file say, and what is wrong with them."""

    sessions: list[SessionRow] = field(default_factory=list)
    resources: list[ResourceRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class RowsRefused(errors.DomainError):
    """Rows that cannot be taken in; nothing was.

    Attributes:
        problems: what is wrong, row by row.
    """

    status = 422
    code = "invalid"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(_("Nothing was taken in. Please mend these rows and send the file again."))
        self.problems = tuple(problems)


def read_sessions(session: Session, base: Base, rows: Sequence[Row]) -> Read:
    """Return the sessions that rows say, and what is wrong with the rows."""
    kinds = session.scalars(
        select(Kind).where(Kind.base_id == base.id, Kind.archived_at.is_(None)).order_by(Kind.position)
    )
    by_session = {kind.slug: kind for kind in kinds if kind.mode == "session"}
    there = {resource.id: resource for resource in serving(session, base)}
    known: set[tuple[object, ...]] = {
        tuple(row)
        for row in session.execute(
            select(TrainingSession.kind_id, TrainingSession.title, TrainingSession.start_at).where(
                TrainingSession.base_id == base.id, TrainingSession.state != "cancelled"
            )
        )
    }
    found = Read()
    for row in rows:
        cell = _Cells(row, SESSION_COLUMNS, found.problems)
        said = _session(cell, by_session, there)
        if said is None:
            continue
        same = (said.kind_id, said.content["title"], said.content["start"])
        if same in known:
            cell.wrong("title", _("The same session is there already, or further up. Please take the row out."))
            continue
        known.add(same)
        found.sessions.append(said)
    return found


def read_resources(session: Session, base: Base, rows: Sequence[Row], kinds: Mapping[str, Sequence[str]]) -> Read:
    """Return the resources that rows say, and what is wrong with the rows.

    Args:
        kinds: the kinds of resource to choose from, each with the words for it.
    """
    names = {resource.name for resource in serving(session, base)}
    found = Read()
    for row in rows:
        cell = _Cells(row, RESOURCE_COLUMNS, found.problems)
        said = _resource(cell, kinds)
        if said is None:
            continue
        if said.shown.name in names:
            cell.wrong("name", _("A resource of this name is there already, or further up. Please choose another."))
        elif said.parent and said.parent not in names:
            cell.wrong("parent", _("There is no resource of this name here or further up in the table."))
        else:
            found.resources.append(said)
        names.add(said.shown.name)
    return found


def take_sessions(
    *, actor: User, base_id: int, rows: Sequence[SessionRow], publish: bool, retry_key: str | None = None
) -> int:
    """Write sessions as drafts, or publish them at once; all or none, in one transaction.

    Args:
        retry_key: makes sending twice safe, also at the same moment: the second time nothing is done.

    Raises:
        errors.Forbidden: the actor does not manage the base.
        errors.Invalid: the key was used to take them in the other way.
        RowsRefused: some cannot be; each row is told why.
    """
    problems: list[Problem] = []
    with db.write() as session:
        roles.require(actor, "session.manage", base_id=base_id)
        if retry_key and _is_taken(session, actor, f"{base_id}/sessions/import", retry_key, publish=publish):
            return len(rows)
        if publish:
            wanted = {number for row in rows for number in row.content["uses"]}
            there = select(Resource.id).where(Resource.id.in_(wanted), Resource.archived_at.is_(None))
            lock(session, session.scalars(there).all())
        for row in rows:
            try:
                training = sessions.add_draft(
                    session, actor=actor, base_id=base_id, kind_id=row.kind_id, content=row.content
                )
                if publish:
                    sessions.publish_draft(session, training, actor=actor)
            except errors.Invalid as error:
                problems += _of_row(row.number, error, SESSION_COLUMNS, {"start": "first_day", "end": "ends"})
            except ResourceTaken as error:
                problems.append(Problem(row.number, _label(SESSION_COLUMNS, "uses"), str(error)))
            except TooLate as error:
                problems.append(Problem(row.number, _label(SESSION_COLUMNS, "first_day"), str(error)))
        if problems:
            raise RowsRefused(problems)
    return len(rows)


def take_resources(*, actor: User, base_id: int, rows: Sequence[ResourceRow], retry_key: str | None = None) -> int:
    """Add resources of a base's own; all or none, in one transaction.

    Args:
        retry_key: as for `take_sessions`.

    Raises:
        errors.Forbidden: the actor does not manage the base.
        RowsRefused: some cannot be; each row is told why.
    """
    problems: list[Problem] = []
    with db.write() as session:
        roles.require(actor, "base.settings", base_id=base_id)
        if retry_key and _is_taken(session, actor, f"{base_id}/resources/import", retry_key):
            return len(rows)
        there = resources.lock_base(session, base_id)
        for row in rows:
            try:
                parents = [one.id for one in there.values() if one.archived_at is None and one.name == row.parent]
                if row.parent and len(parents) != 1:
                    message = _("There is no one resource of this name.")
                    raise errors.Invalid({"parent_id": message})
                own = Own(**{**vars(row.own), "parent_id": parents[0] if row.parent else None})
                resources.add_own(session, there, actor=actor, base_id=base_id, shown=row.shown, own=own)
            except errors.Invalid as error:
                problems += _of_row(row.number, error, RESOURCE_COLUMNS, {"parent_id": "parent"})
            except errors.DomainError as error:
                problems.append(Problem(row.number, _label(RESOURCE_COLUMNS, "parent"), str(error)))
        if problems:
            raise RowsRefused(problems)
        settle_parents(session, there.values())
    return len(rows)


def _is_taken(session: Session, actor: User, route: str, key: str, *, publish: bool = False) -> bool:
    """Say whether a table was taken in before; remember that it is, which is forgotten if it fails."""
    mark = retries.fingerprint({"publish": publish})
    if retries.earlier(session, actor=actor, route=route, key=key, mark=mark) is not None:
        return True
    retries.remember(session, actor=actor, route=route, key=key, mark=mark, answer={})
    return False


class _Cells:
    """The cells of a row, read one by one; what is wrong is kept."""

    def __init__(self, row: Row, columns: Sequence[Column], problems: list[Problem]) -> None:
        self.row = row
        self.fine = True
        self._columns = {column.key: column for column in columns}
        self._problems = problems

    def wrong(self, key: str, message: object) -> None:
        """Keep what is wrong with a cell."""
        self.fine = False
        self._problems.append(Problem(self.row.number, str(self._columns[key].label), str(message)))

    def get(self, key: str, reader: Callable[[object], T]) -> T | None:
        """Return a cell's value; None when it is empty, or cannot be used, which is kept."""
        column = self._columns[key]
        try:
            value = reader(self.row.values.get(key))
        except cells.Unusable as error:
            self.wrong(key, error)
            return None
        if column.needed and value in {None, ""}:
            self.wrong(key, _("This is needed. Please fill it in."))
        return value


def _session(cell: _Cells, kinds: Mapping[str, Kind], there: Mapping[int, Resource]) -> SessionRow | None:
    slug = cell.get("kind", lambda value: cells.chosen(value, {slug: (kind.title,) for slug, kind in kinds.items()}))
    if slug is None and cell.fine:
        if len(kinds) == 1:
            slug = next(iter(kinds))
        else:
            cell.wrong("kind", _("Please say what is booked: %(names)s.", names=_titles(kinds)))
    title = cell.get("title", lambda value: cells.words(value, most=120))
    first, last = cell.get("first_day", cells.day), cell.get("last_day", cells.day)
    starts, ends = cell.get("starts", cells.moment), cell.get("ends", cells.moment)
    seats = cell.get("seats", lambda value: cells.whole(value, least=1, most=10_000))
    uses = cell.get("uses", lambda value: cells.named(value, there))
    text = cell.get("text", lambda value: cells.words(value, most=5000))
    if not cell.fine or first is None or starts is None or ends is None:
        return None
    content = Content(
        title=title or "",
        text=text or "",
        start=_at(first, starts),
        end=_at(last or first, ends),
        seats=seats or 0,
        uses=uses or [],
    )
    if content["end"] <= content["start"]:
        cell.wrong("ends", _("The end must be later than the start. If it ends on another day, give the last day."))
    elif content["end"] <= clock.now():
        cell.wrong("first_day", _("This time has passed."))
    return SessionRow(cell.row.number, kinds[slug or ""].id, content) if cell.fine else None


def _resource(cell: _Cells, kinds: Mapping[str, Sequence[str]]) -> ResourceRow | None:
    name = cell.get("name", lambda value: cells.words(value, most=120))
    kind = cell.get("kind", lambda value: cells.chosen(value, kinds))
    capacity = cell.get("capacity", lambda value: cells.whole(value, least=1, most=resources.MOST_UNITS))
    parent = cell.get("parent", lambda value: cells.words(value, most=120))
    minutes = {
        key: cell.get(key, lambda value: cells.whole(value, least=0, most=_DAY_MINUTES)) for key in ("setup", "cleanup")
    }
    facts = cell.get("facts", cells.facts)
    if not cell.fine:
        return None
    setup, cleanup = (timedelta(minutes=minutes[key] or 0) for key in ("setup", "cleanup"))
    shown = Shown(name=name or "", setup=setup, cleanup=cleanup)
    own = Own(kind=kind or "", capacity=1 if capacity is None else capacity, facts=facts or ())
    return ResourceRow(cell.row.number, shown, own, parent or "")


def _titles(kinds: Mapping[str, Kind]) -> str:
    return str(_(", ").join(kind.title for kind in kinds.values()))


def _at(day: date, since_midnight: timedelta) -> datetime:
    return clock.at(day, time()) + since_midnight


def _label(columns: Sequence[Column], key: str) -> str:
    return next((str(column.label) for column in columns if column.key == key), "")


def _of_row(number: int, error: errors.Invalid, columns: Sequence[Column], names: Mapping[str, str]) -> list[Problem]:
    return [
        Problem(number, _label(columns, names.get(name, name.removesuffix("_id"))), str(message))
        for name, message in error.problems.items()
    ]
