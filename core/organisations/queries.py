"""Organisations, their contacts and the requests for an account, read only."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from core.accounts.models import Grant, User
from core.db import db
from core.errors import NotFound
from core.organisations.models import AccountRequest, Agreement, Organisation, Quota


@dataclass(frozen=True)
class Row:
    """An organisation in the list, with the number of its contacts."""

    organisation: Organisation
    contacts: int


def organisations() -> list[Organisation]:
    """Return the organisations that can book, by name."""
    wanted = select(Organisation).where(Organisation.archived_at.is_(None)).order_by(Organisation.name)
    return list(db.session.scalars(wanted))


def rows() -> list[Row]:
    """Return the organisations with the number of their contacts."""
    count = select(func.count()).where(Grant.organisation_id == Organisation.id).scalar_subquery()
    wanted = select(Organisation, count).where(Organisation.archived_at.is_(None)).order_by(Organisation.name)
    return [Row(organisation, contacts) for organisation, contacts in db.session.execute(wanted)]


def find_organisation(slug: str) -> Organisation | None:
    """Return the organisation of a slug that is not archived, or None."""
    return db.session.scalar(select(Organisation).where(Organisation.slug == slug, Organisation.archived_at.is_(None)))


def organisation(organisation_id: int) -> Organisation:
    """Return an organisation.

    Raises:
        NotFound: there is none.
    """
    found = db.session.get(Organisation, organisation_id)
    if found is None or found.archived_at is not None:
        raise NotFound
    return found


def contacts(organisation_id: int) -> Sequence[User]:
    """Return the contacts of an organisation, by name."""
    held = select(User).join(Grant).where(Grant.organisation_id == organisation_id)
    return db.session.scalars(held.order_by(User.name)).all()


def waiting() -> Sequence[AccountRequest]:
    """Return the requests that wait, the oldest first."""
    asked = select(AccountRequest).where(AccountRequest.state == "waiting")
    return db.session.scalars(asked.order_by(AccountRequest.id)).all()


def waiting_count() -> int:
    """Return how many requests wait."""
    return db.session.scalar(select(func.count()).where(AccountRequest.state == "waiting")) or 0


def decided(limit: int = 20) -> Sequence[AccountRequest]:
    """Return the requests decided last."""
    asked = select(AccountRequest).where(AccountRequest.state != "waiting")
    return db.session.scalars(asked.order_by(AccountRequest.decided_at.desc()).limit(limit)).all()


def request(request_id: int) -> AccountRequest:
    """Return a request for an account.

    Raises:
        NotFound: there is none.
    """
    found = db.session.get(AccountRequest, request_id)
    if found is None:
        raise NotFound
    return found


def agreements(organisation_ids: Collection[int] | None = None) -> Sequence[Agreement]:
    """Return agreements with their quotas: by organisation, the latest first.

    Args:
        organisation_ids: of these organisations only; None: of all.
    """
    wanted = select(Agreement).join(Agreement.organisation)
    if organisation_ids is not None:
        wanted = wanted.where(Agreement.organisation_id.in_(organisation_ids))
    wanted = wanted.order_by(Organisation.name, Agreement.valid_until.desc(), Agreement.id)
    with_all = (joinedload(Agreement.organisation), selectinload(Agreement.quotas).joinedload(Quota.base))
    return db.session.scalars(wanted.options(*with_all)).all()


def agreement(agreement_id: int) -> Agreement:
    """Return an agreement.

    Raises:
        NotFound: there is none.
    """
    found = db.session.get(Agreement, agreement_id)
    if found is None:
        raise NotFound
    return found


def quota(quota_id: int) -> Quota:
    """Return a quota.

    Raises:
        NotFound: there is none.
    """
    found = db.session.get(Quota, quota_id)
    if found is None:
        raise NotFound
    return found
