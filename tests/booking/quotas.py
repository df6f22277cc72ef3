"""Agreements and quotas for the workshop: short names for what the tests of quotas do again and again."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from core import clock, db
from core.booking.models import Charge, Kind
from core.organisations.models import Agreement, Quota
from tests.booking.shop import Shop


def ask_for(shop: Shop, kind: str = "machine", **rules: Any) -> None:
    """Set rules of a kind, as a manager does: `agreement`, `charges`."""
    with db.write() as session:
        row = session.get_one(Kind, shop.kind_id(kind))
        row.rules_set = {**row.rules_set, **rules}


def agree(shop: Shop, who: str = "north", *, scope: tuple[str, ...] = (), **more: Any) -> int:
    """Enter an agreement that is valid for a year around today; return its id."""
    with db.write() as session:
        agreement = Agreement(
            organisation_id=shop.organisation(who),
            title="示例协议",
            created_at=clock.now(),
            scope=list(scope),
            **{
                "valid_from": shop.today - timedelta(days=100),
                "valid_until": shop.today + timedelta(days=265),
            }
            | more,
        )
        session.add(agreement)
        session.flush()
        return agreement.id


def grant(shop: Shop, agreement_id: int, granted: int, unit: str = "minutes", **more: Any) -> int:
    """Add a quota, for all bases and the agreement's days unless told; return its id."""
    with db.write() as session:
        agreement = session.get_one(Agreement, agreement_id)
        days: dict[str, date] = {"valid_from": agreement.valid_from, "valid_until": agreement.valid_until}
        quota = Quota(agreement_id=agreement_id, unit=unit, granted=granted, used=0, **days | more)
        session.add(quota)
        session.flush()
        return quota.id


def used(quota_id: int) -> int:
    """Return what is used of a quota, read anew."""
    db.db.session.rollback()
    return db.db.session.scalars(select(Quota.used).where(Quota.id == quota_id)).one()


def counting() -> int:
    """Return the sum of all charges that count."""
    db.db.session.rollback()
    return sum(db.db.session.scalars(select(Charge.amount).where(Charge.given_back_at.is_(None))))
