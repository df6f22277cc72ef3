"""The pages of what can be booked: rules in words, changed without JavaScript, reset one by one."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from core.booking.models import Kind
from core.db import db
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.support.people import texts

HOME = "/manage/workshop/kinds/"


def kind(slug: str = "cell") -> Kind:
    db.session.expire_all()
    return db.session.scalars(select(Kind).where(Kind.slug == slug)).one()


def sent(page: str, **changes: Any) -> dict[str, Any]:
    """Return the form of a page as a browser would send it, with changes; None takes a field away."""
    fields: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", page):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if attributes.get("type") in {"checkbox"} and " checked" not in tag:
            continue
        if "name" in attributes:
            fields[attributes["name"]] = attributes.get("value", "")
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option[^>]*selected[^>]*value="([^"]*)"', options)
        fields[name] = chosen.group(1) if chosen else re.findall(r'value="([^"]*)"', options)[0]
    fields |= changes
    return {name: value for name, value in fields.items() if value is not None}


def titles(page: str) -> list[str]:
    return re.findall(r'name="chain-\d+-title"[^>]*value="([^"]*)"', page)


def test_the_pages_are_for_the_bases_manager_only(visit: Visitors) -> None:
    for page in ("", "machine", "course"):
        assert visit("manager").get(HOME + page).status_code == 200
        assert visit("north").get(HOME + page).status_code == 403
    assert visit("north").post(HOME + "machine/reset").status_code == 403
    assert visit("manager").get(HOME + "nothing").status_code == 404


def test_a_form_that_is_sent_as_it_is_changes_nothing(visit: Visitors) -> None:
    client = visit("manager")
    for slug in ("machine", "cell", "shift", "course"):
        answer = client.post(HOME + slug, data=sent(client.get(HOME + slug).text))
        assert answer.status_code == 302, texts(answer.text)
        assert kind(slug).rules_set == {}


def test_a_changed_rule_is_shown_beside_what_was_declared_and_reset(visit: Visitors) -> None:
    client = visit("manager")
    page = client.get(HOME + "cell").text
    client.post(HOME + "cell", data=sent(page, notice="48.5", series="y", agreement="y"))
    assert kind().rules_set == {"notice": 174_600, "series": True, "agreement": True}
    page = client.get(HOME + "cell").text
    assert 'value="48.5"' in page
    assert "插件设定：1天" in page
    assert "协议" in texts(client.get(HOME).text)
    client.post(HOME + "cell/reset", data={"rule": "notice"})
    assert kind().rules_set == {"series": True, "agreement": True}
    client.post(HOME + "cell/reset", data={"rule": "nonsense"})
    client.post(HOME + "cell/reset")
    assert kind().rules_set == {}


def test_steps_are_added_moved_and_removed_without_saving_and_without_scripts(visit: Visitors) -> None:
    client = visit("manager")
    page = client.get(HOME + "cell").text
    assert titles(page) == ["审核"]
    page = client.post(HOME + "cell", data=sent(page, do="add", notice="abc")).text
    assert titles(page) == ["审核", ""]
    assert 'value="abc"' in page, "what was typed stays, even what is wrong"
    typed = sent(page, notice="24", **{"chain-1-title": "复审", "chain-1-who": "office", "chain-1-workdays": "3"})
    page = client.post(HOME + "cell", data=typed | {"do": "up-1"}).text
    assert titles(page) == ["复审", "审核"]
    assert kind().rules_set == {}
    assert client.post(HOME + "cell", data=sent(page)).status_code == 302
    assert [step["roles"] for step in kind().rules_set["chain"]] == [["office"], ["manager"]]
    page = client.get(HOME + "cell").text
    page = client.post(HOME + "cell", data=sent(page, do="remove-0")).text
    assert titles(page) == ["审核"]
    client.post(HOME + "cell", data=sent(page))
    assert kind().rules_set == {}


@pytest.mark.parametrize("do", ["add", "remove-9", "up-0", "up--1", "remove-", "remove-x", "up-999999999999999", "?"])
def test_a_button_that_is_not_there_does_nothing(visit: Visitors, do: str) -> None:
    client = visit("manager")
    page = client.get(HOME + "cell").text
    for data in (sent(page), {"chain-99999999999-title": "x"}, {"chain-x-title": "x", "chain-0-nothing": "y"}):
        assert client.post(HOME + "cell", data=data | {"do": do}).status_code == 200
    assert kind().rules_set == {}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"notice": ""}, "notice"),
        ({"notice": "NaN"}, "notice"),
        ({"notice": "1e999999"}, "notice"),
        ({"notice": "-3"}, "notice"),
        ({"window": "0"}, "window"),
        ({"window": "9" * 40}, "window"),
        ({"window": "-" + "9" * 40}, "window"),
        ({"hold_for": "9" * 40}, "hold_for"),
        ({"charges": "money"}, "charges"),
        ({"chain-0-title": "长" * 61}, "chain-0-title"),
        ({"chain-0-workdays": "x"}, "chain-0-workdays"),
        ({"chain-0-who": "administrator"}, "chain-0-who"),
        ({"chain-0-escalate": "office"}, "chain"),
        ({"guests": "y", "guests_notice": "-1"}, "guests_notice"),
        ({"guests": "y", "guests_window": "0"}, "guests_window"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(visit: Visitors, wrong: dict[str, str], field: str) -> None:
    client = visit("manager")
    answer = client.post(HOME + "cell", data=sent(client.get(HOME + "cell").text, **wrong))
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert kind().rules_set == {}


def test_a_closed_kind_can_be_opened_again(visit: Visitors, shop: Shop) -> None:
    client = visit("manager")
    client.post(HOME + "machine", data=sent(client.get(HOME + "machine").text, open=None))
    assert kind("machine").rules_set == {"open": False}
    assert "暂停预约" in client.get(HOME).text
    client.post(HOME + "machine", data=sent(client.get(HOME + "machine").text, open="y"))
    assert kind("machine").rules_set == {}
