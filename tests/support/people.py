"""People for tests: accounts with roles, signed in, and the mails they were sent."""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core import clock, jobs, outbox
from core.accounts import passwords, services
from core.accounts.models import User
from core.accounts.roles import Role
from core.bases.models import Base
from core.db import db, write
from core.organisations.models import Organisation

PASSWORD = "grüne Linde 7"


@cache
def password_hash() -> str:
    """Return the hash of `PASSWORD`; made once, since it is slow."""
    return passwords.hashed(PASSWORD, email="")


@dataclass(frozen=True)
class People:
    """Those who use an application."""

    app: Flask

    def add(self, email: str, role: Role | None = None, *, password: bool = True, **more: Any) -> int:
        """Add an account, for the first base or organisation where the role needs one, and return its id."""
        digest = password_hash() if password else None
        with self.app.app_context(), write() as session:
            name = more.pop("name", email.partition("@")[0])
            user = services.create_user(session, email=email, name=name, password_hash=digest, **more)
            if role:
                organisation_id = self._organisation() if role == Role.CONTACT else None
                base_id = session.scalar(select(Base.id).order_by(Base.id).limit(1))
                services.grant(session, user=user, role=role, base_id=base_id, organisation_id=organisation_id)
            return user.id

    def client(self, email: str, password: str = PASSWORD) -> FlaskClient:
        """Sign somebody in."""
        client = self.app.test_client()
        answer = client.post("/account/sign-in", data={"email": email, "password": password})
        assert answer.status_code == 302, answer.text
        return client

    def look(self, question: Callable[[], Any]) -> Any:
        """Answer a question to the database."""
        with self.app.app_context():
            return question()

    def user(self, email: str) -> User:
        """Return an account as it is now, detached."""
        with self.app.app_context():
            user = db.session.scalars(select(User).where(User.email == email)).one()
            db.session.expunge(user)
            return user

    def work(self) -> int:
        """Do what is due, and return how many jobs that were."""
        with self.app.app_context():
            return jobs.run_due()

    def mails(self) -> list[outbox.Mail]:
        """Return the mails in the outbox, in the order they were written."""
        with self.app.app_context():
            kept = select(jobs.Job.payload).where(jobs.Job.kind == outbox.KIND).order_by(jobs.Job.id)
            return [outbox.opened(payload) for payload in db.session.scalars(kept)]

    def _organisation(self) -> int:
        known = db.session.scalar(select(Organisation.id).limit(1))
        if known is not None:
            return known
        made = Organisation(
            slug="example", name="示例职业学校", short_name="示例学校", kind="school", created_at=clock.now()
        )
        db.session.add(made)
        db.session.flush()
        return made.id


def at_once(deeds: list[Callable[[], object]]) -> list[object]:
    """Do several things at the same moment, a thread each; return what each returned or raised."""
    results: list[object] = [None] * len(deeds)
    start = threading.Barrier(len(deeds))

    def one(number: int) -> None:
        start.wait()
        try:
            results[number] = deeds[number]()
        except Exception as error:  # noqa: BLE001 - the caller sees it among the results
            results[number] = error

    threads = [threading.Thread(target=one, args=(number,)) for number in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def texts(page: str) -> str:
    """Return the text of a page without its tags, for what people read."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
