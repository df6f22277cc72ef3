"""The database layer: one way of writing, times that are aware, personal data that is not readable."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, StatementError

from core import clock, db, events
from core.accounts.models import User
from core.audit import AuditEntry, record
from core.db import db as database
from tests.conftest import MakeApp

pytestmark = pytest.mark.database


def user(email: str = "somebody@example.org", **values: object) -> User:
    return User(email=email, name="测试联系人", created_at=clock.now(), **values)


def test_what_is_written_in_a_transaction_is_there_afterwards(app: Flask) -> None:
    with app.app_context():
        with db.write() as session:
            session.add(user())
        assert database.session.query(User).filter_by(email="somebody@example.org").count() == 1


def test_an_exception_takes_everything_back_and_what_was_to_follow(app: Flask) -> None:
    done: list[str] = []
    with app.app_context():
        with pytest.raises(ZeroDivisionError), db.write() as session:  # noqa: PT012
            session.add(user())
            session.flush()
            events.after_commit(lambda: done.append("mail"))
            1 / 0  # noqa: B018
        assert database.session.query(User).count() == 0
    assert not done


def test_a_statement_that_fails_does_not_tell_what_people_typed(app: Flask) -> None:
    with app.app_context(), pytest.raises(IntegrityError) as failed, db.write() as session:  # noqa: PT012
        session.add(user())
        session.flush()
        session.add(user(phone="023-49800000"))
        session.flush()
    assert "测试联系人" not in str(failed.value)


def test_what_follows_a_commit_runs_once_it_is_there(app: Flask) -> None:
    seen: list[int] = []
    with app.app_context(), db.write() as session:
        session.add(user())
        events.after_commit(lambda: seen.append(database.session.query(User).count()))
        assert not seen
    assert seen == [1]


def test_a_write_outside_a_transaction_is_refused(app: Flask) -> None:
    with app.app_context():
        database.session.add(user())
        with pytest.raises(RuntimeError, match=r"a write outside db\.write"):
            database.session.flush()


def test_writes_do_not_nest(app: Flask) -> None:
    with app.app_context(), db.write(), pytest.raises(RuntimeError, match="does not nest"), db.write():
        pass


def test_what_was_read_before_is_read_anew_under_the_write_lock(app: Flask) -> None:
    with app.app_context():
        with db.write() as session:
            session.add(user())
        actor = database.session.query(User).one()
        assert actor.active
        with database.engine.begin() as other:
            other.execute(text("UPDATE user_account SET active = false"))
        with db.write():
            assert not actor.active


def test_a_deed_is_in_the_audit_log_or_did_not_happen(app: Flask) -> None:
    with app.app_context():
        with pytest.raises(ZeroDivisionError), db.write() as session:  # noqa: PT012
            record(session, actor_id=None, action="test.try", subject="thing:1")
            session.flush()
            1 / 0  # noqa: B018
        with db.write() as session:
            record(session, actor_id=None, action="test.do", subject="thing:1", how="well")
        entry = database.session.query(AuditEntry).filter_by(subject="thing:1").one()
        assert (entry.action, entry.details) == ("test.do", {"how": "well"})


def test_times_come_back_aware_and_in_utc(app: Flask) -> None:
    shanghai = datetime(2026, 12, 8, 9, 0, tzinfo=timezone(timedelta(hours=8)))
    with app.app_context():
        with db.write() as session:
            session.add(user())
            session.query(User).one().created_at = shanghai
        database.session.expire_all()
        found = database.session.query(User).one().created_at
        assert found == shanghai
        assert found.utcoffset() == timedelta(0)


def test_a_naive_time_is_refused(app: Flask) -> None:
    with app.app_context(), pytest.raises(StatementError, match="naive"), db.write() as session:
        session.add(User(email="a@example.org", name="x", created_at=datetime(2026, 1, 1)))  # noqa: DTZ001


def test_personal_data_is_not_readable_in_the_table(app: Flask) -> None:
    with app.app_context():
        with db.write() as session:
            session.add(user(phone="13900000000"))
        stored = database.session.execute(text("SELECT phone FROM user_account")).scalar_one()
        assert b"13900000000" not in bytes(stored)
        assert database.session.query(User).one().phone == "13900000000"


def test_an_older_key_still_decrypts_and_the_first_encrypts(make_app: MakeApp, migrated: str) -> None:
    older, newer = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    first = make_app(migrated, JIDI_DATA_KEYS=older)
    with first.app_context():
        token = db.cipher().encrypt(b"13900000000")
    second = make_app(migrated, JIDI_DATA_KEYS=f"{newer},{older}")
    with second.app_context():
        assert db.cipher().decrypt(token) == b"13900000000"
        assert Fernet(newer).decrypt(db.cipher().encrypt(b"x")) == b"x"


def test_the_broken_rule_can_be_told_on_either_engine(app: Flask) -> None:
    with app.app_context():
        with db.write() as session:
            session.add(user())
        with pytest.raises(IntegrityError) as refused, db.write() as session:
            session.add(user())
        assert "email" in db.violated(refused.value)


KILLED = """
import os, signal
from core.app import create_app
from core import clock, db
from core.accounts.models import User
with create_app().app_context(), db.write() as session:
    session.add(User(email="half@example.org", name="x", created_at=clock.now()))
    session.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_process_killed_half_way_leaves_nothing(app: Flask) -> None:
    settings = app.extensions["jidi_settings"]
    environ = os.environ | {
        "JIDI_INSTANCE": str(settings.instance),
        "JIDI_DATABASE_URL": settings.database_url,
        "JIDI_SECRET_KEY": settings.secret_key,
        "JIDI_DATA_KEYS": ",".join(settings.data_keys),
    }
    ended = subprocess.run([sys.executable, "-c", KILLED], env=environ, check=False, capture_output=True, text=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    with app.app_context():
        assert database.session.query(User).count() == 0
        with db.write() as session:  # and nothing is locked
            session.add(user())


def test_the_clock_can_be_set_and_goes_on_afterwards() -> None:
    moment = datetime(2026, 2, 28, 23, 30, tzinfo=UTC)
    with clock.set_to(moment):
        assert clock.now() == moment
        assert clock.today().isoformat() == "2026-03-01"  # at the bases it is already the next day
    assert clock.now() != moment
