"""The database: one session for reading, one way of writing, and column types that are the same on both engines."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from cryptography.fernet import Fernet, MultiFernet
from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as RequestSession
from sqlalchemy import JSON, BigInteger, DateTime, Engine, LargeBinary, MetaData, PoolProxiedConnection, event
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.mutable import MutableDict
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from core import events
from core.config import Settings


class _Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=_Base, disable_autonaming=True)

if TYPE_CHECKING:

    class Model(DeclarativeBase):
        """Base class of the core's models. A plugin declares a `DeclarativeBase` of its own over the same metadata."""
else:
    Model = db.Model

_WRITING = "jidi_writing"


def init_app(app: Flask, settings: Settings) -> None:
    """Connect the application to its database and set up the engine's transactions."""
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    options: dict[str, Any] = (
        {"connect_args": {"timeout": 30}} if settings.database_url.startswith("sqlite") else {"pool_pre_ping": True}
    )
    # Two for each thread: one who holds one never waits for a second that another holds who waits as well.
    options |= {"pool_size": settings.threads, "max_overflow": settings.threads}
    # A statement that fails goes to the log: what people typed does not.
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options | {"hide_parameters": True}
    app.extensions["jidi_cipher"] = MultiFernet([Fernet(key) for key in settings.data_keys])
    db.init_app(app)
    with app.app_context():
        prepare(db.engine)


def prepare(engine: Engine) -> None:
    """Give an SQLite engine explicit transactions: deferred for reading, IMMEDIATE for writing, durable commits."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, record: object) -> None:
        connection.isolation_level = None  # the driver's own BEGIN comes too late and of the wrong kind
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('sqlite_begin', 'DEFERRED')}")


@contextmanager
def bare(engine: Engine) -> Iterator[PoolProxiedConnection]:
    """Lend a connection for small questions to the driver itself: a tenth of the cost of a session.

    When one fails, or none can be had, all idle connections are given up, so that the next try has a new one.

    Raises:
        OperationalError: the database does not answer, or not that.
    """
    connection = None
    try:
        connection = engine.raw_connection()
        yield connection
    except engine.dialect.loaded_dbapi.Error as error:  # the pool, too, passes on what the driver raises
        if connection is not None:
            connection.invalidate()
        engine.dispose()
        raise OperationalError("a question to the driver", None, error) from error
    finally:
        if connection is not None:
            connection.close()


@contextmanager
def write() -> Iterator[Session]:
    """Open the one kind of transaction that may write; commits at the end, rolls back on any exception.

    Ends the read transaction first, so that everything read before (the actor included) is loaded anew under the
    write lock. On SQLite it begins IMMEDIATE: an upgrade from a read snapshot would fail with "database is locked".
    Do slow work (hashing, parsing, images, network) before it. Does not nest. Work handed to
    `events.after_commit` runs when the commit has succeeded.
    """
    session = cast("Session", db.session())
    if session.info.get(_WRITING):
        raise RuntimeError("db.write() does not nest: pass the session down instead")
    session.rollback()
    session.info[_WRITING] = True
    try:
        session.connection(execution_options={"sqlite_begin": "IMMEDIATE"})
        with events.collect():
            yield session
            session.flush()
            events.before_commit(session)
            session.commit()
            done = events.taken()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop(_WRITING, None)
    for job in done:
        job()


def writing() -> bool:
    """Say whether a `write()` is open on the current session."""
    return bool(db.session().info.get(_WRITING))


@event.listens_for(RequestSession, "before_flush")
def _refuse_stray_writes(session: Session, context: object, instances: object) -> None:
    if not session.info.get(_WRITING):
        raise RuntimeError("a write outside db.write()")


def violated(error: IntegrityError) -> str:
    """Return what names the broken rule: PostgreSQL's constraint name, or SQLite's message (a trigger's own name)."""
    diagnosis = getattr(error.orig, "diag", None)
    return (diagnosis.constraint_name or "") if diagnosis is not None else str(error.orig)


BUSY = frozenset({"40P01", "40001", "55P03"})
"""PostgreSQL's words for a transaction that stood in another's way: deadlock, serialisation, a lock not to be had."""


def is_busy(error: BaseException | None) -> bool:
    """Say whether a statement failed only because others were writing: nothing was done, and trying again will help."""
    if not isinstance(error, OperationalError):
        return False
    return getattr(error.orig, "sqlstate", None) in BUSY or "database is locked" in str(error.orig)


class UTCDateTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC. SQLite keeps fixed-width text, so that comparing texts compares times."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime: times in the database are aware")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Instant(TypeDecorator[datetime]):
    """An aware moment stored as whole seconds since 1970 (UTC), so that no raw SQL slips past a comparison of texts."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime: times in the database are aware")
        return int(value.timestamp())

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromtimestamp(value, UTC)


class Encrypted(TypeDecorator[Any]):
    """Personal data (any JSON value) encrypted at rest with JIDI_DATA_KEYS: the first key encrypts, all decrypt."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        return cipher().encrypt(json.dumps(value, ensure_ascii=False).encode())

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(cipher().decrypt(bytes(value)))


def cipher() -> MultiFernet:
    """Return the cipher of the running application's data keys."""
    return cast("MultiFernet", current_app.extensions["jidi_cipher"])


JSONDict = MutableDict.as_mutable(JSON())
"""A JSON object column whose changes in place are noticed."""
