"""Mails from the outbox to a real mail server."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from core import clock, jobs, outbox
from core.db import cipher, db, write
from core.notify import mail as mails
from tests.conftest import MakeApp
from tests.support.mail import Mailbox
from tests.support.servers import free_port

LETTER = outbox.Mail(
    to="contact@example.com",
    name="实训处，联系人",
    language="zh",
    subject="预约已确认：车工入门",
    body="车工入门\n示例基地 <1>\n\n名额已为您留好。",
    link="/bookings/JD-7K3M",
    action="打开查看",
)


@pytest.fixture
def posting(make_app: MakeApp, migrated: str, mailbox: Mailbox) -> Flask:
    """An application with a mail server."""
    return make_app(
        migrated,
        JIDI_MAIL_URL=mailbox.url,
        JIDI_MAIL_FROM="基地 <jidi@example.com>",
        JIDI_BASE_URL="https://jidi.example",
    )


def put(app: Flask, letter: outbox.Mail = LETTER) -> int:
    with app.app_context(), write() as session:
        job_id = outbox.put(session, letter)
    assert job_id is not None
    return job_id


def work(app: Flask) -> int:
    with app.app_context():
        return jobs.run_due()


def job(app: Flask, job_id: int) -> jobs.Job:
    with app.app_context():
        found = db.session.get_one(jobs.Job, job_id)
        db.session.expunge(found)
        return found


def test_a_mail_arrives_as_text_with_an_html_alternative(posting: Flask, mailbox: Mailbox) -> None:
    job_id = put(posting)
    assert work(posting) == 1
    (arrived,) = mailbox.mails
    assert arrived.get_content_type() == "multipart/alternative"
    plain, page = arrived.iter_parts()
    assert (plain.get_content_type(), page.get_content_type()) == ("text/plain", "text/html")
    assert arrived["Subject"] == LETTER.subject
    assert arrived["To"].addresses[0].addr_spec == LETTER.to
    assert arrived["To"].addresses[0].display_name == LETTER.name
    assert arrived["From"].addresses[0].display_name == "基地"
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert arrived["Message-ID"] == f"<jidi-{job_id}@jidi.example>"
    assert arrived["Date"].datetime
    text, html = plain.get_content(), page.get_content()
    assert "实训处，联系人，您好：" in text
    assert "名额已为您留好。" in text
    assert "示例基地 <1>" in text
    assert "https://jidi.example/bookings/JD-7K3M" in text
    assert '<a href="https://jidi.example/bookings/JD-7K3M">打开查看</a>' in html
    assert "示例基地 &lt;1&gt;" in html
    assert job(posting, job_id).state == "done"
    assert work(posting) == 0
    assert len(mailbox.mails) == 1


def test_a_name_or_subject_cannot_add_a_header(posting: Flask, mailbox: Mailbox) -> None:
    planted = "甲\r\nBcc: other@example.com"
    put(posting, outbox.Mail(to=LETTER.to, name=planted, language="zh", subject=planted, body="正文"))
    work(posting)
    (arrived,) = mailbox.mails
    assert arrived["Bcc"] is None
    assert arrived["Subject"] == "甲 Bcc: other@example.com"


@pytest.mark.parametrize("words", ["bcc@example.com, ", "甲, <bcc@example.com>; "])
def test_a_long_name_never_becomes_an_address_of_its_own(posting: Flask, mailbox: Mailbox, words: str) -> None:
    put(posting, replace(LETTER, name=words * 6, from_name=words * 6))
    work(posting)
    (arrived,) = mailbox.mails
    assert [address.addr_spec for address in arrived["To"].addresses] == [LETTER.to]
    assert [address.addr_spec for address in arrived["From"].addresses] == ["jidi@example.com"]


def test_mails_that_waited_through_an_upgrade_still_open(posting: Flask, mailbox: Mailbox) -> None:
    old = {"to": LETTER.to, "name": "A", "language": "zh", "subject": "S", "body": "B"}
    with posting.app_context(), write() as session:
        sealed = cipher().encrypt(json.dumps(old).encode()).decode()
        jobs.enqueue(session, outbox.KIND, {"sealed": sealed})
    work(posting)
    assert mailbox.mails[0]["Subject"] == "S"


def test_english_readers_get_english(posting: Flask, mailbox: Mailbox) -> None:
    put(posting, outbox.Mail(to=LETTER.to, name="A", language="en", subject="S", body="B"))
    work(posting)
    plain, _page = mailbox.mails[0].iter_parts()
    assert "Dear A," in plain.get_content()


def test_no_mail_for_what_was_rolled_back(posting: Flask, mailbox: Mailbox) -> None:
    def regret() -> None:
        with write() as session:
            outbox.put(session, LETTER)
            raise ZeroDivisionError

    with posting.app_context(), pytest.raises(ZeroDivisionError):
        regret()
    assert work(posting) == 0
    assert mailbox.mails == []


def test_without_a_mail_server_mails_are_kept(app: Flask) -> None:
    job_id = put(app)
    assert work(app) == 0
    assert job(app, job_id).state == "todo"
    assert job(app, job_id).tries == 0


def test_what_waited_too_long_for_a_server_is_not_sent_by_itself(posting: Flask, mailbox: Mailbox) -> None:
    job_id = put(posting)
    with clock.set_to(clock.now() + mails.STALE + timedelta(minutes=1)):
        work(posting)
        assert job(posting, job_id).state == "failed"
        with posting.app_context(), write() as session:
            jobs.requeue(session, job_id)
        work(posting)
    assert mailbox.mails[0]["Subject"] == LETTER.subject


def test_a_server_that_does_not_answer_is_tried_again(make_app: MakeApp, migrated: str) -> None:
    app = make_app(migrated, JIDI_MAIL_URL=f"smtp://127.0.0.1:{free_port()}")
    job_id = put(app)
    assert work(app) == 1
    failed = job(app, job_id)
    assert (failed.state, failed.tries) == ("todo", 1)
    assert failed.run_at > clock.now()
    assert "Connection" in failed.error


class Refusing(Mailbox):
    """A mail server that knows nobody (550) or is busy (451)."""

    answer = "550 no such user"

    async def handle_RCPT(self, *_: object) -> str:  # noqa: N802 - aiosmtpd's name
        """Refuse every receiver."""
        return self.answer


@pytest.mark.parametrize(("answer", "state"), [("550 no such user", "failed"), ("451 busy", "todo")])
def test_a_refused_receiver_is_given_up_and_a_busy_server_is_not(
    make_app: MakeApp, migrated: str, answer: str, state: str
) -> None:
    from aiosmtpd.controller import Controller  # noqa: PLC0415

    port = free_port()
    box = Refusing(f"smtp://127.0.0.1:{port}")
    box.answer = answer
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        app = make_app(migrated, JIDI_MAIL_URL=box.url)
        job_id = put(app)
        work(app)
    finally:
        controller.stop()
    assert job(app, job_id).state == state
    assert answer[:3] in job(app, job_id).error


def test_a_mail_that_no_key_opens_is_given_up(posting: Flask, mailbox: Mailbox) -> None:
    with posting.app_context(), write() as session:
        job_id = jobs.enqueue(session, outbox.KIND, {"sealed": "not a token"})
    work(posting)
    assert job(posting, job_id or 0).state == "failed"
    assert mailbox.mails == []


def test_addresses_and_links_are_encrypted_in_the_outbox(app: Flask) -> None:
    put(app)
    with app.app_context():
        payload = db.session.scalars(select(jobs.Job.payload)).one()
    assert "contact@example.com" not in str(payload)
    assert "JD-7K3M" not in str(payload)
