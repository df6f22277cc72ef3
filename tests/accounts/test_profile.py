import pytest
from sqlalchemy import text

from core.db import db
from tests.support.people import PASSWORD, People

MAIL = "contact@example.com"
PHONE = "+86 139 0000 1234"


def test_a_profile_is_changed_and_shown(people: People) -> None:
    people.add(MAIL)
    client = people.client(MAIL)
    assert client.post("/account/", data={"name": "实训处联系人", "phone": PHONE, "language": "en"}).status_code == 302
    page = client.get("/account/")
    assert "实训处联系人" in page.text
    assert PHONE in page.text
    assert people.user(MAIL).language == "en"


@pytest.mark.database
def test_phone_numbers_are_encrypted_at_rest(people: People) -> None:
    people.add(MAIL, phone=PHONE)
    with people.app.app_context():
        (kept,) = db.session.execute(text("SELECT phone FROM user_account WHERE phone IS NOT NULL")).one()
    assert b"139" not in bytes(kept)
    assert b"1234" not in bytes(kept)
    assert people.user(MAIL).phone == PHONE


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"name": "", "phone": ""}, "请填写姓名"),
        ({"name": "甲", "phone": "call me"}, "请填写电话号码"),
        ({"name": "甲" * 81, "phone": ""}, "80"),
        ({"name": "甲", "language": "xx"}, ""),
    ],
)
def test_a_profile_that_cannot_be_used_is_shown_again(people: People, data: dict[str, str], told: str) -> None:
    people.add(MAIL, name="原名")
    client = people.client(MAIL)
    answer = client.post("/account/", data=data)
    assert answer.status_code == 422
    assert told in answer.text
    assert people.user(MAIL).name == "原名"


def test_a_new_password_needs_the_present_one(people: People) -> None:
    people.add(MAIL)
    client = people.client(MAIL)
    new = "neue Linde 2026"
    answer = client.post("/account/password", data={"current": "not this one", "password": new, "again": new})
    assert answer.status_code == 422
    assert "当前密码不对" in answer.text
    weak = client.post("/account/password", data={"current": PASSWORD, "password": MAIL, "again": MAIL})
    assert weak.status_code == 422
    assert "不能与邮箱相同" in weak.text
    assert new not in answer.text
    people.client(MAIL)


def test_pages_of_an_account_are_kept_by_no_cache(people: People) -> None:
    people.add(MAIL)
    assert people.client(MAIL).get("/account/").headers["Cache-Control"] == "no-store"
