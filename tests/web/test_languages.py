"""Chinese unless English is asked for."""

from flask.testing import FlaskClient


def test_pages_are_chinese_whatever_the_browser_prefers(client: FlaskClient) -> None:
    answer = client.get("/help", headers={"Accept-Language": "en"})
    assert 'lang="zh-CN"' in answer.text
    assert "使用帮助" in answer.text


def test_english_stays_once_chosen_until_chinese_is(client: FlaskClient) -> None:
    client.get("/?lang=en")
    assert "How to look, book and follow up" in client.get("/help").text
    client.get("/?lang=zh")
    assert "怎样查看、预约、跟进" in client.get("/help").text


def test_a_language_that_is_not_there_changes_nothing(client: FlaskClient) -> None:
    answer = client.get("/help?lang=fr")
    assert 'lang="zh-CN"' in answer.text
    assert "Set-Cookie" not in answer.headers


def test_the_switch_keeps_where_one_is(client: FlaskClient) -> None:
    assert 'href="/announcements/?page=2&amp;lang=en"' in client.get("/announcements/?page=2").text


def test_the_choice_is_not_sent_again_to_who_has_it(client: FlaskClient) -> None:
    assert "lang=en" in client.get("/help?lang=en").headers["Set-Cookie"]
    assert "Set-Cookie" not in client.get("/help?lang=en").headers
