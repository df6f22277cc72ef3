"""The pages about following calendars: first what fits the reader's device, and secrets shown once."""

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core import db
from core.accounts import services
from core.accounts.models import User
from core.accounts.roles import Role
from core.calendars import collections, following, tokens
from core.calendars.devices import Device, device, is_inside_app
from core.calendars.ways import ORDER
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors

pytestmark = pytest.mark.usefixtures("shop_app")

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/605.1.15"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"
ANDROID = "Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36"
WECHAT = IPHONE + " MicroMessenger/8.0.50"

PAGE = "/calendar/subscribe"
MINE = "/account/calendars"


@pytest.mark.parametrize(
    ("agent", "hint", "expected"),
    [
        (IPHONE, "", Device.IPHONE),
        (MAC, "", Device.MAC),
        (WINDOWS, "", Device.WINDOWS),
        (ANDROID, "", Device.ANDROID),
        ("Mozilla/5.0 (Phone; OpenHarmony 5.0) ArkWeb/4.1", "", Device.ANDROID),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "", Device.OTHER),
        (WINDOWS, '"Android"', Device.ANDROID),
        (WINDOWS, '"Chrome OS"', Device.WINDOWS),
        ("", "", Device.OTHER),
    ],
)
def test_the_device_is_read_from_what_the_browser_says(agent: str, hint: str, expected: Device) -> None:
    assert device({"User-Agent": agent, "Sec-CH-UA-Platform": hint}) is expected


@pytest.mark.parametrize("agent", [WECHAT, ANDROID + " wxwork/4.1", ANDROID + " DingTalk/7", IPHONE + " Lark/7.2"])
def test_apps_that_show_pages_themselves_are_known(agent: str) -> None:
    assert is_inside_app({"User-Agent": agent})
    assert not is_inside_app({"User-Agent": IPHONE})


def ways_shown(page: str) -> list[str]:
    return re.findall(r'id="follow-(app|address|account|file)"', page)


@pytest.mark.parametrize(
    ("agent", "kind"),
    [(IPHONE, Device.IPHONE), (MAC, Device.MAC), (WINDOWS, Device.WINDOWS), (ANDROID, Device.ANDROID)],
)
def test_what_fits_comes_first_and_all_else_below(visitor: FlaskClient, agent: str, kind: Device) -> None:
    answer = visitor.get(PAGE, headers={"User-Agent": agent})
    assert tuple(ways_shown(answer.text)) == ORDER[kind]
    assert {"User-Agent", "Sec-CH-UA-Platform"} <= set(answer.vary)


def test_inside_an_app_the_address_comes_first_and_the_way_out_is_named(visitor: FlaskClient) -> None:
    page = visitor.get(PAGE, headers={"User-Agent": WECHAT}).text
    assert ways_shown(page)[0] == "address"
    assert "在浏览器打开" in page


def test_a_secret_address_is_not_looked_for_in_the_browser_and_comes_with_steps_for_the_phone(
    visit: Visitors, shop: Shop
) -> None:
    north, asked = visit("north"), {"calendar": f"user:{shop.user('north').id}", "label": "我的手机"}
    page = north.post(MINE, data=asked, headers={"User-Agent": WECHAT}).text
    assert "在浏览器打开" not in page
    assert "添加已订阅的日历" in page
    assert ways_shown(page) == ["address", "app", "file", "account"]


def test_a_computer_shows_a_code_for_the_phone_and_a_phone_shows_none(visitor: FlaskClient) -> None:
    shown = visitor.get(PAGE, headers={"User-Agent": WINDOWS}).text
    assert re.search(r'<div class="j-qr"[^>]*><svg viewBox', shown)
    assert "j-qr" not in visitor.get(PAGE, headers={"User-Agent": ANDROID}).text


def test_every_public_calendar_has_its_page_and_its_addresses_answer(visitor: FlaskClient) -> None:
    for calendar in collections.public_calendars():
        page = unescape(visitor.get(PAGE, query_string={"calendar": calendar.key}).text)
        (address,) = re.findall(r'id="follow-url" value="([^"]+)"', page)
        (account,) = re.findall(r'id="follow-dav" value="([^"]+)"', page)
        (webcal,) = re.findall(r'href="(webcal:[^"]+)"', page)
        assert webcal == "webcal:" + address.partition(":")[2]
        assert address.endswith(calendar.path)
        assert visitor.get(calendar.path).status_code == 200
        found = visitor.open("/" + account.split("/", 3)[3], method="PROPFIND", headers={"Depth": "0"})
        assert found.status_code == 207, (account, found.text)


@pytest.mark.parametrize("key", ["organisation:1", "user:1", "base:999", "nonsense", "", "desk:1", "base:1\0"])
def test_what_is_not_public_has_no_page_for_all(visitor: FlaskClient, key: str) -> None:
    assert visitor.get(PAGE, query_string={"calendar": key}).status_code in {400, 404}


def test_addresses_are_the_sites_own_whatever_name_it_was_asked_by(visitor: FlaskClient) -> None:
    assert "evil.example" not in visitor.get(PAGE, headers={"Host": "evil.example"}).text.split("<main")[1]


def test_programs_are_told_apart_from_documents_of_what_they_can_and_cannot(visitor: FlaskClient) -> None:
    page = visitor.get(PAGE).text
    for name in ("苹果", "Google", "Outlook", "飞书", "钉钉、企业微信"):
        assert name in page


def make(client: FlaskClient, calendar: str, label: str = "我的手机") -> str:
    answer = client.post(MINE, data={"calendar": calendar, "label": label})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}
    return answer.text


def test_a_secret_address_is_shown_once_and_works(visit: Visitors, visitor: FlaskClient, shop: Shop) -> None:
    north = visit("north")
    page = make(north, f"organisation:{shop.organisation('north')}")
    (path,) = re.findall(r'href="(/calendars/[^"]+\.ics)" rel="noreferrer" download="calendar.ics"', page)
    assert visitor.get(path).status_code == 200
    listed = north.get(MINE)
    assert path.split("/")[2].removesuffix(".ics") not in listed.text
    assert "我的手机" in listed.text
    assert listed.headers["Cache-Control"] == "no-store"


def test_a_new_address_and_the_end_of_it(visit: Visitors, visitor: FlaskClient, shop: Shop) -> None:
    north = visit("north")
    first = re.findall(r"/calendars/\w+\.ics", make(north, f"user:{shop.user('north').id}"))[0]
    (row,) = tokens.tokens_of(shop.user("north").id)
    answer = north.post(f"{MINE}/{row.id}/rotate")
    second = re.findall(r"/calendars/\w+\.ics", answer.text)[0]
    assert answer.headers["Cache-Control"] == "no-store"
    assert (visitor.get(first).status_code, visitor.get(second).status_code) == (404, 200)
    (row,) = tokens.tokens_of(shop.user("north").id)
    assert north.post(f"{MINE}/{row.id}/revoke").status_code == 302
    assert visitor.get(second).status_code == 404
    assert north.post(f"{MINE}/{row.id}/revoke").status_code == 404


def test_an_app_password_is_shown_with_server_and_user_name(visit: Visitors, visitor: FlaskClient, shop: Shop) -> None:
    page = make(visit("north"), "password")
    values = dict(re.findall(r'id="(server|user|password)" value="([^"]+)"', page))
    assert values["server"].endswith("/caldav/")
    found = tokens.find_account(values["user"], values["password"])
    assert found is not None
    assert found.user.id == shop.user("north").id


def test_only_ones_own_calendars_can_be_chosen_and_what_was_typed_is_kept(visit: Visitors, shop: Shop) -> None:
    north = visit("north")
    for key in (f"organisation:{shop.organisation('south')}", f"desk:{shop.base.id}", "portal", "", "x"):
        answer = north.post(MINE, data={"calendar": key, "label": "我的平板"})
        assert answer.status_code == 422
        assert "我的平板" in answer.text
    assert tokens.tokens_of(shop.user("north").id) == []


@pytest.mark.parametrize("label", ["", "  "])
def test_a_device_without_a_name_is_asked_for_one(visit: Visitors, shop: Shop, label: str) -> None:
    answer = visit("north").post(MINE, data={"calendar": f"user:{shop.user('north').id}", "label": label})
    assert answer.status_code == 422
    assert "请填写给哪台设备或哪个程序用" in answer.text


def test_what_is_lost_is_named_so_and_can_still_be_revoked(visit: Visitors, shop: Shop) -> None:
    north, organisation = visit("north"), shop.organisation("north")
    make(north, f"organisation:{organisation}")
    with db.write() as session:
        user = session.get_one(User, shop.user("north").id)
        services.revoke(session, user=user, role=Role.CONTACT, organisation_id=organisation)
    (row,) = tokens.tokens_of(shop.user("north").id)
    page = north.get(MINE).text
    assert "您已无权查看" in page
    assert f"{MINE}/{row.id}/rotate" not in page
    assert north.post(f"{MINE}/{row.id}/rotate").status_code == 404
    assert north.post(f"{MINE}/{row.id}/revoke").status_code == 302


def test_secrets_are_not_made_without_end(
    visit: Visitors, shop: Shop, shop_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(shop_app.config, "RATELIMIT_ENABLED", True)
    monkeypatch.setattr(following, "MADE", "1 per hour")
    north, key = visit("north"), f"user:{shop.user('north').id}"
    make(north, key)
    assert north.post(MINE, data={"calendar": key, "label": "x"}).status_code == 429


def test_robots_are_sent_away_from_calendars(visitor: FlaskClient, visit: Visitors, shop: Shop) -> None:
    assert "Disallow: /calendars/" in visitor.get("/robots.txt").text
    path = re.findall(r"/calendars/\w+\.ics", make(visit("north"), f"user:{shop.user('north').id}"))[0]
    answer = visitor.get(path)
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
