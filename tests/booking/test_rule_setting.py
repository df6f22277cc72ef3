"""What a manager sets of a kind's rules: in force from then on, as declared where it is the same, in words."""

from typing import Any

import pytest
from sqlalchemy import select

from core import db, errors
from core.audit import AuditEntry
from core.booking import rule_setting
from core.booking.errors import NotBookable
from core.booking.models import Booking, Kind
from core.booking.rule_words import in_words
from core.booking.rules import rules_of
from core.organisations.models import Organisation
from tests.booking.shop import Shop

STEP = {"title": "基地初审", "roles": ["manager"], "need": "any", "workdays": 2, "escalate": "office"}
TERMS = {
    "open": True,
    "notice": 86_400,
    "notice_workdays": 3,
    "window": 30 * 86_400,
    "cancel_before": 0,
    "cancel_workdays": 2,
}


def kind(slug: str = "machine") -> Kind:
    db.db.session.expire_all()
    return db.db.session.scalars(select(Kind).where(Kind.slug == slug)).one()


def set_rules(shop: Shop, slug: str = "machine", who: str = "manager", **values: Any) -> Kind:
    return rule_setting.set_rules(actor=shop.user(who), kind_id=shop.kind_id(slug), values=values)


def test_a_rule_that_is_set_holds_for_what_is_booked_from_then_on(shop: Shop) -> None:
    before = shop.book("machine")
    set_rules(shop, approval=True, chain=[STEP])
    after = shop.book("machine", who="south", start=shop.at(14), end=shop.at(15))
    assert [before.state, after.state] == ["confirmed", "submitted"]
    kept = db.db.session.get_one(Booking, before.id).rules["kind"]
    assert kept["approval"] is False, "what was booked keeps the rules of its time"
    assert after.rules["kind"]["chain"][0]["title"]["zh"] == "基地初审"


def test_only_what_differs_is_kept_and_so_follows_the_declaration(shop: Shop) -> None:
    set_rules(shop, notice_workdays=2, series=True)
    assert kind().rules_set == {"notice_workdays": 2, "series": True}
    set_rules(shop, **{**kind().declared["rules"], "series": True})
    assert kind().rules_set == {"series": True}
    set_rules(shop, **kind().declared["rules"])
    assert kind().rules_set == {}
    deeds = db.db.session.scalars(select(AuditEntry).where(AuditEntry.action == "kind.rules").order_by(AuditEntry.id))
    assert [deed.details["changed"] for deed in deeds] == [
        ["notice_workdays", "series"],
        ["notice_workdays"],
        ["series"],
    ]


def test_one_step_by_the_manager_is_what_a_kind_without_a_chain_has_anyway(shop: Shop) -> None:
    step = {"title": "审核", "roles": ["manager"], "need": "any", "workdays": 0, "escalate": ""}
    set_rules(shop, "cell", approval=True, chain=[step])
    assert kind("cell").rules_set == {}


def test_a_closed_kind_is_booked_by_nobody_but_those_who_manage_it(shop: Shop) -> None:
    set_rules(shop, open=False, guests=TERMS)
    with pytest.raises(NotBookable):
        shop.book("machine")
    guest = Organisation(member=False)
    assert not rules_of(kind(), guest).open
    assert shop.book("machine", who="manager").state == "confirmed"
    set_rules(shop, open=True)
    assert shop.book("machine", who="south", start=shop.at(14), end=shop.at(15)).state == "confirmed"


def test_organisations_that_are_no_members_have_terms_of_their_own(shop: Shop) -> None:
    set_rules(shop, guests=TERMS)
    guest, member = Organisation(member=False), Organisation(member=True)
    assert (rules_of(kind(), guest).notice_workdays, rules_of(kind(), member).notice_workdays) == (3, 0)
    set_rules(shop, guests=None)
    assert kind().rules_set == {}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"notice": -1}, "notice"),
        ({"notice": "3"}, "notice"),
        ({"notice": True}, "notice"),
        ({"notice": 10**12}, "notice"),
        ({"notice_workdays": 61}, "notice_workdays"),
        ({"window": 0}, "window"),
        ({"window": 2 * 86_400, "notice": 3 * 86_400}, "notice"),
        ({"cancel_before": None}, "cancel_before"),
        ({"offer_for": 0}, "offer_for"),
        ({"hold_for": 86_400}, "hold_for"),
        ({"charges": "money"}, "charges"),
        ({"charges": False}, "charges"),
        ({"waiting": "whoever"}, "waiting"),
        ({"open": 0}, "open"),
        ({"open": None}, "open"),
        ({"agreement": "yes"}, "agreement"),
        ({"guests": {**TERMS, "notice": -1}}, "guests_notice"),
        ({"guests": {}}, "guests_notice"),
        ({"approval": True, "chain": [{**STEP, "title": " "}]}, "chain_0"),
        ({"approval": True, "chain": [STEP, {**STEP, "roles": []}]}, "chain_1"),
        ({"approval": True, "chain": [{**STEP, "roles": ["administrator"]}]}, "chain_0"),
        ({"approval": True, "chain": [{**STEP, "need": "none"}]}, "chain_0"),
        ({"approval": True, "chain": [{**STEP, "workdays": 0}]}, "chain_0"),
        ({"approval": True, "chain": [{**STEP, "workdays": None}]}, "chain_0"),
        ({"approval": True, "chain": [{**STEP, "escalate": "contact"}]}, "chain_0"),
        ({"approval": True, "chain": [STEP] * 9}, "chain"),
        ({"unheard_of": 1}, ""),
    ],
)
def test_what_cannot_be_is_refused_at_its_rule(shop: Shop, values: dict[str, Any], field: str) -> None:
    with pytest.raises(errors.Invalid) as refused:
        set_rules(shop, **values)
    assert field in refused.value.problems
    assert kind().rules_set == {}


def test_seats_of_sessions_are_no_series(shop: Shop) -> None:
    with pytest.raises(errors.Invalid):
        set_rules(shop, "course", series=True)


def test_only_the_manager_of_the_base_sets_rules(shop: Shop) -> None:
    with pytest.raises(errors.Forbidden):
        set_rules(shop, who="north", open=False)
    with pytest.raises(errors.NotFound):
        rule_setting.set_rules(actor=shop.user("manager"), kind_id=10**6, values={"open": False})


def test_rules_say_in_words_what_they_are(shop: Shop) -> None:
    set_rules(
        shop,
        approval=True,
        chain=[STEP, {**STEP, "title": "复审", "roles": ["manager", "office"], "need": "all", "escalate": ""}],
        notice=90 * 60,
        notice_workdays=2,
        window=14 * 86_400,
        cancel_before=48 * 3600,
        agreement=True,
        charges="person_times",
        waiting="strict",
        offer_for=36 * 3600,
        series=True,
    )
    words = "\n".join(in_words(rules_of(kind())))
    for said in ("基地初审", "2个工作日", "复审", "90分钟", "14天", "2天", "协议", "人次", "候补", "36小时", "系列"):
        assert said in words
    set_rules(shop, **kind().declared["rules"] | {"open": False})
    assert "暂停预约" in in_words(rules_of(kind()))[0]
    assert any("无需审核" in sentence for sentence in in_words(rules_of(kind())))
