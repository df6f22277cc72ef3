"""Checks that everything declared can be booked, and that the calendar feeds show it."""

from datetime import datetime, time, timedelta
from typing import Any, NamedTuple

from icalendar import Calendar
from sqlalchemy import select

from core import clock, db
from core.bases.queries import any_base
from core.booking import making, sessions, workflow
from core.booking.models import Kind
from core.intake.answers import clean
from core.intake.forms import form_class
from core.plugins.declarations import BookingChange, BookingKind
from core.plugins.rehearsal import address
from core.testing.examples import filled
from core.testing.site import Site


class Booked(NamedTuple):
    """A booking that was made."""

    ref: str
    state: str
    start_at: datetime


class BookingChecks:
    """A contact books, a manager's calendar shows it."""

    slug: str
    answers: Any

    def test_every_booking_form_can_be_opened(self, site: Site) -> None:
        contact = site.visitor("contact")
        for kind in site.kinds:
            query = f"?session={_session(site, kind)[0]}" if kind.mode == "session" else ""
            answer = contact.get(f"{address(self.slug)}/book/{kind.slug}{query}")
            assert answer.status_code == 200, kind.slug

    def test_every_kind_can_be_booked(self, site: Site) -> None:
        for kind in site.kinds:
            booking = self._book(site, kind)
            assert booking.state == ("submitted" if kind.approval else "confirmed"), kind.slug

    def test_the_rules_answer_the_same_when_a_form_is_sent_again(self, site: Site) -> None:
        """A booking that is returned and sent again unchanged is not refused for standing in its own way."""
        for kind in site.kinds:
            booking = self._book(site, kind, later=timedelta(days=28))
            with site.app.test_request_context(method="POST"):
                form = self._form(kind, booking.start_at)
                _returned(site, booking.ref)
                again = making.resubmit(actor=site.user("contact"), ref=booking.ref, cleaned=clean(form))
                assert again.state == "submitted", kind.slug

    def test_its_calendar_feed_is_valid_and_shows_what_is_taken(self, site: Site) -> None:
        if site.base is None:
            return
        for kind in site.kinds:
            self._book(site, kind, later=timedelta(days=56))
        calendar = Calendar.from_ical(site.visitor().get(f"{address(self.slug)}/calendar.ics").data)
        events = calendar.walk("VEVENT")
        assert calendar.errors == []
        assert all(event["UID"] and event["DTSTAMP"] and event["DTSTART"] for event in events)
        assert bool(events) is bool(site.kinds)

    def test_the_feed_of_every_resource_is_valid(self, site: Site) -> None:
        for resource in site.plugin.resources:
            answer = site.visitor().get(f"{address(self.slug)}/resources/{resource.slug}.ics")
            assert answer.status_code == 200, resource.slug
            assert Calendar.from_ical(answer.data).errors == []

    def test_it_bears_news_of_bookings_it_does_not_know(self, site: Site) -> None:
        with site.app.app_context():
            for action, state in (("submit", "submitted"), ("confirm", "confirmed"), ("cancel", "cancelled")):
                site.facade.notify_booking(
                    BookingChange(
                        base=self.slug,
                        kind="unknown",
                        booking_id=0,
                        ref="JD-0000",
                        session_id=None,
                        action=action,
                        state=state,
                    )
                )

    def test_its_demo_speaks_of_what_is_declared(self, site: Site) -> None:
        with site.app.test_request_context():
            demo = site.facade.demo(self.slug)
        if demo is None:
            return
        kinds = {kind.slug for kind in site.kinds}
        resources = {resource.slug for resource in site.plugin.resources}
        assert {entry.kind for entry in (*demo.sessions, *demo.bookings)} <= kinds
        assert {slug for session in demo.sessions for slug in session.uses} <= resources
        assert all(0 <= (booking.session or 0) < max(len(demo.sessions), 1) for booking in demo.bookings)

    def _form(self, kind: BookingKind, start: datetime) -> Any:
        sent = filled(kind.fields, clock.local(start).date(), self.answers.get(kind.slug, {}))
        form = form_class(kind.fields)(formdata=sent)
        assert form.validate(), (kind.slug, form.errors)
        return form

    def _book(self, site: Site, kind: BookingKind, *, later: timedelta = timedelta()) -> Booked:
        """Book a kind as a contact, through the service that pages use."""
        where: dict[str, Any] = {}
        if kind.mode == "session":
            where["training_id"], start = _session(site, kind)
        else:
            start, end = (moment + later for moment in site.slot(kind))
            where.update(start=start, end=end)
        with site.app.test_request_context(method="POST"):
            booking = making.book(
                actor=site.user("contact"),
                organisation_id=site.organisation_id,
                base=any_base(self.slug),
                kind=kind,
                cleaned=clean(self._form(kind, start)),
                **where,
            )
            return Booked(booking.ref, booking.state, booking.start_at)


def _session(site: Site, kind: BookingKind) -> tuple[int, datetime]:
    """Publish a session of a kind; return its id and start."""
    start = clock.at(clock.today() + kind.notice + timedelta(days=21), time(9))
    with site.app.test_request_context():
        base = any_base(site.slug)
        kind_id = db.db.session.scalars(select(Kind.id).where(Kind.base_id == base.id, Kind.slug == kind.slug)).one()
        manager = site.user("manager")
        draft = sessions.create(
            actor=manager,
            base_id=base.id,
            kind_id=kind_id,
            title="示例场次",
            text="",
            start=start,
            end=start + timedelta(hours=2),
            seats=max(kind.most_units, 1),
        )
        published = sessions.publish(actor=site.user("manager"), session_id=draft.id)
        return published.id, published.start_at


def _returned(site: Site, ref: str) -> None:
    """Return a booking to its contact for change, as its manager."""
    workflow.move(
        actor=site.user("manager"), ref=ref, action="return", reason="示例", deadline=clock.now() + timedelta(days=7)
    )
