"""Fetching files: who may, what the answer says, smaller pictures."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from urllib.parse import quote

import pytest
from PIL import Image

from core import clock, db, files
from core.content import preview, workflow
from core.content.media import access, keeping
from core.content.models import Item, Reference, Section
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.content.media import samples
from tests.content.media.conftest import Keep, address

Announce = Callable[..., Item]


def shown(item: Item, **values: object) -> None:
    """Change an item's columns."""
    with db.write() as session:
        for name, value in values.items():
            setattr(session.get(Item, item.id), name, value)


@pytest.mark.database
def test_a_file_is_fetched_by_visitors_only_while_something_public_uses_it(
    shop: Shop, visit: Visitors, keep: Keep, announce: Announce
) -> None:
    media = keep()
    path = address(media)
    statuses = {"unused": visit().get(path).status_code}
    item = announce(body=f'<p><img src="{path}" alt="门"></p>')
    statuses["draft"] = visit().get(path).status_code
    workflow.publish(actor=shop.user("manager"), item_id=item.id, version=item.version)
    statuses["published"] = visit().get(path).status_code
    now = clock.now()
    shown(item, publish_at=now + timedelta(seconds=60))
    statuses["scheduled"] = visit().get(path).status_code
    shown(item, publish_at=now - timedelta(hours=2), expire_at=now - timedelta(seconds=1))
    statuses["expired"] = visit().get(path).status_code
    shown(item, expire_at=None, trashed_at=now)
    statuses["thrown away"] = visit().get(path).status_code
    shown(item, trashed_at=None)
    statuses["back"] = visit().get(path).status_code
    keeping.throw_away(actor=shop.user("manager"), media_id=media.id, knowing=True)
    statuses["itself thrown away"] = visit().get(path).status_code
    assert statuses == {
        "unused": 404,
        "draft": 404,
        "published": 200,
        "scheduled": 404,
        "expired": 404,
        "thrown away": 404,
        "back": 200,
        "itself thrown away": 404,
    }


@pytest.mark.database
def test_a_file_of_a_pending_change_stays_hidden(shop: Shop, visit: Visitors, keep: Keep, announce: Announce) -> None:
    media, item = keep("a.pdf", samples.pdf()), announce(publish=True)
    with db.write() as session:
        session.add(Reference(source_id=item.id, media_id=media.id, role="attachment", live=False))
    assert visit().get(address(media)).status_code == 404
    assert visit("publisher").get(address(media)).status_code == 200


def test_a_file_of_a_shown_portal_section_is_fetched_by_anybody(visit: Visitors, keep: Keep) -> None:
    media = keep(by="office", base_id=None)
    with db.write() as session:
        section = Section(kind="text")
        session.add(section)
        session.flush()
        session.add(Reference(section_id=section.id, media_id=media.id, role="image", live=True))
    assert visit().get(address(media)).status_code == 200
    with db.write() as session:
        session.add(section)
        section.shown = False
    assert visit().get(address(media)).status_code == 404


def test_those_who_write_see_the_library_of_their_base_and_the_consortiums(shop: Shop, keep: Keep) -> None:
    own, consortiums = keep(), keep(by="office", base_id=None)
    seen = {name: [access.may_read(shop.user(name), media) for media in (own, consortiums)] for name in PEOPLE}
    assert seen == {"publisher": [True, True], "office": [True, True], "north": [False, False]}
    assert not access.may_read(None, consortiums)


PEOPLE = ("publisher", "office", "north")


def test_whoever_holds_a_preview_link_fetches_its_files_and_no_others(
    visit: Visitors, keep: Keep, announce: Announce
) -> None:
    media, other = keep(), keep("b.png")
    item = announce(body=f'<p><img src="{address(media)}" alt=""></p>')
    token = preview.token(item)
    assert visit().get(f"{address(media)}?preview={token}").status_code == 200
    assert visit().get(f"{address(other)}?preview={token}").status_code == 404
    assert visit().get(f"{address(media)}?preview={token}x").status_code == 404
    moved = visit().get(f"/media/{media.id}/w320/old.png?preview={token}&_external=1&id=9")
    assert moved.status_code == 301
    assert moved.headers["Location"].endswith(f"preview={token}")


def test_the_answer_lets_nothing_run_and_says_what_it_is(visit: Visitors, keep: Keep, announce: Announce) -> None:
    document, sheet = keep("规程.pdf", samples.pdf()), keep("名单.csv", b"a,b\n")
    announce(publish=True, attachments=(document.id, sheet.id))
    answer = visit().get(address(document))
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == f"inline; filename=.pdf; filename*=UTF-8''{quote('规程.pdf')}"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "public, no-cache"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers
    answer = visit().get(address(sheet))
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["Content-Security-Policy"].endswith("sandbox")
    assert visit("manager").get(address(keep())).headers["Cache-Control"] == "private, no-cache"


def test_a_file_is_sent_in_parts_and_not_again(visit: Visitors, keep: Keep) -> None:
    media, client = keep("a.pdf", samples.pdf()), visit("publisher")
    whole = client.get(address(media))
    assert int(whole.headers["Content-Length"]) == media.size == len(whole.data)
    part = client.get(address(media), headers={"Range": "bytes=5-9"})
    assert (part.status_code, part.data) == (206, whole.data[5:10])
    assert part.headers["Content-Range"] == f"bytes 5-9/{media.size}"
    assert client.get(address(media), headers={"Range": "bytes=99999999-"}).status_code == 416
    for odd in ("bytes=0-1,4-5", "bytes=5-2", "lines=1-2", "x"):
        passed_over = client.get(address(media), headers={"Range": odd})
        assert (passed_over.status_code, passed_over.data) == (200, whole.data), odd
    again = client.get(address(media), headers={"If-None-Match": whole.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_replaced_file_keeps_its_address_and_what_was_made_of_the_old_one_vanishes(
    shop: Shop, visit: Visitors, keep: Keep
) -> None:
    media, client = keep("a.png", samples.picture(size=(800, 400))), visit("publisher")
    path = f"/media/{media.id}/w320/a.png"
    before, old = client.get(path), media.key
    keeping.replace(
        actor=shop.user("publisher"), media_id=media.id, name="b.png", content=samples.picture(size=(600, 600))
    )
    after = client.get(path, headers={"If-None-Match": before.headers["ETag"]})
    assert Image.open(BytesIO(before.data)).size == (320, 160)
    assert Image.open(BytesIO(after.data)).size == (320, 320)
    assert not files.exists(old)
    assert not files.exists(f"{old}-w320")


def test_smaller_pictures_are_webp_of_three_widths_and_never_larger(visit: Visitors, keep: Keep) -> None:
    media, client = keep("a.png", samples.picture(size=(800, 400))), visit("publisher")
    widths = {}
    for width in (320, 640, 1280):
        answer = client.get(address(media, width))
        assert answer.headers["Content-Type"] == "image/webp"
        widths[width] = Image.open(BytesIO(answer.data)).width
    assert widths == {320: 320, 640: 640, 1280: 800}
    assert client.get(f"/media/{media.id}/w321/a.png").status_code == 404
    assert client.get(f"/media/{media.id}/w0/a.png").status_code == 404


def test_a_pdf_has_its_first_page_as_a_picture_and_a_broken_one_has_none(visit: Visitors, keep: Keep) -> None:
    client = visit("publisher")
    page = client.get(address(keep("a.pdf", samples.pdf()), 320))
    width, height = Image.open(BytesIO(page.data)).size
    assert (width, page.headers["Content-Type"]) == (320, "image/webp")
    assert height > width
    assert client.get(address(keep("a.pdf", b"%PDF-1.7 nothing"), 320)).status_code == 404
    assert client.get(f"/media/{keep('a.csv', b'a,b').id}/w320/a.csv").status_code == 404


def test_a_moving_picture_is_sent_as_it_is(visit: Visitors, keep: Keep) -> None:
    media = keep("a.gif", samples.moving())
    assert visit("publisher").get(f"/media/{media.id}/w320/a.gif").data == files.read(media.key)


def test_many_ask_for_the_same_smaller_picture_at_once(shop_app: object, visit: Visitors, keep: Keep) -> None:
    media = keep("a.png", samples.picture(size=(1600, 900)))
    path = address(media, 640)

    def fetch(client: object) -> tuple[int, bytes]:
        answer = client.get(path)  # type: ignore[attr-defined]
        return answer.status_code, answer.data

    clients = [shop_app.test_client() for _ in range(6)]  # type: ignore[attr-defined]
    identity = visit.shop.user("publisher").get_id()
    for client in clients:
        with client.session_transaction() as session:
            session["_user_id"] = identity
    with ThreadPoolExecutor(6) as pool:
        answers = set(pool.map(fetch, clients))
    assert {status for status, _ in answers} == {200}
    assert {Image.open(BytesIO(body)).size for _, body in answers} == {(640, 360)}


def test_a_file_whose_bytes_are_gone_is_not_there(visit: Visitors, keep: Keep) -> None:
    media = keep()
    files.remove(media.key)
    assert visit("publisher").get(address(media)).status_code == 404
    assert visit("publisher").get(address(media, 320)).status_code == 404
