"""A booking from its making to its end, as vdirsyncer, the `caldav` client and Thunderbird see it: all the same."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import caldav
import pytest
from icalendar import Calendar
from sqlalchemy import select

from core.booking import sessions
from core.booking.models import TrainingSession
from core.calendars.models import Entry
from core.db import db
from tests.booking.conftest import Workshop
from tests.booking.shop import Shop, settings
from tests.calendars.judges.clients import Thunderbird, Vdirsyncer, until
from tests.calendars.judges.sites import Judged, judged
from tests.conftest import application
from tests.support.applications import close
from tests.support.databases import Databases

pytestmark = [pytest.mark.slow, pytest.mark.thunderbird]


class Seen(NamedTuple):
    """What a client sees of the booking."""

    title: str
    start: datetime
    end: datetime
    status: str


@pytest.fixture
def own(databases: Databases, workshop: Workshop, keys: dict[str, str], tmp_path: Path) -> Iterator[Judged]:
    """The workshop, served, and a contact."""
    url = databases.fresh(workshop.template)
    kept = settings(keys, url) | {"JIDI_INSTANCE": str(workshop.instance)}
    app = application(kept, url, workshop.instance)
    with judged(app, tmp_path, kept, base="workshop", email="north@example.com") as site:
        yield site
    close(app)
    databases.drop(url)


def test_a_booking_through_its_life_is_the_same_to_three_clients(own: Judged, tmp_path: Path) -> None:
    key = own.look(lambda: f"user:{Shop().user('north').id}")
    name = key.replace(":", "-")
    account = {"type": "caldav", "url": own.address + "/caldav/", "username": own.email, "password": own.password}
    folder = Vdirsyncer(tmp_path / "home", account, f'["{name}"]')
    thunderbird = Thunderbird(tmp_path / "profile", {"own": ("caldav", own.dav(key))})
    token = None
    revisions = []
    for step in (book, at_ten, at_thirteen, retitled, cancelled):
        own.look(step)
        entry = own.look(lambda: db.session.scalars(select(Entry).where(Entry.audience == "full")).one())
        expected = said(entry)
        revisions.append((entry.sequence, entry.modified_at))

        assert folder.sync() == 1
        (kept,) = folder.kept(name).values()
        assert isinstance(kept.start, datetime)
        assert isinstance(kept.end, datetime)
        assert (kept.uid, kept.sequence) == (entry.uid, entry.sequence)
        assert Seen(kept.summary, kept.start, kept.end, kept.status) == expected

        with caldav.DAVClient(own.address + "/caldav/", username=own.email, password=own.password) as client:
            calendar = client.calendar(url=f"{own.address}/caldav/calendars/{name}/")
            changes = calendar.objects_by_sync_token(sync_token=token, load_objects=True)
            (change,) = changes
            token = changes.sync_token
        event = change.icalendar_component
        assert Seen(str(event["SUMMARY"]), event.start.astimezone(UTC), event.end.astimezone(UTC), event["STATUS"]) == (
            expected
        )
        assert event.DTSTAMP == event.LAST_MODIFIED == entry.modified_at

        with thunderbird.running():
            same = until(lambda: list(shown(thunderbird).values()) == [expected], 60)  # noqa: B023 - called at once
        assert same, (step.__name__, shown(thunderbird), expected)
    assert [sequence for sequence, _modified in revisions] == [0, 1, 2, 2, 3]
    stamps = [modified for _sequence, modified in revisions]
    assert stamps == sorted(set(stamps))
    assert folder.sync() == 0


def said(entry: Entry) -> Seen:
    """Return what an entry of the database says."""
    (event,) = Calendar.from_ical(b"BEGIN:VCALENDAR\r\n" + entry.data + b"END:VCALENDAR\r\n").walk("VEVENT")
    return Seen(str(event["SUMMARY"]), entry.start_at, entry.end_at, str(event["STATUS"]))


def shown(thunderbird: Thunderbird) -> dict[str, Seen]:
    """Return what Thunderbird keeps, by UID."""
    return {
        uid: Seen(title, _moment(start), _moment(end), status)
        for uid, (start, end, title, status) in thunderbird.kept("own").items()
    }


def _moment(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1_000_000, UTC)


def book() -> None:
    """Publish a course and book a place in it."""
    shop = Shop()
    training = shop.session(title="示例课程，一班")
    shop.book("course", training_id=training.id)


def _edit(shop: Shop, hour: float | None = None, title: str = "") -> None:
    training = db.session.scalars(select(TrainingSession)).one()
    start = training.start_at if hour is None else shop.at(hour)
    sessions.edit(
        actor=shop.user("manager"),
        session_id=training.id,
        title=title or training.title,
        text=training.text,
        start=start,
        end=start + (training.end_at - training.start_at),
        seats=training.seats,
    )


def at_ten() -> None:
    """Move the course, and what is booked of it, to ten."""
    _edit(Shop(), hour=10)


def at_thirteen() -> None:
    """Move it once more."""
    _edit(Shop(), hour=13)


def retitled() -> None:
    """Call it something else."""
    _edit(Shop(), title="示例课程；二班")


def cancelled() -> None:
    """Cancel it, and with it the booking."""
    shop = Shop()
    training = db.session.scalars(select(TrainingSession)).one()
    sessions.cancel(actor=shop.user("manager"), session_id=training.id, reason="示例")
