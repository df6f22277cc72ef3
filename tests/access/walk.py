"""Walking an address as each role: how to sign in, where things are, and what an answer means in one letter."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import time

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import ColumnElement, select
from werkzeug.test import TestResponse

from core import clock
from core.accounts import api_tokens
from core.accounts.models import Grant, User
from core.bases.models import Base
from core.booking.models import Booking, Kind, Resource, Series, TrainingSession
from core.content.media.models import MediaFile
from core.content.models import ANNOUNCEMENT, PAGE, Item, Reference, Section
from core.db import db, write
from core.organisations.models import Agreement, Quota

BASE, NEIGHBOUR = "competition", "cnc"
"""The base that is walked, and another one whose manager must not get in."""

ROLES = (
    "visitor",
    "owner",  # contact of the organisation whose booking it is
    "stranger",  # contact of another organisation
    "instructor",  # of the base
    "publisher",  # of the base
    "manager",  # of the base
    "neighbour",  # manager of another base
    "office",
    "administrator",
)


@dataclass
class World:
    """Somebody of each role (ids of users) with a token for programs, and values for the variables of addresses."""

    people: dict[str, int | None] = field(default_factory=dict)
    values: dict[str, object] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def headers(self, role: str, rule: str) -> dict[str, str]:
        """Return what somebody's program sends along to an address of the API."""
        if role not in self.tokens or not rule.startswith("/api/"):
            return {}
        return {"Authorization": f"Bearer {self.tokens[role]}"}


def survey(app: Flask) -> World:
    """Find in the demo who is who, and things to address."""
    with app.app_context():
        base = db.session.scalars(select(Base).where(Base.slug == BASE)).one()
        booking = _walked_booking(base)
        session = db.session.scalars(
            select(TrainingSession)
            .where(TrainingSession.base_id == base.id, TrainingSession.state == "published")
            .order_by(TrainingSession.start_at.desc())
            .limit(1)
        ).one()
        announcement = db.session.scalars(
            select(Item).where(Item.type == ANNOUNCEMENT, Item.base_id == base.id, Item.state == "published").limit(1)
        ).one()
        page = db.session.scalars(select(Item).where(Item.type == PAGE, Item.base_id == base.id).limit(1)).one()
        kind = db.session.scalars(select(Kind).where(Kind.id == booking.kind_id)).one()
        resource = db.session.scalars(select(Resource).where(Resource.base_id == base.id).limit(1)).one()
        quota = db.session.scalars(
            select(Quota).join(Quota.agreement).where(Agreement.organisation_id == booking.organisation_id).limit(1)
        ).one()
        world = World()
        world.people = {
            "visitor": None,
            "owner": _holder(Grant.role == "contact", Grant.organisation_id == booking.organisation_id),
            "stranger": _holder(Grant.role == "contact", Grant.organisation_id != booking.organisation_id),
            "instructor": _holder(Grant.role == "instructor", Grant.base_id == base.id),
            "publisher": _holder(Grant.role == "publisher", Grant.base_id == base.id),
            "manager": _holder(Grant.role == "manager", Grant.base_id == base.id),
            "neighbour": _holder(Grant.role == "manager", Grant.base_id != base.id),
            "office": _holder(Grant.role == "office"),
            "administrator": _holder(Grant.role == "administrator"),
        }
        world.tokens = {role: api_tokens.create(user_id=user) for role, user in world.people.items() if user}
        typed = db.session.scalars(select(Item).where(Item.type == f"{BASE}.results").limit(1)).one()
        world.values = {
            "typed": typed.id,
            "typed_slug": typed.slug,
            "base": base.slug,
            "scope": base.slug,
            "kind": kind.slug,
            "resource": resource.slug,
            "ref": booking.ref,
            "action": "confirm",
            "session": session.id,
            "series": db.session.scalars(select(Series.id).order_by(Series.id.desc()).limit(1)).one(),  # the added one
            "announcement": announcement.id,
            "announcement_slug": announcement.slug,
            "media": unused_media(base),
            "page": page.id,
            "section": db.session.scalars(select(Section.id).order_by(Section.position).limit(1)).one(),
            "path": page.path,
            "organisation": booking.organisation_id,
            "agreement_id": quota.agreement_id,
            "quota_id": quota.id,
            "user": world.people["stranger"],
        }
        db.session.remove()
        db.engine.dispose()  # all is in the file that is copied
        return world


def unused_media(base: Base) -> int:
    """Return the id of a file of the base's library that nothing uses."""
    used = select(Reference.media_id).where(Reference.media_id.is_not(None))
    return db.session.scalars(
        select(MediaFile.id).where(MediaFile.base_id == base.id, MediaFile.id.not_in(used)).limit(1)
    ).one()


def add_media() -> None:
    """Add a file to the base's library that nothing uses; its bytes are nowhere."""
    base = db.session.scalars(select(Base).where(Base.slug == BASE)).one()
    with write() as session:
        now, name = clock.now(), "unused.png"
        values = {"type": "image/png", "size": 1, "width": 1, "height": 1, "key": "nowhere"}
        session.add(MediaFile(base_id=base.id, name=name, created_at=now, updated_at=now, **values))


def add_series() -> None:
    """Add a series of the organisation whose booking is walked, of a kind that can be booked repeatedly."""
    booking = _walked_booking(db.session.scalars(select(Base).where(Base.slug == BASE)).one())
    kinds = db.session.scalars(select(Kind).where(Kind.base_id == booking.base_id).order_by(Kind.id))
    kind = next(kind for kind in kinds if kind.declared["rules"]["series"])
    with write() as session:
        session.add(
            Series(
                base_id=booking.base_id,
                kind_id=kind.id,
                organisation_id=booking.organisation_id,
                rule={"rrule": "FREQ=WEEKLY;BYDAY=TU;COUNT=2", "first": "2026-12-01", "holidays": "skip"},
                starts=time(9),
                ends=time(11),
                units=1,
                created_at=clock.now(),
            )
        )


def _walked_booking(base: Base) -> Booking:
    return db.session.scalars(
        select(Booking)
        .where(Booking.base_id == base.id, Booking.state == "submitted", Booking.session_id.is_not(None))
        .limit(1)
    ).one()


def _holder(*where: ColumnElement[bool]) -> int:
    return db.session.scalars(select(User.id).join(Grant).where(*where).order_by(User.id).limit(1)).one()


@contextmanager
def signed_in(app: Flask, user_id: int | None) -> Iterator[FlaskClient]:
    """Open a browser signed in as a user, or as nobody."""
    client = app.test_client()
    if user_id is not None:
        with app.app_context():
            user = db.session.get(User, user_id)
            assert user is not None
            identity = user.get_id()
        with client.session_transaction() as cookie:
            cookie["_user_id"] = identity
            cookie["_fresh"] = True
    yield client


def letter(answer: TestResponse) -> str:
    """Say what an answer means, in the letters that the table explains; any other status as it is."""
    if answer.status_code in {301, 302, 303, 308}:
        return "s" if "/account/sign-in" in answer.headers["Location"] else ">"
    return {
        200: "o",
        204: ">",
        304: "o",
        400: "!",
        401: "s",
        422: "!",
        409: "!",
        403: "x",
        404: "-",
        405: "m",
        410: "g",
    }.get(answer.status_code, str(answer.status_code))
