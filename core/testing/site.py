"""A site of its own for one plugin under test: database, organisation, people, and visitors who are signed in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core import clock, config, db
from core.accounts import passwords, services
from core.accounts.models import User
from core.accounts.roles import Role
from core.app import create_app
from core.bases.models import Base
from core.bases.opening import timetable
from core.bases.queries import any_base
from core.bases.workdays import SATURDAY
from core.booking.models import Resource
from core.booking.times import period_span
from core.localised import freeze
from core.organisations.models import Agreement, Organisation
from core.plugins.declarations import BaseDeclaration, BookingKind
from core.plugins.facade import Facade, plugins
from core.plugins.loading import Plugin
from core.upgrade import upgrade

PASSWORD = "only for the contract"  # noqa: S105 (accounts of a database that is thrown away)

PEOPLE = ("contact", "manager", "manager2", "office", "office2", "administrator")
"""Who has an account; the number tells two of a role apart."""


@dataclass(frozen=True)
class Site:
    """A site with one plugin.

    Attributes:
        app: its application, with CSRF protection off so that forms can be sent without fetching them.
        slug: the plugin under test.
        organisation_id: an organisation whose contact is `contact@example.org`.
    """

    app: Flask
    slug: str
    organisation_id: int

    @property
    def facade(self) -> Facade:
        """All plugins of the site."""
        with self.app.app_context():
            return plugins()

    @property
    def plugin(self) -> Plugin:
        """The plugin under test."""
        found = self.facade.find(self.slug)
        assert found is not None
        return found

    @property
    def base(self) -> BaseDeclaration | None:
        """The base it declares; a feature has none."""
        return self.plugin.base

    @property
    def kinds(self) -> tuple[BookingKind, ...]:
        """The booking kinds it declares."""
        return tuple(self.plugin.kinds)

    @property
    def folder(self) -> Path:
        """The folder of its package."""
        assert self.plugin.candidate.folder is not None
        return self.plugin.candidate.folder

    def user(self, role: str) -> User:
        """Return a user by role, one of `PEOPLE`; call it in an application context."""
        return db.db.session.scalars(select(User).where(User.email == f"{role}@example.org")).one()

    def visitor(self, role: str | None = None) -> FlaskClient:
        """Return a browser, signed in as the user of a role, or as nobody."""
        client = self.app.test_client()
        if role:
            sent = {"email": f"{role}@example.org", "password": PASSWORD}
            answer = client.post("/account/sign-in", data=sent)
            assert answer.status_code == 302, f"signing in answered {answer.status_code}"
        return client

    def slot(self, kind: BookingKind) -> tuple[datetime, datetime]:
        """Return a time at which a slot kind can be booked: on a weekday, within opening hours, after its notice."""
        with self.app.app_context():
            base = any_base(self.slug)
            first = clock.today() + kind.notice + timedelta(days=7 + 2 * kind.notice_workdays)
            days = [first + timedelta(days=count) for count in range(21)]
            known = timetable(base, days[0], days[-1])
            day = next(day for day in days if known.on(day) and day.weekday() < SATURDAY)
        if kind.periods:
            return period_span(kind.periods[0], day)
        return self._from(kind, day, max(known.on(day)[0][0], time(8)))

    def _from(self, kind: BookingKind, day: date, opens: time) -> tuple[datetime, datetime]:
        before = max((leg.before for leg in kind.legs), default=timedelta())
        since_midnight = timedelta(hours=opens.hour, minutes=opens.minute) + before
        start = clock.at(day, time(0)) + -(-since_midnight // kind.step) * kind.step
        return start, start + -(-kind.shortest // kind.step) * kind.step


@contextmanager
def site(slug: str, folder: Path, **settings: Any) -> Iterator[Site]:
    """Make a site with one plugin, strict: what is wrong with the plugin is raised.

    Args:
        slug: the plugin under test.
        folder: an empty folder for the site's instance.
        settings: further `JIDI_…` settings.

    Raises:
        PluginError: the plugin cannot be loaded, migrated or synced; says why.
        LookupError: there is no such plugin.
    """
    given = {"JIDI_PLUGINS": slug, "JIDI_STRICT": "1", "JIDI_SECRET_KEY": "only for the contract", **settings}
    app = create_app(config.load(given, instance=folder))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
    with app.app_context():
        if plugins().find(slug) is None:
            raise LookupError(f"there is no plugin {slug!r}: is its package installed (pip install --editable …)?")
    upgrade(app)
    with app.app_context():
        organisation_id = _people(slug)
    try:
        yield Site(app, slug, organisation_id)
    finally:
        with app.app_context():
            db.db.session.remove()
            db.db.engine.dispose()


def _people(slug: str) -> int:
    """Make an organisation with an agreement, its contact, two people for each who decide, an instructor."""
    password_hash = passwords.hashed(PASSWORD, email="contact@example.org")
    with db.write() as session:
        organisation = Organisation(
            slug="example", name="示例学校", short_name="示例学校", kind="school", created_at=clock.now()
        )
        session.add(organisation)
        session.add(
            Resource(
                slug="instructor-example",
                kind="instructor",
                declared={"name": freeze("示例教师")},
                attributes={"bases": [slug]},
                capacity=1,
            )
        )
        session.flush()
        session.add(
            Agreement(
                organisation_id=organisation.id,
                title="示例协议",
                valid_from=clock.today(),
                valid_until=clock.today() + timedelta(days=730),
                created_at=clock.now(),
            )
        )
        base = session.scalar(select(Base).where(Base.slug == slug))
        base_id = None
        if base is not None:
            base.keeps_holidays_set = False  # what is checked must not depend on the day it is checked
            base_id = base.id
        made = {
            name: services.create_user(session, email=f"{name}@example.org", name=name, password_hash=password_hash)
            for name in PEOPLE
        }
        services.grant(session, user=made["contact"], role=Role.CONTACT, organisation_id=organisation.id)
        for name in ("administrator", "office", "office2"):
            services.grant(session, user=made[name], role=Role(name.rstrip("2")))
        for name in ("manager", "manager2"):
            if base_id is not None:
                services.grant(session, user=made[name], role=Role.MANAGER, base_id=base_id)
        return organisation.id
