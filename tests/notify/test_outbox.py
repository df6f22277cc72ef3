"""The administrator's page of mails: links that let one act for another stay covered."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from core import jobs, outbox
from core.accounts.roles import Role
from core.audit import AuditEntry
from core.db import db, write
from tests.conftest import MakeApp
from tests.support.mail import Mailbox
from tests.support.people import People

ADMIN = "admin@example.com"


def forget(people: People) -> tuple[int, str]:
    """Ask for a new password; return id and link of the mail."""
    people.app.test_client().post("/account/forgot", data={"email": ADMIN})
    people.work()
    with people.app.app_context():
        job = db.session.scalars(select(jobs.Job).where(jobs.Job.kind == outbox.KIND).order_by(jobs.Job.id)).all()[-1]
        return job.id, outbox.opened(job.payload).link


@pytest.fixture
def admin(people: People) -> FlaskClient:
    """An administrator of a site without a mail server, signed in."""
    people.add(ADMIN, Role.ADMINISTRATOR)
    return people.client(ADMIN)


@pytest.mark.parametrize("role", [None, Role.CONTACT, Role.MANAGER, Role.OFFICE])
def test_nobody_else_reads_the_outbox(people: People, role: Role | None) -> None:
    people.add(ADMIN, Role.ADMINISTRATOR)
    job_id, _link = forget(people)
    people.add("other@example.com", role)
    client = people.client("other@example.com")
    assert client.get("/manage/outbox/").status_code == 403
    assert client.get(f"/manage/outbox/{job_id}").status_code == 403
    assert client.get(f"/manage/outbox/{job_id}/calendar.ics").status_code == 403
    assert client.post(f"/manage/outbox/{job_id}/link").status_code == 403
    assert client.post(f"/manage/outbox/{job_id}/send").status_code == 403


def test_without_a_mail_server_the_link_is_uncovered_on_demand_and_that_is_noted(
    people: People, admin: FlaskClient
) -> None:
    job_id, link = forget(people)
    listed = admin.get("/manage/outbox/").text
    assert "尚未设置邮件服务器" in listed
    assert link not in listed
    covered = admin.get(f"/manage/outbox/{job_id}").text
    assert link not in covered
    assert "显示链接以便转交" in covered
    shown = admin.post(f"/manage/outbox/{job_id}/link").text
    assert link in shown
    with people.app.app_context():
        (noted,) = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "outbox.reveal"))
    assert noted.subject == f"job:{job_id}"
    assert noted.actor_id


def test_the_calendar_of_a_mail_is_named_and_can_be_handed_over(people: People, admin: FlaskClient) -> None:
    calendar = "BEGIN:VCALENDAR\r\nSUMMARY:车工\r\nEND:VCALENDAR\r\n"
    letter = outbox.Mail(to="a@example.com", name="A", language="zh", subject="S", body="B")
    with people.app.app_context(), write() as session:
        plain = outbox.put(session, letter)
        invited = outbox.put(session, replace(letter, calendar=calendar, method="REQUEST"))
    assert (
        f'<a href="/manage/outbox/{invited}/calendar.ics">invite.ics</a>' in admin.get(f"/manage/outbox/{invited}").text
    )
    file = admin.get(f"/manage/outbox/{invited}/calendar.ics")
    assert (file.data.decode(), file.content_type) == (calendar, "text/calendar; charset=utf-8")
    assert file.headers["Content-Disposition"] == "attachment; filename=invite.ics"
    assert "calendar.ics" not in admin.get(f"/manage/outbox/{plain}").text
    assert admin.get(f"/manage/outbox/{plain}/calendar.ics").status_code == 404
    with people.app.app_context():
        kept = db.session.scalars(select(jobs.Job.payload).where(jobs.Job.id == invited)).one()
    assert "VCALENDAR" not in str(kept), "encrypted like the rest of the mail"


def test_with_a_mail_server_nobody_uncovers_the_link(make_app: MakeApp, migrated: str, mailbox: Mailbox) -> None:
    people = People(make_app(migrated, JIDI_MAIL_URL=mailbox.url))
    people.add(ADMIN, Role.ADMINISTRATOR)
    client = people.client(ADMIN)
    job_id, link = forget(people)
    assert mailbox.mails
    page = client.get(f"/manage/outbox/{job_id}").text
    assert link not in page
    assert "显示链接以便转交" not in page
    assert client.post(f"/manage/outbox/{job_id}/link").status_code == 403


def test_what_failed_is_sent_again_by_hand_and_nothing_else(people: People, admin: FlaskClient) -> None:
    job_id, _link = forget(people)
    assert admin.post(f"/manage/outbox/{job_id}/send").status_code == 409
    with people.app.app_context(), write() as session:
        job = session.get_one(jobs.Job, job_id)
        job.state, job.tries, job.error = "failed", 10, "refused by the mail server: 550 no"
    page = admin.get(f"/manage/outbox/{job_id}").text
    assert "550 no" in page
    assert "未能发送" in admin.get("/manage/outbox/?state=failed").text
    assert admin.post(f"/manage/outbox/{job_id}/send").status_code == 302
    assert "重新发送" not in admin.get(f"/manage/outbox/{job_id}").text


def test_a_mail_that_no_key_opens_is_listed_all_the_same(people: People, admin: FlaskClient) -> None:
    with people.app.app_context(), write() as session:
        job_id = jobs.enqueue(session, outbox.KIND, {"sealed": "not a token"})
    assert "无法解密" in admin.get("/manage/outbox/").text
    assert admin.get(f"/manage/outbox/{job_id}").status_code == 200
    assert admin.post(f"/manage/outbox/{job_id}/link").status_code == 404


def test_other_jobs_are_no_mails(people: People, admin: FlaskClient) -> None:
    with people.app.app_context(), write() as session:
        job_id = jobs.enqueue(session, "test.note", {})
    assert admin.get(f"/manage/outbox/{job_id}").status_code == 404
    assert admin.post(f"/manage/outbox/{job_id}/link").status_code == 404
    assert admin.get("/manage/outbox/99999").status_code == 404


def test_an_empty_outbox_says_what_it_is_for(admin: FlaskClient) -> None:
    assert "没有邮件" in admin.get("/manage/outbox/?state=nonsense").text
