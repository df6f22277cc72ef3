"""The pages of the library, and what the editor asks of it."""

from collections.abc import Callable
from io import BytesIO

from sqlalchemy import select

from core.content.media import library
from core.content.media.models import MediaFile
from core.content.models import Item
from core.db import db
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.content.media import samples
from tests.content.media.conftest import Keep, address

Announce = Callable[..., Item]
LIBRARY = "/manage/workshop/media/"


def sent(*files: tuple[str, bytes], **values: str) -> dict[str, object]:
    """Return a form with files, as a browser sends it."""
    return values | {"file": [(BytesIO(content), name) for name, content in files]}


def test_several_files_are_sent_at_once_and_each_refusal_is_told(writers: Shop, visit: Visitors) -> None:
    client = visit("publisher")
    files = [("现场.png", samples.picture()), ("脚本.jpg", b"alert(1)"), ("规程.pdf", samples.pdf())]
    answer = client.post(LIBRARY, data=sent(*files, folder="安全"))
    assert answer.status_code == 422
    assert "脚本.jpg" in answer.text
    kept = db.session.scalars(select(MediaFile).order_by(MediaFile.id)).all()
    assert [(media.name, media.folder) for media in kept] == [("现场.png", "安全"), ("规程.pdf", "安全")]
    assert client.post(LIBRARY, data=sent(("a.png", samples.picture()))).status_code == 302
    assert client.post(LIBRARY, data={}).status_code == 422


def test_the_library_is_searched_by_name_description_and_words_by_folder_and_by_sort(
    visit: Visitors, keep: Keep
) -> None:
    keep("门口.png", alt="实训楼的入口", folder="照片")
    keep("规程.pdf", samples.pdf("Hello Jidi"))
    client = visit("publisher")

    def found(query: str) -> list[str]:
        page = client.get(f"{LIBRARY}?{query}").text
        return [name for name in ("门口.png", "规程.pdf") if f">{name}<" in page]

    assert found("") == ["门口.png", "规程.pdf"]
    assert found("q=入口") == ["门口.png"]
    assert found("q=jidi hello") == ["规程.pdf"]
    assert found("q=%25") == []
    assert found("sort=pictures") == ["门口.png"]
    assert found("sort=files") == ["规程.pdf"]
    assert found("folder=照片") == ["门口.png"]
    assert found("folder=") == ["规程.pdf"]
    assert found("bin=1") == []
    assert found("page=x&sort=x") == ["门口.png", "规程.pdf"]


def test_a_file_is_described_and_renamed_and_its_old_address_leads_on(visit: Visitors, keep: Keep) -> None:
    media, client = keep(), visit("publisher")
    old = address(media)
    page = f"{LIBRARY}{media.id}"
    assert client.post(page, data={"name": "入口", "alt": "实训楼的入口", "folder": "照片"}).status_code == 302
    db.session.expire_all()
    assert (media.name, media.alt, media.folder) == ("入口.png", "实训楼的入口", "照片")
    moved = client.get(old)
    assert (moved.status_code, moved.headers["Location"]) == (301, address(media))
    assert client.post(page, data={"name": "", "alt": "长" * 301}).status_code == 422


def test_a_file_is_replaced_and_a_refusal_stands_at_the_field(visit: Visitors, keep: Keep) -> None:
    media, client = keep(), visit("publisher")
    page = f"{LIBRARY}{media.id}/replace"
    assert client.post(page, data=sent(("a.png", samples.picture(size=(9, 9))))).status_code == 302
    refused = client.post(page, data=sent(("a.pdf", samples.pdf())))
    assert refused.status_code == 422
    assert 'id="file-error"' in refused.text
    assert client.post(page, data={}).status_code == 422


def test_the_page_of_a_file_says_where_it_is_used(shop: Shop, visit: Visitors, keep: Keep, announce: Announce) -> None:
    media = keep()
    body = f'<p><img src="{address(media)}" alt="门"></p>'
    announce("公开的", body, publish=True)
    announce("草稿", body)
    page = visit("publisher").get(f"{LIBRARY}{media.id}").text
    assert "公开的" in page
    assert "草稿" in page
    assert "2" in page[page.index('id="usage"') :][:60]


def test_drafts_of_other_bases_are_counted_and_not_named(
    shop: Shop, visit: Visitors, keep: Keep, announce: Announce
) -> None:
    media = keep(by="office", base_id=None)
    announce("别处的草稿", f'<p><img src="{address(media)}" alt="门"></p>')
    seen = {name: library.usage(shop.user(name), media) for name in ("publisher", "north")}
    assert [item.title for item in seen["publisher"].items] == ["别处的草稿"]
    assert (seen["north"].items, seen["north"].hidden, seen["north"].count) == ([], 1, 1)


def test_a_file_in_use_is_not_thrown_away_by_somebody_who_was_not_told(
    visit: Visitors, keep: Keep, announce: Announce
) -> None:
    media, client = keep(), visit("publisher")
    announce(body=f'<p><img src="{address(media)}" alt="门"></p>')
    page = f"{LIBRARY}{media.id}"
    assert client.post(f"{page}/trash").headers["Location"] == page
    db.session.expire_all()
    assert media.trashed_at is None
    client.post(f"{page}/trash", data={"knowing": "1"})
    db.session.expire_all()
    assert media.trashed_at is not None
    assert f"{page}/restore" in client.get(page).text
    assert f">{media.name}<" in client.get(f"{LIBRARY}?bin=1").text
    assert client.post(f"{page}/restore").status_code == 302
    db.session.expire_all()
    assert media.trashed_at is None


def test_the_editor_picks_from_the_bases_library_and_the_consortiums(visit: Visitors, keep: Keep) -> None:
    keep("共用.png", by="office", base_id=None)
    own, document = keep("本地.png", alt="门"), keep("规程.pdf", samples.pdf())
    client = visit("publisher")
    items = client.get(f"{LIBRARY}pick.json").get_json()["items"]
    assert [item["name"] for item in items] == ["规程.pdf", "本地.png", "共用.png"]
    assert items[1] == {
        "id": own.id,
        "name": "本地.png",
        "url": address(own),
        "thumb": f"{address(own, 320)}?v=1",
        "alt": "门",
        "width": 60,
        "height": 40,
        "type": "image/png",
        "size": own.size,
    }
    assert items[0]["thumb"] == f"{address(document, 320)}?v=1"
    pictures = client.get(f"{LIBRARY}pick.json?pictures=1&q=本").get_json()["items"]
    assert [item["name"] for item in pictures] == ["本地.png"]


def test_the_editor_sends_a_picture_and_hears_why_one_is_refused(writers: Shop, visit: Visitors) -> None:
    client = visit("publisher")
    kept = client.post(f"{LIBRARY}upload.json", data=sent(("IMG.jpg", samples.photo())))
    assert (kept.status_code, kept.get_json()["width"], kept.get_json()["type"]) == (201, 40, "image/jpeg")
    refused = client.post(f"{LIBRARY}upload.json", data=sent(("a.svg", b"<svg/>")))
    assert refused.status_code == 422
    assert refused.get_json()["message"]
    assert client.post(f"{LIBRARY}upload.json").status_code == 422


def test_nobody_else_gets_into_the_library(visit: Visitors, keep: Keep) -> None:
    media = keep()
    for path in ("", "pick.json", str(media.id)):
        assert visit("north").get(LIBRARY + path).status_code == 403
        assert visit().get(LIBRARY + path).status_code == 302
    assert visit("publisher").get(f"/manage/consortium/media/{media.id}").status_code == 403
    assert visit("office").get(f"/manage/consortium/media/{media.id}").status_code == 404
