"""A signed link shows the unfinished text to somebody without an account, until it expires or is made void."""

from datetime import timedelta

import pytest

from core import clock
from core.content import preview, trash, writing
from core.content.media.models import MediaFile
from core.content.models import Item, Reference
from core.content.snapshots import Texts
from core.db import write
from core.errors import Forbidden
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.content.conftest import Announce


def status(visit: Visitors, token: str) -> int:
    """Return how a visitor's look through a link is answered."""
    return int(visit().get(f"/preview/{token}").status_code)


def test_it_shows_the_text_as_it_stands_now(shop: Shop, announce: Announce, visit: Visitors) -> None:
    item = announce("公开的", publish=True)
    token = preview.token(item)
    writing.save(actor=shop.user("manager"), item_id=item.id, version=1, texts=Texts(title="将来的", body="<p>新</p>"))
    answer = visit().get(f"/preview/{token}")
    assert "将来的" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert "Set-Cookie" not in answer.headers
    # The link is a key, and no other site hears of it. With `no-referrer` browsers would hide it from this one too, and
    # over https every form on the page, signing out among them, would be taken for a forged one.
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_it_shows_what_one_will_register_for(shop: Shop, announce: Announce, visit: Visitors) -> None:
    session_id = shop.session(seats=3).id
    page = visit().get(f"/preview/{preview.token(announce(session_id=session_id))}").text
    assert f"/bases/workshop/book/course?session={session_id}" in page


def test_it_expires_after_seven_days(announce: Announce, visit: Visitors) -> None:
    token, made = preview.token(announce()), clock.now()
    with clock.set_to(made + timedelta(days=6, hours=23)):
        assert status(visit, token) == 200
    with clock.set_to(made + timedelta(days=7, seconds=1)):
        assert status(visit, token) == 404


def test_it_dies_with_its_key_and_with_the_item(writers: Shop, announce: Announce, visit: Visitors) -> None:
    item, manager = announce(), writers.user("manager")
    first = preview.token(item)
    preview.make_void(actor=manager, item_id=item.id)
    assert status(visit, first) == 404
    second = preview.token(item)
    assert status(visit, second) == 200
    trash.throw_away(actor=manager, item_id=item.id)
    assert status(visit, second) == 404
    with pytest.raises(Forbidden):
        preview.make_void(actor=writers.user("north"), item_id=announce().id)


@pytest.mark.parametrize("broken", ["", "guessed", "WzEsMSw5OTk5OTk5OTk5XQ", "WzEsMSw5OTk5OTk5OTk5XQ.AAAA", "%20"])
def test_a_link_that_was_made_up_shows_nothing(announce: Announce, visit: Visitors, broken: str) -> None:
    announce("机密")
    assert status(visit, broken) == 404


def test_one_changed_letter_breaks_it(announce: Announce, visit: Visitors) -> None:
    token = preview.token(announce())
    for place in (0, len(token) // 2):
        other = "A" if token[place] != "A" else "B"
        assert status(visit, token[:place] + other + token[place + 1 :]) == 404


def test_it_opens_the_pictures_of_its_own_text_only(announce: Announce) -> None:
    item, other = announce(), announce()
    with write() as session:
        used, unused = (_media(name) for name in ("a.png", "b.png"))
        session.add_all([used, unused])
        session.flush()
        session.add(Reference(source_id=item.id, media_id=used.id, role="image", live=True))
    assert preview.shows(preview.token(item), used)
    assert not preview.shows(preview.token(item), unused)
    assert not preview.shows(preview.token(other), used)
    assert not preview.shows("guessed", used)


def test_the_manage_page_gives_the_link(announce: Announce, visit: Visitors) -> None:
    item: Item = announce("将来的")
    page = visit("manager").get(f"/manage/workshop/items/{item.id}/preview-link").text
    token = page.split("/preview/")[1].split('"')[0]
    assert "将来的" in visit().get(f"/preview/{token}").text


def _media(name: str) -> MediaFile:
    now = clock.now()
    return MediaFile(name=name, type="image/png", size=1, width=1, height=1, key=name, created_at=now, updated_at=now)
