"""The pages on which people read."""

from functools import partial
from html import unescape

import pytest

from core.content import workflow
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.content.conftest import Announce
from tests.support.people import texts
from tests.support.statements import queries

HERE = "/bases/workshop"


def public_addresses(slug: str) -> list[str]:
    """Return every address at which an announcement could show itself to visitors."""
    return ["/", f"{HERE}/", f"{HERE}/announcements/", "/announcements/", f"{HERE}/announcements/{slug}"]


@pytest.mark.database
def test_a_published_one_is_found_everywhere(announce: Announce, visit: Visitors) -> None:
    row = announce("车床检修", "<p><strong>停用</strong>三天。</p>", publish=True)
    client = visit()
    for address in public_addresses(row.slug):
        assert "车床检修" in client.get(address).text
    assert "<strong>停用</strong>" in client.get(f"{HERE}/announcements/{row.slug}").text


def test_what_was_public_says_that_it_is_gone_and_what_never_was_says_nothing(
    writers: Shop, announce: Announce, visit: Visitors
) -> None:
    draft, archived = announce("秘密草稿"), announce("秘密旧闻", publish=True)
    workflow.archive(actor=writers.user("manager"), item_id=archived.id)
    assert visit().get(f"{HERE}/announcements/{draft.slug}").status_code == 404
    assert visit().get(f"{HERE}/announcements/{archived.slug}").status_code == 410


def test_a_title_is_text_and_never_markup(announce: Announce, visit: Visitors) -> None:
    row = announce("<script>alert(1)</script>", publish=True)
    for address in public_addresses(row.slug):
        page = visit().get(address).text
        assert "<script>alert" not in page
        assert "<script>alert(1)</script>" in unescape(page)


@pytest.mark.database
def test_a_registration_shows_the_places_left_and_closes_itself(
    writers: Shop, announce: Announce, visit: Visitors
) -> None:
    session = writers.session(seats=2)
    row = announce("开放日", publish=True, session_id=session.id)
    address = f"{HERE}/announcements/{row.slug}"
    page = visit().get(address).text
    assert f"/bases/workshop/book/course?session={session.id}" in page
    assert "余2" in texts(page).replace(" ", "")

    writers.book("course", training_id=session.id, people=2)
    page = visit().get(address).text
    assert "已满" in page


@pytest.mark.parametrize("number", ["0", "-3", "x", "999999999999999999999999"])
def test_any_page_number_shows_a_page(announce: Announce, visit: Visitors, number: str) -> None:
    announce("检修通知", publish=True)
    for address in ("/announcements/", f"{HERE}/announcements/"):
        assert "检修通知" in visit().get(f"{address}?page={number}").text


@pytest.mark.database
def test_lists_ask_as_often_for_many_rows_as_for_few(announce: Announce, visit: Visitors) -> None:
    client = visit()
    addresses = [f"{HERE}/announcements/", "/announcements/"]

    def counted() -> list[int]:
        with visit.app.app_context():  # as in requests of their own
            return [queries(partial(client.get, address)) for address in addresses]

    announce(publish=True)
    counted()  # what is read once per process
    announce(publish=True)
    few = counted()
    for number in range(12):
        announce(f"第{number}条", publish=True)
    assert counted() == few
