"""The office's deeds on agreements and their quotas: each with its permission and its audit entry, in one transaction.

What a quota has been used for is the booking engine's (`core/booking/quotas.py`); here nothing is given or taken back.
"""

from collections.abc import Collection
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import audit, clock
from core.accounts.models import User
from core.accounts.roles import require
from core.db import violated, write
from core.errors import Invalid, NotFound, StateChanged
from core.organisations.amounts import amount
from core.organisations.models import UNITS, Agreement, Organisation, Quota

PERMISSION = "organisation.manage"

MOST = {"minutes": 100_000 * 60, "person_times": 1_000_000}
"""What one quota can grant at most, in its unit."""


def create(
    *,
    actor: User,
    organisation_id: int,
    title: str,
    number: str = "",
    valid_from: date,
    valid_until: date,
    scope: Collection[str] = (),
) -> Agreement:
    """Enter an agreement with an organisation.

    Args:
        actor: of the office, or an administrator.
        organisation_id: with whom.
        title, number: as they stand on paper.
        valid_from, valid_until: first and last day.
        scope: slugs of bases (“smithy”) and of kinds at a base (“smithy/forge”) that it covers; none: everything.

    Raises:
        NotFound: there is no such organisation.
        Invalid: the title is missing, or it ends before it begins.
    """
    with write() as session:
        require(actor, PERMISSION)
        organisation = session.get(Organisation, organisation_id)
        if organisation is None or organisation.archived_at is not None:
            raise NotFound
        agreement = Agreement(organisation_id=organisation.id, created_at=clock.now())
        _fill(agreement, title=title, number=number, valid_from=valid_from, valid_until=valid_until, scope=scope)
        session.add(agreement)
        session.flush()
        _record(session, actor, "create", agreement)
        return agreement


def edit(
    *,
    actor: User,
    agreement_id: int,
    title: str,
    number: str = "",
    valid_from: date,
    valid_until: date,
    scope: Collection[str] = (),
) -> Agreement:
    """Change an agreement; arguments as for `create`. What has been booked under it stays.

    Raises:
        NotFound: there is none.
        StateChanged: it has been ended.
        Invalid: as for `create`, or a quota would lie outside its days.
    """
    with write() as session:
        agreement = _in_force(session, actor, agreement_id)
        before = _content(agreement)
        _fill(agreement, title=title, number=number, valid_from=valid_from, valid_until=valid_until, scope=scope)
        if any(not _overlap(quota, agreement) for quota in agreement.quotas):
            raise Invalid({"valid_until": _l("A quota of this agreement would lie outside its days.")})
        _record(session, actor, "edit", agreement, before=before)
        return agreement


def end(*, actor: User, agreement_id: int, reason: str) -> Agreement:
    """End an agreement before its time: from now on nothing can be booked under it. What has been booked stays.

    Args:
        reason: kept in the audit log.

    Raises:
        NotFound: there is none.
        StateChanged: it has been ended already.
        Invalid: the reason is missing.
    """
    with write() as session:
        agreement = _in_force(session, actor, agreement_id)
        if not reason.strip():
            raise Invalid({"reason": _l("Please say why.")})
        agreement.ended_at = clock.now()
        _record(session, actor, "end", agreement, reason=reason.strip())
        return agreement


def add_quota(
    *,
    actor: User,
    agreement_id: int,
    base_id: int | None,
    label: str,
    unit: str,
    valid_from: date,
    valid_until: date,
    granted: int,
) -> Quota:
    """Grant an organisation a quota under an agreement.

    Args:
        base_id: at which base; None: at all together.
        label: name of the term; may be empty.
        unit: one of `models.UNITS`.
        valid_from, valid_until: first and last day on which bookings that count may begin.
        granted: how much, in the unit.

    Raises:
        NotFound: there is no such agreement.
        StateChanged: it has been ended.
        Invalid: the days are none of the agreement's, another quota counts the same, or it is too much.
    """
    with write() as session:
        agreement = _in_force(session, actor, agreement_id)
        quota = Quota(agreement_id=agreement.id, used=0, base_id=base_id, unit=unit)
        _fill_quota(quota, label=label, valid_from=valid_from, valid_until=valid_until, granted=granted)
        _check_quota(session, agreement, quota)
        session.add(quota)
        session.flush()
        _record(session, actor, "add_quota", agreement, quota=quota.id, granted=granted, unit=unit)
        return quota


def edit_quota(*, actor: User, quota_id: int, label: str, valid_from: date, valid_until: date, granted: int) -> Quota:
    """Change a quota; arguments as for `add_quota`. Its unit and base stay: bookings being made rely on them.

    Raises:
        NotFound: there is none.
        StateChanged: its agreement has been ended.
        Invalid: as for `add_quota`; less than is used; fewer days of what is in use.
    """
    with write() as session:
        quota = _locked(session, quota_id)
        agreement = _in_force(session, actor, quota.agreement_id)
        before, used = quota.granted, amount(quota.unit, quota.used)
        if quota.used and (valid_from > quota.valid_from or valid_until < quota.valid_until):
            raise Invalid({"valid_from": _l("This quota is in use: its days can become more, not fewer.")})
        with session.no_autoflush:
            _fill_quota(quota, label=label, valid_from=valid_from, valid_until=valid_until, granted=granted)
            _check_quota(session, agreement, quota)
        try:
            session.flush()
        except IntegrityError as error:
            if "ck_quota_used" not in violated(error):
                raise
            raise Invalid(
                {"granted": _("%(used)s are used already. Please grant as much, or cancel bookings first.", used=used)}
            ) from None
        _record(session, actor, "edit_quota", agreement, quota=quota.id, before=before, granted=granted)
        return quota


def remove_quota(*, actor: User, quota_id: int) -> Agreement:
    """Remove a quota nobody has ever used; one in use stays, as the bookings' past.

    Raises:
        NotFound: there is none.
        Invalid: bookings have used it.
    """
    with write() as session:
        quota = _locked(session, quota_id)
        require(actor, PERMISSION)
        agreement = session.get_one(Agreement, quota.agreement_id)
        try:
            session.delete(quota)
            session.flush()
        except IntegrityError:
            raise Invalid(
                {"": _("Bookings have used this quota, so it stays. You can lower what it grants to what is used.")}
            ) from None
        _record(session, actor, "remove_quota", agreement, quota=quota_id)
        return agreement


def _fill(
    agreement: Agreement, *, title: str, number: str, valid_from: date, valid_until: date, scope: Collection[str]
) -> None:
    if not title.strip():
        raise Invalid({"title": _l("Please fill this in.")})
    if valid_until < valid_from:
        raise Invalid({"valid_until": _l("The last day is before the first one.")})
    agreement.title, agreement.number = title.strip(), number.strip()
    agreement.valid_from, agreement.valid_until = valid_from, valid_until
    # A kind of a base that is covered whole says nothing more.
    agreement.scope = sorted(entry for entry in set(scope) if "/" not in entry or entry.split("/")[0] not in scope)


def _fill_quota(quota: Quota, *, label: str, valid_from: date, valid_until: date, granted: int) -> None:
    if valid_until < valid_from:
        raise Invalid({"valid_until": _l("The last day is before the first one.")})
    if quota.unit not in UNITS:
        raise Invalid({"unit": _l("Please choose one of these.")})
    if not 0 <= granted <= MOST[quota.unit]:
        raise Invalid({"granted": _l("This is no amount that can be granted.")})
    quota.label, quota.granted = label.strip(), granted
    quota.valid_from, quota.valid_until = valid_from, valid_until


def _check_quota(session: Session, agreement: Agreement, quota: Quota) -> None:
    if not _overlap(quota, agreement):
        raise Invalid({"valid_from": _l("The agreement is not valid on any of these days.")})
    same = select(Quota).where(
        Quota.agreement_id == agreement.id, Quota.unit == quota.unit, Quota.base_id.is_not_distinct_from(quota.base_id)
    )
    for other in session.scalars(same):
        if other is not quota and _overlap(quota, other):
            raise Invalid(
                {"valid_from": _l("Another quota of this agreement counts the same on these days. Change that one.")}
            )


def _overlap(one: Quota | Agreement, other: Quota | Agreement) -> bool:
    return one.valid_from <= other.valid_until and other.valid_from <= one.valid_until


def _in_force(session: Session, actor: User, agreement_id: int) -> Agreement:
    """Return an agreement that has not been ended, its row locked against a second person of the office."""
    require(actor, PERMISSION)
    agreement = session.get(Agreement, agreement_id, with_for_update={"key_share": True}, populate_existing=True)
    if agreement is None:
        raise NotFound
    if agreement.ended_at is not None:
        raise StateChanged(_l("This agreement has been ended. Please enter a new one."))
    return agreement


def _locked(session: Session, quota_id: int) -> Quota:
    quota = session.get(Quota, quota_id, with_for_update={"key_share": True}, populate_existing=True)
    if quota is None:
        raise NotFound
    return quota


def _content(agreement: Agreement) -> dict[str, object]:
    return {
        "valid_from": agreement.valid_from.isoformat(),
        "valid_until": agreement.valid_until.isoformat(),
        "scope": agreement.scope,
    }


def _record(session: Session, actor: User, action: str, agreement: Agreement, **details: object) -> None:
    audit.record(
        session,
        actor_id=actor.id,
        action=f"agreement.{action}",
        subject=f"agreement:{agreement.id}",
        **_content(agreement),
        **details,
    )
