"""Two who manage accounts at the same moment."""

from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import select

from core.accounts import users
from core.accounts.models import Grant, User
from core.accounts.roles import Role
from core.db import db
from tests.support.people import People

pytestmark = pytest.mark.database


def test_a_role_given_by_many_at_once_is_held_once(app: Flask, people: People) -> None:
    giver, receiver = people.add("admin@example.com", Role.ADMINISTRATOR), people.add("somebody@example.com")
    failures: list[BaseException] = []
    start = Barrier(4)

    def give() -> None:
        with app.app_context():
            actor = db.session.get_one(User, giver)
            start.wait()
            try:
                users.grant(actor=actor, user_id=receiver, role=Role.OFFICE)
            except Exception as error:  # noqa: BLE001 - whatever it is, the test is to see it
                failures.append(error)

    threads = [Thread(target=give) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with app.app_context():
        assert len(db.session.scalars(select(Grant).where(Grant.user_id == receiver)).all()) == 1
