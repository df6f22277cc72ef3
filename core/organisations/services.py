"""The deeds on organisations and on requests for an account, each with its permission, in one transaction."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import audit, clock, events, outbox
from core.accounts import services as accounts
from core.accounts.models import User
from core.accounts.roles import Role, require
from core.db import write
from core.errors import Invalid, NotFound, StateChanged
from core.localised import LANGUAGES
from core.organisations.events import AccountRequested
from core.organisations.models import AccountRequest, Organisation

PERMISSION = "organisation.manage"


def request_account(
    *, organisation_name: str, kind: str, contact_name: str, email: str, phone: str, message: str
) -> AccountRequest:
    """Ask for an account; anybody may. The office is told.

    Whether there is an account with this address is not told.

    Raises:
        Invalid: the address is none.
    """
    with write() as session:
        asked = AccountRequest(
            organisation_name=organisation_name.strip(),
            kind=kind,
            contact_name=contact_name.strip(),
            email=accounts.address(email),
            phone=phone,
            message=message.strip(),
            state="waiting",
            created_at=clock.now(),
        )
        session.add(asked)
        session.flush()
        events.publish(session, AccountRequested(asked))
        return asked


def accept(*, actor: User, request_id: int, organisation_id: int | None = None, short_name: str = "") -> User:
    """Accept a request: its contact is invited for an organisation that is there, or for a new one.

    Args:
        actor: of the office.
        request_id: the request.
        organisation_id: an organisation that is there; None makes one with the name and kind asked for.
        short_name: of a new organisation; its full name when empty.

    Raises:
        StateChanged: somebody else has decided already.
        Invalid: there is an organisation of this name already, or the contact's account is deactivated.
    """
    with write() as session:
        asked = _waiting(session, actor, request_id)
        if organisation_id is None:
            organisation = _added(
                session, actor, name=asked.organisation_name, short_name=short_name, kind=asked.kind, member=False
            )
        else:
            organisation = _open(session, organisation_id)
        user = accounts.invite(
            session,
            email=asked.email,
            name=asked.contact_name,
            phone=asked.phone,
            role=Role.CONTACT,
            organisation_id=organisation.id,
            actor_id=actor.id,
        )
        _decide(session, actor, asked, "accepted", organisation=organisation.id)
        return user


def decline(*, actor: User, request_id: int, reason: str) -> None:
    """Decline a request; the contact is told why, by mail.

    Raises:
        StateChanged: somebody else has decided already.
        Invalid: the reason is missing.
    """
    reason = reason.strip()
    with write() as session:
        asked = _waiting(session, actor, request_id)
        if not reason:
            raise Invalid({"reason": _l("Please give the reason: the contact will read it.")})
        asked.reason = reason
        _decide(session, actor, asked, "declined")
        with force_locale(LANGUAGES[0]):
            mail = outbox.Mail(
                to=asked.email,
                name=asked.contact_name,
                language=LANGUAGES[0],
                subject=_("Your request for an account"),
                body=_(
                    "The consortium's office could not accept the request of %(organisation)s.\n\n"
                    "Reason: %(reason)s\n\nYou can ask again at any time.",
                    organisation=asked.organisation_name,
                    reason=reason,
                ),
                link=outbox.path_to("organisations.request"),
                action=_("Ask for an account"),
            )
        outbox.put(session, mail)


def create(
    *,
    actor: User,
    name: str,
    short_name: str = "",
    kind: str,
    parent_id: int | None = None,
    member: bool = True,
    note: str = "",
) -> Organisation:
    """Add an organisation.

    Args:
        actor: of the office, or an administrator.
        name, short_name: full name, and one for narrow places (the full one when empty).
        kind: one of `models.KINDS`.
        parent_id: the organisation it is a branch of.
        member: whether it is a member of the consortium.
        note: seen by the office only.

    Raises:
        Invalid: there is one of this name already.
    """
    with write() as session:
        require(actor, PERMISSION)
        return _added(
            session, actor, name=name, short_name=short_name, kind=kind, parent_id=parent_id, member=member, note=note
        )


def edit(
    *,
    actor: User,
    organisation_id: int,
    name: str,
    short_name: str = "",
    kind: str,
    parent_id: int | None = None,
    member: bool = True,
    note: str = "",
) -> None:
    """Change an organisation; arguments as for `create`.

    Raises:
        Invalid: there is another one of this name, or it would be a branch of itself.
    """
    with write() as session:
        require(actor, PERMISSION)
        organisation = _open(session, organisation_id)
        if parent_id == organisation.id:
            raise Invalid({"parent_id": _l("An organisation is no branch of itself.")})
        with _unique_name(session):
            organisation.name, organisation.short_name = name.strip(), _short(name, short_name)
            organisation.kind, organisation.parent_id = kind, parent_id
            organisation.member, organisation.note = member, note.strip()
        _record(session, actor, "edit", organisation)


def _added(
    session: Session,
    actor: User,
    *,
    name: str,
    short_name: str,
    kind: str,
    parent_id: int | None = None,
    member: bool,
    note: str = "",
) -> Organisation:
    organisation = Organisation(
        slug=f"o{secrets.token_hex(4)}",
        name=name.strip(),
        short_name=_short(name, short_name),
        kind=kind,
        parent_id=parent_id,
        member=member,
        note=note.strip(),
        created_at=clock.now(),
    )
    with _unique_name(session):
        session.add(organisation)
    _record(session, actor, "create", organisation)
    return organisation


def _short(name: str, short_name: str) -> str:
    """Return the name for narrow places: where none is given, the full one as far as the column holds it."""
    return short_name.strip() or name.strip()[:40]


def _waiting(session: Session, actor: User, request_id: int) -> AccountRequest:
    """Return a request that waits, its row locked: of two who decide at once the second finds it decided."""
    require(actor, PERMISSION)
    asked = session.get(AccountRequest, request_id, with_for_update=True)
    if asked is None:
        raise NotFound
    if asked.state != "waiting":
        raise StateChanged(_l("This request has been decided already."))
    return asked


def _decide(session: Session, actor: User, asked: AccountRequest, state: str, **details: int) -> None:
    asked.state, asked.decided_at, asked.decided_by_id = state, clock.now(), actor.id
    audit.record(
        session, actor_id=actor.id, action=f"organisation.request_{state}", subject=f"request:{asked.id}", **details
    )


def _open(session: Session, organisation_id: int) -> Organisation:
    organisation = session.get(Organisation, organisation_id)
    if organisation is None or organisation.archived_at is not None:
        raise NotFound
    return organisation


@contextmanager
def _unique_name(session: Session) -> Iterator[None]:
    try:
        with session.begin_nested():
            yield
    except IntegrityError:
        raise Invalid({"name": _l("There is an organisation of this name already.")}) from None


def _record(session: Session, actor: User, action: str, organisation: Organisation) -> None:
    audit.record(session, actor_id=actor.id, action=f"organisation.{action}", subject=f"organisation:{organisation.id}")
