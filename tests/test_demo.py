"""The demo loads the consortium through the services people use, once, and only where nobody else is."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, func, inspect, select, table

from core import clock, db
from core.accounts import services
from core.accounts.models import User
from core.accounts.roles import Role
from core.audit import AuditEntry
from core.booking.models import Booking, Resource, TrainingSession
from core.booking.states import TAKING
from core.content import sections
from core.content.media.models import MediaFile
from core.content.models import Item
from core.demo import RealUsers, load
from core.intake.models import Trainee
from core.organisations.models import Organisation
from core.plugins.facade import plugins
from core.upgrade import upgrade
from tests.conftest import Demo, MakeApp

pytestmark = pytest.mark.database


def rows() -> dict[str, int]:
    """Return how many rows each table has."""
    session = db.db.session
    session.rollback()
    names = inspect(db.db.engine).get_table_names()
    return {name: session.scalar(select(func.count()).select_from(table(name))) or 0 for name in names}


def test_it_brings_the_organisations_of_the_report(demo_app: Flask) -> None:
    with demo_app.app_context():
        names = set(db.db.session.scalars(select(Organisation.name)))
    assert {"重庆市工业技师学院", "重庆工业技师学院青山分院", "重庆中捷数控机床有限公司", "重庆云日集团"} <= names


def test_there_is_an_account_for_every_role_and_a_manager_for_every_base(demo_app: Flask, demo: Demo) -> None:
    accounts = demo.accounts
    with demo_app.app_context():
        bases = set(plugins().bases())
    assert {account["role"] for account in accounts} == {role.value for role in Role}
    assert {account["at"] for account in accounts if account["role"] == "manager"} == bases
    contacts = {account["at"] for account in accounts if account["role"] == "contact"}
    with demo_app.app_context():
        kinds = list(db.db.session.scalars(select(Organisation.kind).where(Organisation.slug.in_(contacts))))
    assert sorted(kinds) == ["branch", "enterprise", "enterprise", "lead"]


def test_everybody_can_sign_in_with_the_password_that_is_printed(demo_app: Flask, demo: Demo) -> None:
    account = demo.accounts[-1]
    sent = {"email": account["email"], "password": account["password"]}
    assert demo_app.test_client().post("/account/sign-in", data=sent).status_code == 302


def test_a_second_run_changes_nothing(demo_app: Flask, demo: Demo) -> None:
    with demo_app.app_context():
        before = rows()
    assert load(demo_app) == demo.accounts
    with demo_app.app_context():
        assert rows() == before


def test_a_run_that_was_cut_off_is_taken_up_again(demo_app: Flask) -> None:
    with demo_app.app_context():
        before = rows()
        with db.write() as session:
            session.execute(delete(AuditEntry).where(AuditEntry.action == "demo.load"))
    load(demo_app)
    with demo_app.app_context():
        assert rows() == before


def test_bookings_stand_in_several_states(demo_app: Flask) -> None:
    with demo_app.app_context():
        states = set(db.db.session.scalars(select(Booking.state)))
    assert {"submitted", "returned", "confirmed", "rejected", "cancelled", "completed"} <= states


def test_somebody_is_at_every_base_on_each_working_day_of_this_week(demo_app: Flask) -> None:
    monday = clock.today() - timedelta(days=clock.today().weekday())
    with demo_app.app_context():
        found = db.db.session.execute(select(Booking.base_id, Booking.start_at).where(Booking.state.in_(TAKING)))
        days = {(base, clock.local(start).date()) for base, start in found}
        bases = {base for base, _day in days}
        assert len(bases) == len(plugins().bases())
    assert {(base, monday + timedelta(days=number)) for base in bases for number in range(5)} <= days


def test_what_lies_ahead_is_not_over_in_the_demo(demo_app: Flask) -> None:
    with demo_app.app_context():
        over = db.db.session.scalars(select(Booking.end_at).where(Booking.state.in_(["completed", "no_show"])))
        assert max(over) < clock.now()


def test_sessions_lie_around_today(demo_app: Flask) -> None:
    with demo_app.app_context():
        starts = list(db.db.session.scalars(select(TrainingSession.start_at)))
    assert min(starts) < clock.now() < max(starts)


def test_identity_numbers_belong_to_nobody(demo_app: Flask) -> None:
    with demo_app.app_context():
        numbers = [trainee.id_number for trainee in db.db.session.scalars(select(Trainee)) if trainee.id_number]
    assert numbers
    assert {number[:6] for number in numbers} == {"999999"}


def test_it_refuses_where_real_users_are(app: Flask) -> None:
    with app.app_context(), db.write() as session:
        services.create_user(session, email="somebody@example.org", name="真实用户")
    with pytest.raises(RealUsers, match="JIDI_INSTANCE"):
        load(app)
    with app.app_context():
        assert db.db.session.scalar(select(func.count(User.id))) == 1


@pytest.mark.slow
def test_it_loads_with_any_of_the_bases_missing(make_app: MakeApp, migrated: str) -> None:
    app = make_app(migrated)
    with app.app_context():
        slugs = list(plugins().bases())
    for missing in slugs:
        partial = make_app(migrated, JIDI_PLUGINS=",".join(slug for slug in slugs if slug != missing))
        upgrade(partial)
        accounts = load(partial)
        assert missing not in {account["at"] for account in accounts}


@pytest.mark.slow
def test_a_base_that_comes_later_brings_its_demo(make_app: MakeApp, migrated: str) -> None:
    with make_app(migrated).app_context():
        first, *_others = plugins().bases()
    app = make_app(migrated, JIDI_PLUGINS=first)
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    upgrade(app)
    load(app)
    whole = make_app(migrated, JIDI_DATABASE_URL=url)
    upgrade(whole)
    load(whole)
    with whole.app_context():
        bases = set(
            db.db.session.scalars(select(Item.base_id).where(Item.type == "announcement", Item.base_id.is_not(None)))
        )
        instructor = db.db.session.scalars(select(Resource).where(Resource.kind == "instructor")).first()
        assert instructor is not None
        assert set(instructor.attributes["bases"]) == set(plugins().bases())
        assert len(bases) == len(plugins().bases())


def test_announcements_stand_in_every_state_with_files_a_registration_and_a_second_base(demo_app: Flask) -> None:
    with demo_app.app_context():
        written = list(db.db.session.scalars(select(Item).where(Item.type == "announcement")))
        assert {"published", "scheduled", "expired", "in_review"} <= {item.standing for item in written}
        invited = next(item for item in written if item.session_id is not None)
        assert "<img src=" in invited.body
        (number,) = invited.attachments
        document = db.db.session.get_one(MediaFile, number)
        assert (document.type, "示例" in document.text) == ("application/pdf", True)
        assert any(item.places for item in written)
        assert all("示例" in item.reference for item in written if item.reference)


def test_the_portal_has_pages_under_one_another_and_more_sections(demo_app: Flask) -> None:
    with demo_app.app_context():
        page = db.db.session.scalars(select(Item).where(Item.path == "about/bodies")).one()
        assert page.parent is not None
        assert page.parent.title == "关于联合体"
        assert [section.kind for section in sections.arranged()][-2:] == ["figures", "partners"]
