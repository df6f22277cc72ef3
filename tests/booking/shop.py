"""The workshop with its people: what the tests of booking act on."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from core import clock, db
from core.accounts.models import Grant, User
from core.accounts.roles import Role
from core.bases.models import Base
from core.booking import making, sessions
from core.booking.models import Allocation, Booking, Kind, Resource, TrainingSession
from core.intake.answers import Cleaned
from core.organisations.models import Organisation
from core.plugins.declarations import BookingKind
from core.plugins.facade import plugins

PLUGIN = Path(__file__).parent / "workshop"

PURPOSE = Cleaned(values={"purpose": "练习"})


def place_plugin(instance: Path) -> None:
    """Drop the workshop's plugin into a site's folder."""
    shutil.copytree(PLUGIN, instance / "plugins" / "workshop", ignore=shutil.ignore_patterns("__pycache__"))


def people_and_rooms() -> None:
    """Fill a migrated database: two schools with a contact each, a manager, an instructor to be booked."""
    now = clock.now()
    with db.write() as session:
        base = session.scalars(select(Base)).one()
        for number, slug in enumerate(("north", "south"), start=1):
            school = Organisation(
                slug=slug, name=f"示例学校{number}", short_name=f"学校{number}", kind="school", created_at=now
            )
            session.add(school)
            session.flush()
            contact = Grant(role=Role.CONTACT, organisation_id=school.id)
            session.add(User(email=f"{slug}@example.com", name="联系人", grants=[contact], created_at=now))
        manager = Grant(role=Role.MANAGER, base_id=base.id)
        session.add(User(email="manager@example.com", name="管理员", grants=[manager], created_at=now))
        session.add(
            Resource(
                slug="coach",
                kind="instructor",
                declared={"name": {"zh": "教练1"}},
                attributes={"bases": ["workshop"]},
                capacity=1,
            )
        )


@dataclass
class Shop:
    """Short names for what tests do again and again; to be used in an application context."""

    day: int = 14
    today: date = field(default_factory=clock.today)

    def user(self, name: str) -> User:
        """Return `north` or `south` (contacts) or `manager`."""
        return db.db.session.scalars(select(User).where(User.email == f"{name}@example.com")).one()

    def organisation(self, slug: str) -> int:
        """Return the id of a school."""
        return db.db.session.scalars(select(Organisation.id).where(Organisation.slug == slug)).one()

    @property
    def base(self) -> Base:
        """The base."""
        return db.db.session.scalars(select(Base).where(Base.slug == "workshop")).one()

    def kind(self, slug: str) -> BookingKind:
        """Return a declared kind."""
        kind = plugins().kind("workshop", slug)
        assert kind is not None
        return kind

    def kind_id(self, slug: str) -> int:
        """Return the id of a kind's row."""
        return db.db.session.scalars(select(Kind.id).where(Kind.slug == slug)).one()

    def resource(self, slug: str) -> int:
        """Return the id of a resource."""
        return db.db.session.scalars(select(Resource.id).where(Resource.slug == slug)).one()

    def at(self, hour: float, day: int | None = None) -> datetime:
        """Return a moment: an hour of a day some days ahead (two weeks unless told)."""
        midnight = clock.at(self.today + timedelta(days=self.day if day is None else day), time())
        return midnight + timedelta(hours=hour)

    def book(self, kind: str = "machine", who: str = "north", **wishes: Any) -> Booking:
        """Book as a contact: by default a machine from nine to eleven."""
        actor = self.user(who)
        wishes.setdefault("organisation_id", self.organisation("north" if who == "manager" else who))
        if self.kind(kind).mode == "slot":
            wishes.setdefault("start", self.at(9))
            wishes.setdefault("end", self.at(11))
        cleaned = wishes.pop("cleaned", None) or self.answers(kind, wishes.pop("people", 1))
        return making.book(actor=actor, base=self.base, kind=self.kind(kind), cleaned=cleaned, **wishes)

    def answers(self, kind: str, people: int = 1) -> Cleaned:
        """Return a filled-in form of a kind."""
        if kind == "course":
            return Cleaned(values={"purpose": "上课"}, roster={"people": [{"name": f"学员{n}"} for n in range(people)]})
        if kind in {"shift", "placement", "desk"}:
            return Cleaned(values={"seats": people})
        return PURPOSE

    def session(self, seats: int = 10, hour: float = 9, day: int | None = None, **more: Any) -> TrainingSession:
        """Publish a session of three hours."""
        manager = self.user("manager")
        training = sessions.create(
            actor=manager,
            base_id=self.base.id,
            kind_id=self.kind_id("course"),
            title=more.pop("title", "车工入门"),
            text="",
            start=self.at(hour, day),
            end=self.at(hour + 3, day),
            seats=seats,
            **more,
        )
        return sessions.publish(actor=manager, session_id=training.id)

    def count(self, model: type[Any]) -> int:
        """Return how many rows there are."""
        return db.db.session.scalar(select(func.count()).select_from(model)) or 0

    def taken(self, resource_id: int) -> int:
        """Return the units of all active allocations of a resource."""
        wanted = select(func.coalesce(func.sum(Allocation.units), 0))
        return db.db.session.scalar(wanted.where(Allocation.resource_id == resource_id, Allocation.active)) or 0


def settings(keys: Mapping[str, str], url: str) -> dict[str, str]:
    """Return the settings of a site with the workshop alone."""
    return dict(keys) | {"JIDI_DATABASE_URL": url, "JIDI_PLUGINS": "workshop"}
