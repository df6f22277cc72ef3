"""Steps of a plugin's own tests: publish a session, book as a contact, decide as the manager."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import select

from core import clock, db
from core.bases.queries import any_base
from core.booking import making, sessions, workflow
from core.booking.errors import RuleBroken
from core.booking.models import Kind
from core.booking.states import WAITING
from core.content import writing
from core.content.addresses import address
from core.content.snapshots import Texts
from core.errors import DomainError
from core.intake.answers import Cleaned, clean
from core.intake.forms import form_class
from core.plugins.declarations import BookingKind, Problem
from core.testing.examples import filled
from core.testing.site import Site


class Booked(NamedTuple):
    """A booking that was made."""

    ref: str
    state: str
    start_at: datetime


def kind_of(site: Site, slug: str) -> BookingKind:
    """Return a booking kind that the plugin declares."""
    return next(kind for kind in site.kinds if kind.slug == slug)


def publish_session(site: Site, kind: BookingKind, *, days_ahead: int | None = None) -> int:
    """Publish a session of a kind as the base's manager, 09:00 to 11:00, and return its id.

    Args:
        site: the site.
        kind: of mode `session`.
        days_ahead: how many days from today; 21 after the kind's notice when None.
    """
    after_notice = kind.notice + timedelta(days=21 + 2 * kind.notice_workdays)
    ahead = after_notice if days_ahead is None else timedelta(days=days_ahead)
    start = clock.at(clock.today() + ahead, time(9))
    with site.app.test_request_context():
        base = any_base(site.slug)
        kind_id = db.db.session.scalars(select(Kind.id).where(Kind.base_id == base.id, Kind.slug == kind.slug)).one()
        draft = sessions.create(
            actor=site.user("manager"),
            base_id=base.id,
            kind_id=kind_id,
            title="示例场次",
            text="",
            start=start,
            end=start + timedelta(hours=2),
            seats=max(kind.most_units, 1),
        )
        return sessions.publish(actor=site.user("manager"), session_id=draft.id).id


def book(
    site: Site,
    kind: BookingKind,
    answers: Mapping[str, object],
    *,
    session_id: int | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
) -> Booked:
    """Book as the contact, through the service that pages use.

    Args:
        site: the site.
        kind: what is booked.
        answers: over the examples, as a browser sends them.
        session_id: (session kinds) the session.
        start, end: (slot kinds) aware moments.

    Raises:
        DomainError: the booking is refused.
    """
    with site.app.test_request_context(method="POST"):
        booking = making.book(
            actor=site.user("contact"),
            organisation_id=site.organisation_id,
            base=any_base(site.slug),
            kind=kind,
            cleaned=answered(kind, answers),
            training_id=session_id,
            start=start,
            end=end,
        )
        return Booked(booking.ref, booking.state, booking.start_at)


def send_again(site: Site, kind: BookingKind, ref: str, answers: Mapping[str, object]) -> Booked:
    """Submit a returned booking again as the contact; arguments and errors as for `book`."""
    with site.app.test_request_context(method="POST"):
        booking = making.resubmit(actor=site.user("contact"), ref=ref, cleaned=answered(kind, answers))
        return Booked(booking.ref, booking.state, booking.start_at)


def refusals(site: Site, kind: BookingKind, answers: Mapping[str, object], *, session_id: int) -> list[Problem]:
    """Book seats of a session and return why the plugin's rules refuse it; empty when it was booked."""
    try:
        book(site, kind, answers, session_id=session_id)
    except RuleBroken as error:
        return list(error.problems)
    return []


def decide(site: Site, ref: str, action: str, reason: str = "示例") -> None:
    """Move a booking as the base's manager: `confirm`, `return`, `reject`, `cancel`.

    A chain of approval is gone through to its end, each step by somebody who may.
    """
    with site.app.test_request_context(method="POST"):
        booking = workflow.move(actor=site.user("manager"), ref=ref, action=action, reason=reason)
        for name in ("office", "manager2", "office2"):
            if booking.state in WAITING:
                with suppress(DomainError):
                    booking = workflow.move(actor=site.user(name), ref=ref, action=action, reason=reason)


def answered(kind: BookingKind, answers: Mapping[str, object]) -> Cleaned:
    """Return a form filled in with examples and given answers; call it in a request context of the site."""
    form = form_class(kind.fields)(formdata=filled(kind.fields, clock.today(), answers))
    assert form.validate(), (kind.slug, form.errors)
    return clean(form)


def publish(site: Site, kind: str, title: str, /, **given: object) -> str:
    """Publish an item of a content type as the base's manager, and return its address.

    Args:
        site: the plugin's site.
        kind: slug of the content type.
        title: its title.
        given: values by field name, over the examples; as a browser sends them.
    """
    declared = next(known for known in site.plugin.content if known.slug == kind)
    sent = filled(declared.fields, clock.today(), given)
    with site.app.test_request_context(method="POST"):
        form = form_class(declared.fields)(formdata=sent)
        assert form.validate(), (kind, form.errors)
        item = writing.create(
            actor=site.user("manager"),
            base_id=any_base(site.slug).id,
            kind=f"{site.slug}.{kind}",
            texts=Texts(title=title, body="<p>示例。</p>", fields=clean(form).values),
            act=writing.PUBLISH,
        )
        return address(item)
