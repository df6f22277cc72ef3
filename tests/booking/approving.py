"""A workshop whose machines are booked through a chain of approval, and more people who decide."""

from typing import Any

from sqlalchemy import select

from core import clock, db
from core.accounts.models import Grant, User
from core.accounts.roles import Role
from core.booking import workflow
from core.booking.models import Approval, Booking, Kind
from tests.booking.shop import Shop


def step(title: str, *roles: str, need: str = "any", workdays: int = 0, escalate: str = "") -> dict[str, Any]:
    """Return a step of a chain as a row keeps it."""
    named = {"zh": title, "en": title}
    return {"title": named, "roles": list(roles), "need": need, "workdays": workdays, "escalate": escalate}


FIRST = step("基地初审", "manager", workdays=2, escalate="office")
SECOND = step("联合体复审", "office", workdays=3)
BOTH = step("会审", "manager", "office", need="all")
EITHER = step("审核", "manager", "office")


def decided_by(shop: Shop, *steps: dict[str, Any]) -> None:
    """Let bookings of machines from now on be decided by a chain."""
    with db.write() as session:
        kind = session.scalars(select(Kind).where(Kind.slug == "machine")).one()
        kind.rules_set = {"approval": True, "chain": list(steps)}


def person(shop: Shop, name: str, *roles: str, contact_of: str = "") -> User:
    """Make an account that holds roles, those of a base at the workshop."""
    grants = [Grant(role=Role(role), base_id=None if role == "office" else shop.base.id) for role in roles]
    if contact_of:
        grants.append(Grant(role=Role.CONTACT, organisation_id=shop.organisation(contact_of)))
    with db.write() as session:
        session.add(User(email=f"{name}@example.com", name=name, grants=grants, created_at=clock.now()))
    return shop.user(name)


def approve(shop: Shop, booking: Booking | str, who: str, **more: Any) -> Booking:
    """Approve a booking as somebody."""
    ref = booking if isinstance(booking, str) else booking.ref
    return workflow.move(actor=shop.user(who), ref=ref, action=more.pop("action", "approve"), **more)


def votes(ref: str) -> list[tuple[int, int, str, str]]:
    """Return round, step, role and name of every approval of a booking."""
    db.db.session.rollback()
    rows = db.db.session.scalars(select(Approval).join(Booking).where(Booking.ref == ref).order_by(Approval.id)).all()
    return [(row.round, row.step, row.role, row.user.name if row.user else "") for row in rows]


def state(ref: str) -> str:
    """Return a booking's state as it is in the database."""
    db.db.session.rollback()
    return db.db.session.scalars(select(Booking.state).where(Booking.ref == ref)).one()
