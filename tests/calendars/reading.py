"""Feeds as a calendar program reads them."""

from dataclasses import dataclass

from flask import Flask
from icalendar import Calendar, Event
from werkzeug.test import TestResponse

BASE = "/bases/workshop/calendar.ics"


def resource(slug: str) -> str:
    """Return the address of a resource's feed."""
    return f"/bases/workshop/resources/{slug}.ics"


@dataclass(frozen=True)
class Feeds:
    """Reads feeds of a site."""

    app: Flask

    def get(self, address: str = BASE, **headers: str) -> TestResponse:
        """Fetch a feed."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.app.test_client().get(address, headers=named)

    def lines(self, address: str = BASE) -> list[str]:
        """Return a feed's unfolded lines."""
        return self.get(address).text.replace("\r\n ", "").splitlines()

    def events(self, address: str = BASE) -> list[Event]:
        """Return the entries of a feed."""
        return [event for event in Calendar.from_ical(self.get(address).data).walk("VEVENT") if isinstance(event, Event)]

    def one(self, address: str = BASE) -> Event:
        """Return the only entry of a feed."""
        (event,) = self.events(address)
        return event


def said(event: Event) -> tuple[str, str, int]:
    """Return what an entry says, its status, and the number of its revision."""
    return str(event["SUMMARY"]), str(event["STATUS"]), int(event["SEQUENCE"])
