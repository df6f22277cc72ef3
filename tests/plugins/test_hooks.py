"""Each hook, with the example of docs/plugins/hooks.md: what it is called with, and what becomes of what it returns."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select, text

from core import clock, versions
from core.calendars.components import Facts
from core.calendars.decoration import About, decorated
from core.calendars.models import Entry
from core.db import db, write
from core.plugins.declarations import BookingChange, BookingRequest, CalendarEntry
from core.plugins.errors import PluginError, PluginFailed
from core.testing.site import site
from core.testing.steps import book, decide, kind_of
from tests.plugins import documented
from tests.plugins.conftest import Instance, facade, record


@pytest.fixture
def forge(instance: Instance) -> Flask:
    """A site with the plugin of the document."""
    instance.drop("forge", kind="base", files=documented.files())
    app = instance.start(JIDI_STRICT="1")
    assert record(app, "forge").state == "active"
    return app


@pytest.fixture
def feature(instance: Instance) -> Callable[..., Flask]:
    """Makes a site with a feature plugin of the given code, failures isolated."""

    def make(code: str, more: str = "") -> Flask:
        instance.drop("feature", code, more=more)
        return instance.start()

    return make


def request(**changed: object) -> BookingRequest:
    """Return what a contact asks for at the forge."""
    start = clock.now() + timedelta(days=3)
    asked = BookingRequest(
        base="forge",
        kind="trial",
        session_id=None,
        start=start,
        end=start + timedelta(hours=1),
        units=1,
        organisation_id=1,
        organisation_kind="enterprise",
        answers={"weight": "12.5"},
        people=(),
        resources={"hammer1": {"heaviest_kg": 20}},
    )
    return replace(asked, **changed)  # type: ignore[arg-type]


def blows(app: Flask) -> list[str]:
    """Return what the forge has noted."""
    with app.app_context():
        return list(db.session.execute(text("SELECT state FROM forge_blow")).scalars())


CHANGE = BookingChange(
    base="forge", kind="trial", booking_id=1, ref="JD-0001", session_id=None, action="confirm", state="confirmed"
)


def test_hook_declare_base(forge: Flask) -> None:
    assert facade(forge).bases()["forge"].name == "锻造实训基地（示例）"
    assert "锻造实训基地（示例）" in forge.test_client().get("/bases/forge/").text


def test_hook_declare_resources(forge: Flask) -> None:
    assert [resource.slug for resource in facade(forge).resources("forge")] == ["hammer1", "room"]
    with forge.app_context():
        statement = text("SELECT resource.slug FROM resource JOIN base ON base.id = base_id WHERE base.slug = 'forge'")
        rows = db.session.execute(statement)
        assert set(rows.scalars()) >= {"hammer1", "room"}


def test_hook_declare_kinds(forge: Flask) -> None:
    with forge.app_context():
        kind = facade(forge).kind("forge", "trial")
        assert kind is not None
        assert [field.name for field in kind.fields] == ["weight", "purpose"]
        assert facade(forge).kind("forge", "nothing") is None


def test_hook_declare_content(forge: Flask) -> None:
    (kind,) = facade(forge).content_types("forge")
    assert (kind.slug, [field.name for field in kind.fields]) == ("moulds", ["shape", "mass", "contact"])
    assert facade(forge).content_types("nothing") == ()


def test_hook_declare_models(forge: Flask) -> None:
    with forge.app_context():
        assert db.session.execute(text("SELECT count(*) FROM forge_blow")).scalar() == 0
        assert db.session.execute(text("SELECT version_num FROM alembic_version_forge")).scalar() == "forge_0001"


def test_hook_declare_blueprints(forge: Flask) -> None:
    assert forge.test_client().get("/bases/forge/blows").text == "forged"


def test_hook_declare_demo(forge: Flask) -> None:
    with forge.app_context():
        demo = facade(forge).demo("forge")
        assert demo is not None
        assert [session.title for session in demo.sessions] == ["安全课（示例）"]
        assert facade(forge).demo("nothing") is None


def test_a_demo_that_fails_is_left_out(feature: Callable[..., Flask]) -> None:
    app = feature("@hookimpl\ndef declare_demo():\n    return 'no demo'")
    with app.app_context():
        assert facade(app).demo("feature") is None


def test_hook_decide_booking(forge: Flask) -> None:
    with forge.app_context(), write():
        assert facade(forge).decide_booking(request()) == []
        (problem,) = facade(forge).decide_booking(request(answers={"weight": str(Decimal(21))}))
        assert (problem.code, problem.field, problem.warning) == ("too_heavy", "weight", False)


@pytest.mark.parametrize("body", ["1 / 0", "raise SystemExit", "return 'no'", "return [Problem]"])
def test_a_decision_that_fails_refuses_with_a_reference_that_stands_in_the_log(
    feature: Callable[..., Flask], caplog: pytest.LogCaptureFixture, body: str
) -> None:
    app = feature(f"@hookimpl\ndef decide_booking(request):\n    {body}")
    with app.app_context(), write(), pytest.raises(PluginFailed) as refused:
        facade(app).decide_booking(request(base="cnc"))
    assert refused.value.reference in caplog.text
    with app.app_context():
        assert refused.value.reference in str(refused.value)


def test_a_decision_that_breaks_the_database_leaves_the_transaction_usable(feature: Callable[..., Flask]) -> None:
    app = feature(
        "from sqlalchemy import text\n"
        "@hookimpl\ndef decide_booking(request):\n    db.session.execute(text('SELECT * FROM no_such_table'))"
    )
    with app.app_context(), write() as session:
        session.execute(text("UPDATE base SET contact = 'kept'"))
        with pytest.raises(PluginFailed):
            facade(app).decide_booking(request(base="cnc"))
        assert session.execute(text("SELECT DISTINCT contact FROM base")).scalar() == "kept"
    with app.app_context():
        assert db.session.execute(text("SELECT DISTINCT contact FROM base")).scalar() == "kept"


def test_a_decision_is_loud_when_strict(instance: Instance) -> None:
    instance.drop("feature", "@hookimpl\ndef decide_booking(request):\n    1 / 0")
    app = instance.start(JIDI_STRICT="1")
    with app.app_context(), write(), pytest.raises(PluginError, match="ZeroDivisionError"):
        facade(app).decide_booking(request(base="cnc"))


def test_while_a_plugin_that_decides_is_quarantined_nothing_is_let_through(feature: Callable[..., Flask]) -> None:
    app = feature("1 / 0", more="decides = true\n")
    with app.app_context(), write(), pytest.raises(PluginFailed):
        facade(app).decide_booking(request(base="cnc"))


def test_a_quarantined_plugin_that_does_not_decide_stops_nothing(feature: Callable[..., Flask]) -> None:
    app = feature("1 / 0")
    with app.app_context(), write():
        assert facade(app).decide_booking(request(base="cnc")) == []


def test_only_the_plugin_of_the_base_decides_on_its_bookings(forge: Flask) -> None:
    heavy = request(base="cnc", answers={"weight": "99"})
    with forge.app_context(), write():
        assert facade(forge).decide_booking(heavy) == []


def test_hook_notify_booking(instance: Instance) -> None:
    instance.drop("forge", kind="base", files=documented.files())
    with site("forge", instance.folder) as made:
        trial = kind_of(made, "trial")
        start, end = made.slot(trial)
        booked = book(made, trial, {"weight": "12.5"}, start=start, end=end)
        assert blows(made.app) == []
        decide(made, booked.ref, "confirm")
        assert blows(made.app) == ["confirmed"]


def test_news_that_fails_are_logged_and_counted_and_the_others_hear_them(
    instance: Instance, caplog: pytest.LogCaptureFixture
) -> None:
    instance.drop("alpha", "@hookimpl\ndef notify_booking(change):\n    raise SystemExit(change.ref)")
    instance.drop("beta", "heard = []\n@hookimpl\ndef notify_booking(change):\n    heard.append(change.ref)")
    app = instance.start()
    with app.app_context(), caplog.at_level(logging.ERROR):
        facade(app).notify_booking(CHANGE)
    assert "plugin alpha: notify_booking failed: SystemExit: JD-0001" in caplog.text
    assert record(app, "alpha").failures == 1
    assert (
        record(instance.start(upgraded=False), "alpha").failure
        == "notify_booking: SystemExit: JD-0001 (__init__.py, line 10)"
    )
    assert facade(app).find("beta").module.heard == ["JD-0001"]  # type: ignore[union-attr]


def test_hook_render_region(forge: Flask) -> None:
    assert "<p>Wear safety shoes.</p>" in forge.test_client().get("/bases/forge/?lang=en").text
    with forge.test_request_context():
        assert not facade(forge).render_region("base_aside", "cnc")


@pytest.mark.parametrize("body", ["1 / 0", "return '<b>not escaped</b>'"])
def test_a_fragment_that_fails_leaves_its_place_empty(feature: Callable[..., Flask], body: str) -> None:
    app = feature(f"@hookimpl\ndef render_region(region, base):\n    {body}")
    answer = app.test_client().get("/bases/cnc/")
    assert answer.status_code == 200
    assert "not escaped" not in answer.text
    assert record(app, "feature").failures >= 1


def test_a_page_without_a_fragment_that_failed_is_not_kept(feature: Callable[..., Flask]) -> None:
    app = feature(
        "from markupsafe import Markup\ntried = []\n@hookimpl\ndef render_region(region, base):\n"
        "    tried.append(region)\n    assert len(tried) > 2\n    return Markup('there again')"
    )
    answers = [app.test_client().get("/bases/cnc/").text for _ in range(3)]
    assert ["there again" in answer for answer in answers] == [False, False, True]


ENTRY = CalendarEntry(
    base="forge",
    source="booking",
    audience="public",
    kind="trial",
    title="占用",
    start=clock.now(),
    end=clock.now() + timedelta(hours=1),
    resources=("hammer1",),
)


def test_hook_render_calendar_entry(instance: Instance) -> None:
    instance.drop("forge", kind="base", files=documented.files())
    with site("forge", instance.folder) as made:
        trial = kind_of(made, "trial")
        start, end = made.slot(trial)
        booked = book(made, trial, {"weight": "12.5"}, start=start, end=end)
        with made.app.app_context():
            rows = db.session.scalars(select(Entry))
            said = {entry.audience: entry.data.decode().replace("\r\n ", "") for entry in rows}
            assert booked.ref not in said["public"]
            for text in said.values():
                assert "Wear safety shoes." in text
                assert "CATEGORIES:Forging" in text
            assert facade(made.app).render_calendar_entry(replace(ENTRY, base="cnc")) == []


@pytest.mark.parametrize("body", ["1 / 0", "return 'words'", "return CalendarText(description=Unsayable())"])
def test_an_entry_whose_decoration_fails_stands_undecorated_and_that_is_counted(
    feature: Callable[..., Flask], body: str
) -> None:
    app = feature(
        "from core.plugin_api import CalendarText\n"
        "class Unsayable:\n    def __str__(self):\n        raise KeyError('word')\n"
        f"@hookimpl\ndef render_calendar_entry(entry):\n    {body}"
    )
    said = Facts(summary="占用", start=ENTRY.start, end=ENTRY.end, description="原文")
    with app.app_context():
        assert decorated(said, About(base="cnc", source="booking", audience="public")) == said
    assert record(app, "feature").failures == 1


def test_failures_that_are_counted_are_no_change_of_the_site(feature: Callable[..., Flask]) -> None:
    """Else the calendars are made anew for them, the hook fails again, and so on each minute."""
    app = feature("@hookimpl\ndef render_calendar_entry(entry):\n    1 / 0")
    with app.app_context():
        before = versions.read(db.engine)
        facade(app).render_calendar_entry(replace(ENTRY, base="cnc"))
        facade(app).save_failures()
        assert versions.read(db.engine) == before
    assert record(app, "feature").failures == 1


def test_a_decoration_that_breaks_the_database_leaves_the_transaction_usable(feature: Callable[..., Flask]) -> None:
    app = feature(
        "from sqlalchemy import text\n"
        "@hookimpl\ndef render_calendar_entry(entry):\n    db.session.execute(text('SELECT * FROM no_such_table'))"
    )
    with app.app_context(), write() as session:
        session.execute(text("UPDATE base SET contact = 'kept'"))
        assert facade(app).render_calendar_entry(replace(ENTRY, base="cnc")) == []
    with app.app_context():
        assert db.session.execute(text("SELECT DISTINCT contact FROM base")).scalar() == "kept"


def test_a_decoration_adds_to_what_is_said_and_learns_no_more_than_its_readers(feature: Callable[..., Flask]) -> None:
    app = feature(
        "from core.plugin_api import CalendarText\nseen = []\n"
        "@hookimpl\ndef render_calendar_entry(entry):\n    seen.append(entry.id)\n"
        "    return CalendarText(description='多带水', location='二楼', category='示例')"
    )
    said = Facts(summary="占用", start=ENTRY.start, end=ENTRY.end, description="原文", location="车间", category="练习")
    public = About(base="cnc", source="booking", audience="public", id=7)
    with app.app_context():
        text = decorated(said, public)
        decorated(said, replace(public, audience="full"))
        decorated(said, replace(public, source="session"))
    assert (text.description, text.location) == ("原文\n多带水", "车间，二楼")
    assert (text.category, text.more_categories) == ("练习", ("示例",))
    assert facade(app).find("feature").module.seen == [None, 7, 7]  # type: ignore[union-attr]
