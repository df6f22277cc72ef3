"""Checks that everything declared can be booked, and that the calendar feeds show it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar, Literal

from flask_babel import force_locale
from icalendar import Calendar

from core import clock
from core.localised import LANGUAGES
from core.plugins.declarations import BookingKind, CalendarEntry
from core.plugins.rehearsal import address
from core.testing.site import Site
from core.testing.steps import Booked, book, decide, publish_session, send_again

UNKNOWN = 2**31 - 1
"""The number of nothing: a plugin that looks it up finds nothing, and must bear that."""

FORMS: tuple[tuple[Literal["session", "closure", "booking"], Literal["public", "full"]], ...] = (
    ("session", "public"),
    ("closure", "public"),
    ("booking", "public"),
    ("booking", "full"),
)
"""Source and audience of every form of a calendar entry."""


class BookingChecks:
    """A contact books, a manager's calendar shows it."""

    slug: ClassVar[str]
    answers: ClassVar[Mapping[str, Mapping[str, object]]]

    def test_every_booking_form_can_be_opened(self, site: Site) -> None:
        contact = site.visitor("contact")
        for kind in site.kinds:
            query = f"?session={publish_session(site, kind)}" if kind.mode == "session" else ""
            answer = contact.get(f"{address(self.slug)}/book/{kind.slug}{query}")
            assert answer.status_code == 200, kind.slug

    def test_every_kind_can_be_booked(self, site: Site) -> None:
        for kind in site.kinds:
            booking = self._book(site, kind)
            assert booking.state == ("submitted" if kind.approval else "confirmed"), kind.slug

    def test_the_rules_answer_the_same_when_a_form_is_sent_again(self, site: Site) -> None:
        """A booking that is returned and sent again unchanged is not refused for standing in its own way."""
        for kind in (kind for kind in site.kinds if kind.approval):
            booking = self._book(site, kind, later=timedelta(days=28))
            decide(site, booking.ref, "return")
            again = send_again(site, kind, booking.ref, self.answers.get(kind.slug, {}))
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

    def test_its_words_in_calendars_are_the_same_each_time(self, site: Site) -> None:
        """An entry that said something else on each writing would be news to every client that follows the calendar."""
        resources = tuple(resource.slug for resource in site.plugin.resources)
        entries = [
            CalendarEntry(
                base=self.slug,
                source=source,
                audience=audience,
                kind=kind.slug if source != "closure" else "",
                title="—",
                start=clock.now(),
                end=clock.now() + timedelta(hours=1),
                resources=resources,
                id=None if (source, audience) == ("booking", "public") else UNKNOWN,
            )
            for kind in site.kinds
            for source, audience in FORMS
        ]
        with site.app.app_context(), force_locale(LANGUAGES[0]):
            said = [site.facade.render_calendar_entry(entry) for entry in entries]
            with clock.set_to(clock.now() + timedelta(days=400)):
                assert [site.facade.render_calendar_entry(entry) for entry in entries] == said

    def test_it_bears_news_of_every_change(self, site: Site) -> None:
        """Its notify hook is strict here: what it raises on confirming or cancelling a booking is raised."""
        for kind in site.kinds:
            booking = self._book(site, kind, later=timedelta(days=84))
            for action in ("confirm", "cancel") if kind.approval else ("cancel",):
                decide(site, booking.ref, action)

    def test_its_demo_speaks_of_what_is_declared(self, site: Site) -> None:
        with site.app.test_request_context():
            demo = site.facade.demo(self.slug)
        if demo is None:
            return
        kinds = {kind.slug for kind in site.kinds}
        resources = {resource.slug for resource in site.plugin.resources}
        assert {session.kind for session in demo.sessions} | {booking.kind for booking in demo.bookings} <= kinds
        assert {slug for session in demo.sessions for slug in session.uses} <= resources
        assert {closure.resource for closure in demo.closures} <= resources
        assert all(0 <= (booking.session or 0) < max(len(demo.sessions), 1) for booking in demo.bookings)

    def _book(self, site: Site, kind: BookingKind, *, later: timedelta = timedelta()) -> Booked:
        """Book a kind as a contact, as the first who does or some time later."""
        answers = self.answers.get(kind.slug, {})
        if kind.mode == "session":
            return book(site, kind, answers, session_id=publish_session(site, kind))
        start, end = (moment + later for moment in site.slot(kind))
        return book(site, kind, answers, start=start, end=end)
