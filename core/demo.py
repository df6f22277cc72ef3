"""Loads the demo: the consortium from `demo.toml`, then what each base brings.

Loading again changes nothing; a base that has come since is added.
"""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from importlib.resources import files
from typing import Any, TypedDict

from flask import Flask
from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from core import audit, clock, db
from core.accounts import passwords, services
from core.accounts.models import User
from core.accounts.roles import Role
from core.bases.models import Base, Term
from core.bases.queries import visible_bases
from core.booking.legs import INSTRUCTOR
from core.booking.models import Resource
from core.demo_base import load_base
from core.demo_writing import announce, arrange_portal, write_pages
from core.errors import DomainError
from core.localised import freeze
from core.notify.models import Message
from core.organisations.models import Agreement, Organisation, Quota
from core.plugins.declarations import DemoAnnouncement
from core.plugins.facade import plugins

CONSORTIUM = "consortium"
OFFICE = "office@example.org"

READ_AFTER = timedelta(days=3)
"""Messages that are older have been read, as on a site where people work."""


AGREED = timedelta(days=200)
"""How far the demo's agreements reach at least, before today and after: further than its bookings."""

HALVES = ((1, 30, "上半年"), (7, 31, "下半年"))
"""The halves of a year: first month, last day of the last month, name."""


class Account(TypedDict):
    """A demo account. `at` is the slug of its base or organisation; "" for the consortium, or for every base."""

    role: str
    email: str
    password: str
    at: str
    name: str


class RealUsers(DomainError):
    """The demo would mix with what real people have entered."""

    code = "real_users"

    def __init__(self) -> None:
        super().__init__(
            "This database has real users, so the demo is not loaded into it. "
            "Give the demo a folder of its own: JIDI_INSTANCE=/some/empty/folder jidi demo"
        )


def load(app: Flask) -> list[Account]:
    """Load the demo into an upgraded database and return its accounts.

    Args:
        app: the application; `upgrade` has been run on it.

    Raises:
        RealUsers: somebody is in the database who does not belong to the demo.
    """
    with app.app_context():
        if db.db.session.scalar(select(exists().where(User.demo.is_(False)))):
            raise RealUsers
        book = tomllib.loads(files("core").joinpath("demo.toml").read_text(encoding="utf-8"))
        bases = visible_bases()
        accounts = _accounts(book, bases)
        missing = [slug for slug in (CONSORTIUM, *(base.slug for base in bases)) if not _is_loaded(slug)]
        if missing:
            _enter_all(book, bases, accounts)
        for slug in missing:
            if slug == CONSORTIUM:
                write_pages(OFFICE, book["pages"])
                announce(None, [_announcement(entry) for entry in book["announcements"]], manager=OFFICE)
                arrange_portal(OFFICE, book["portal"])
            elif data := plugins().demo(slug):
                load_base(slug, data, manager=manager_of(slug), publisher=publisher_of(slug))
            _remember(slug)
        if missing:
            _read_old_messages()
        return accounts


def manager_of(base: str) -> str:
    """Return the e-mail address of the demo's manager of a base."""
    return f"manager.{base}@example.org"


def publisher_of(base: str) -> str:
    """Return the e-mail address of the demo's publisher of a base; only the first base has one."""
    return f"publisher.{base}@example.org"


def _announcement(entry: Mapping[str, Any]) -> DemoAnnouncement:
    return DemoAnnouncement(**{**entry, "places": tuple(entry.get("places", ()))})


def _is_loaded(slug: str) -> bool:
    entry = select(audit.AuditEntry.id).where(audit.AuditEntry.subject == f"demo:{slug}")
    return db.db.session.scalar(entry.limit(1)) is not None


def _remember(slug: str) -> None:
    with db.write() as session:
        audit.record(session, actor_id=None, action="demo.load", subject=f"demo:{slug}")


def _read_old_messages() -> None:
    old = (Message.created_at < clock.now() - READ_AFTER, Message.read_at.is_(None))
    with db.write() as session:
        session.execute(update(Message).where(*old).values(read_at=clock.now()))


def _accounts(book: Mapping[str, Any], bases: Sequence[Base]) -> list[Account]:
    password = book["password"]
    accounts = [
        Account(
            role=entry["role"],
            email=entry["email"],
            password=password,
            at=entry.get("organisation", ""),
            name=entry["name"],
        )
        for entry in book["people"]
    ]
    for base in bases:
        name = f"{base.declared['short_name']['zh']}基地管理员"
        accounts.append(
            Account(role=Role.MANAGER.value, email=manager_of(base.slug), password=password, at=base.slug, name=name)
        )
    for base in bases[:1]:
        name = f"{base.declared['short_name']['zh']}基地编辑"
        email = publisher_of(base.slug)
        accounts.append(Account(role=Role.PUBLISHER.value, email=email, password=password, at=base.slug, name=name))
    return accounts


def _enter_all(book: Mapping[str, Any], bases: Sequence[Base], accounts: Sequence[Account]) -> None:
    """Write organisations, instructors and accounts that are not there yet."""
    password_hash = passwords.hashed(book["password"], email="")
    bases_by_slug = {base.slug: base.id for base in bases}
    with db.write() as session:
        for entry in book["organisations"]:
            _organisation(session, entry)
        for position, entry in enumerate(book["instructors"], start=1):
            _instructor(session, entry, position, list(bases_by_slug))
        for account in accounts:
            _account(session, account, password_hash, bases_by_slug)
        for entry in book["agreements"]:
            for slug in entry["organisations"]:
                _agreement(session, entry, slug, bases)
        for entry in book["terms"]:
            _term(session, entry)


def _term(session: Session, entry: Mapping[str, Any]) -> None:
    """Write a term that began some weeks before this one, unless it is there."""
    if session.scalar(select(Term.id).where(Term.name == entry["name"])) is None:
        today = clock.today()
        monday = today - timedelta(days=today.weekday(), weeks=entry["began_weeks_ago"])
        session.add(Term(name=entry["name"], first_day=monday, weeks=entry["weeks"]))


def _organisation(session: Session, entry: Mapping[str, Any]) -> None:
    if session.scalar(select(Organisation.id).where(Organisation.slug == entry["slug"])) is not None:
        return
    parent = session.scalar(select(Organisation).where(Organisation.slug == entry.get("parent", "")))
    session.add(
        Organisation(
            slug=entry["slug"],
            name=entry["name"],
            short_name=entry["short_name"],
            kind=entry["kind"],
            parent_id=parent.id if parent else None,
            member=entry.get("member", True),
            note=entry.get("note", ""),
            created_at=clock.now(),
        )
    )
    session.flush()


def _agreement(session: Session, entry: Mapping[str, Any], slug: str, bases: Sequence[Base]) -> None:
    """Enter an agreement of the halves of years around today, with a quota in each unit for each of them."""
    organisation = session.scalars(select(Organisation).where(Organisation.slug == slug)).one()
    if session.scalar(select(exists().where(Agreement.organisation_id == organisation.id))):
        return
    today = clock.today()
    years = range((today - AGREED).year, (today + AGREED).year + 1)
    every = [
        (date(year, first, 1), date(year, first + 5, last), name) for year in years for first, last, name in HALVES
    ]
    halves = [half for half in every if half[0] <= today + AGREED and half[1] >= today - AGREED]
    everywhere = entry.get("everywhere", True)
    agreement = Agreement(
        organisation_id=organisation.id,
        title=entry["title"],
        valid_from=halves[0][0],
        valid_until=halves[-1][1],
        scope=[] if everywhere else [base.slug for base in bases[:1]],
        created_at=clock.now(),
    )
    granted = {"minutes": entry.get("hours", 0) * 60, "person_times": entry.get("person_times", 0)}
    agreement.quotas = [
        Quota(label=f"{start.year}年{name}", unit=unit, granted=amount, used=0, valid_from=start, valid_until=end)
        for unit, amount in granted.items()
        for start, end, name in halves
        if amount
    ]
    session.add(agreement)


def _instructor(session: Session, entry: Mapping[str, Any], position: int, bases: list[str]) -> None:
    row = session.scalar(select(Resource).where(Resource.base_id.is_(None), Resource.slug == entry["slug"]))
    if row is None:
        row = Resource(slug=entry["slug"], kind=INSTRUCTOR, capacity=1, position=position, declared={})
        row.declared = {"name": freeze(entry["name"]), "facts": []}
        session.add(row)
    row.attributes = {"bases": bases}


def _account(session: Session, account: Account, password_hash: str, bases: Mapping[str, int]) -> None:
    user = session.scalar(select(User).where(User.email == account["email"])) or services.create_user(
        session, email=account["email"], name=account["name"], password_hash=password_hash, demo=True
    )
    role = Role(account["role"])
    if role is Role.INSTRUCTOR:
        for base_id in bases.values():
            services.grant(session, user=user, role=role, base_id=base_id)
    elif account["at"] in bases:
        services.grant(session, user=user, role=role, base_id=bases[account["at"]])
    else:
        organisation = session.scalar(select(Organisation).where(Organisation.slug == account["at"]))
        services.grant(session, user=user, role=role, organisation_id=organisation.id if organisation else None)
