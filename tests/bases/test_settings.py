"""What a manager sets stands over what the plugin declares, until it is taken back."""

import pytest

from core import db
from core.audit import AuditEntry
from core.bases import settings
from core.bases.sync import sync
from core.errors import Forbidden
from core.plugins.facade import plugins
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.support.people import texts

PAGE = "/manage/workshop/settings"
HOME = "/bases/workshop/"
DECLARED = "供测试用。"


def form(**changes: str) -> dict[str, str]:
    """Return the form as a browser sends it: as declared but for the changes."""
    return {"summary": DECLARED, "contact": ""} | changes


def test_the_form_opens_with_what_is_in_force(shop: Shop, visit: Visitors) -> None:
    assert DECLARED in visit("manager").get(PAGE).text


def test_visitors_see_what_was_set(shop: Shop, visit: Visitors) -> None:
    changes = form(summary="车工、铣工实训。", contact="办公室：023-00000000")
    answer = visit("manager").post(PAGE, data=changes, follow_redirects=True)
    assert answer.status_code == 200
    assert "设置已保存" in answer.text
    page = texts(visit().get(HOME).text)
    for words in ("车工、铣工实训。", "023-00000000"):
        assert words in page


def test_what_is_as_declared_is_no_override(shop: Shop, visit: Visitors) -> None:
    visit("manager").post(PAGE, data=form())
    db.db.session.expire_all()
    assert shop.base.summary_set is None


def test_what_is_emptied_follows_the_declaration_again(shop: Shop, visit: Visitors) -> None:
    client = visit("manager")
    client.post(PAGE, data=form(summary="另一句话。"))
    client.post(PAGE, data={"summary": "", "contact": ""})
    db.db.session.expire_all()
    assert shop.base.summary == DECLARED


def test_an_upgrade_leaves_what_was_set(shop: Shop, visit: Visitors) -> None:
    visit("manager").post(PAGE, data=form(summary="另一句话。", contact="办公室"))
    for _again in range(2):
        with db.write() as session:
            sync(session, plugins())
    db.db.session.expire_all()
    assert (shop.base.summary, shop.base.contact) == ("另一句话。", "办公室")


@pytest.mark.parametrize("changes", [{"summary": "长" * 501}, {"contact": "长" * 201}], ids=["summary", "contact"])
def test_a_text_that_is_too_long_is_refused(shop: Shop, visit: Visitors, changes: dict[str, str]) -> None:
    answer = visit("manager").post(PAGE, data=form(**changes))
    assert answer.status_code == 422
    assert "请写短一些" in answer.text


@pytest.mark.parametrize(("who", "status"), [("", 302), ("north", 403), ("manager", 200)])
def test_the_form_is_for_managers(shop: Shop, visit: Visitors, who: str, status: int) -> None:
    assert visit(who).get(PAGE).status_code == status


def test_only_those_who_manage_the_base_may(shop: Shop, visit: Visitors) -> None:
    assert visit("north").post(PAGE, data=form(summary="乱写")).status_code == 403
    with pytest.raises(Forbidden):
        settings.change(
            actor=shop.user("north"), base_id=shop.base.id, summary="乱写", contact="", reviews_content=True
        )
    assert shop.base.summary == DECLARED


def test_a_change_is_in_the_audit_log(shop: Shop, visit: Visitors) -> None:
    visit("manager").post(PAGE, data=form(contact="办公室"))
    assert [entry.action for entry in db.db.session.query(AuditEntry)] == ["base.settings"]


def test_what_is_typed_is_text_and_never_markup(shop: Shop, visit: Visitors) -> None:
    visit("manager").post(PAGE, data=form(summary="<script>alert(1)</script>", contact="<img src=x onerror=alert(1)>"))
    for address in (HOME, "/bases/", "/"):
        page = visit().get(address).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
