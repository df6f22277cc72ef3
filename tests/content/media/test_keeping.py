"""What the library takes, and what becomes of it."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from flask import current_app
from PIL import ExifTags, Image
from sqlalchemy import func, select

from core import clock, errors, files
from core.content.events import MediaChanged
from core.content.media import filetypes, keeping, renditions
from core.content.media.models import MediaFile
from core.db import db, write
from tests.booking.shop import Shop
from tests.content.media import samples
from tests.content.media.conftest import Keep


def stored(media: MediaFile) -> Image.Image:
    """Return a kept picture, opened."""
    return Image.open(BytesIO(files.read(media.key)))


def test_the_type_is_found_in_the_bytes_and_the_ending_follows_it(keep: Keep) -> None:
    kept = {
        "照片.png": (samples.picture("JPEG"), "image/jpeg", "照片.jpg"),
        "照片.JPEG": (samples.picture("JPEG"), "image/jpeg", "照片.jpeg"),
        "a.gif": (samples.picture("WEBP"), "image/webp", "a.webp"),
        "规程": (samples.pdf(), "application/pdf", "规程.pdf"),
        "表.docx": (samples.word("一", "二"), filetypes.DOCX, "表.docx"),
        "名单.csv": ("姓名,学校\n".encode("gb18030"), "text/csv", "名单.csv"),
    }
    for name, (content, kind, better) in kept.items():
        media = keep(name, content)
        assert (media.type, media.name) == (kind, better)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jpg", b"alert(document.cookie)"),
        ("a.png", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        ("a.svg", b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("a.txt", b"  <!DOCTYPE html><script>alert(1)</script>"),
        ("a.csv", b"\x00\x01\x02\x03"),
        ("a.html", b"<p>a</p>"),
        ("a.gif", b"GIF89a/*\x00\x00*/=alert(1)//;"),
        ("a.zip", b"PK\x03\x04" + bytes(40)),
        ("a.exe", b"MZ\x90\x00" + bytes(60)),
        ("a.heic", b"\x00\x00\x00\x18ftypheic" + bytes(40)),
        ("a.png", samples.picture()[:60]),
        ("a.png", samples.enormous()),
        ("a.png", b""),
    ],
    ids=range(13),
)
def test_what_could_run_or_cannot_be_shown_is_refused(keep: Keep, name: str, content: bytes) -> None:
    with pytest.raises(errors.Invalid) as refused:
        keep(name, content)
    assert refused.value.problems["file"]


def test_of_a_picture_that_is_a_script_as_well_only_the_picture_is_kept(keep: Keep) -> None:
    for kind in ("GIF", "PNG", "JPEG"):
        media = keep("a.gif", samples.picture(kind) + b"/*\n*/;alert(document.domain)//")
        assert b"alert" not in files.read(media.key)


def test_a_phones_photo_is_turned_upright_and_tells_neither_place_nor_phone(keep: Keep) -> None:
    media = keep("IMG_1.jpg", samples.photo(orientation=6))
    image = stored(media)
    assert (media.width, media.height) == image.size == (40, 60)
    top = image.convert("RGB").crop((10, 5, 30, 15)).resize((1, 1)).tobytes()
    assert top[0] > 200 > 60 > top[2], "what was left is on top"
    assert not image.getexif()
    assert not image.getexif().get_ifd(ExifTags.IFD.GPSInfo)
    assert b"Secret" not in files.read(media.key)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", [1, 3])
def test_a_photo_of_any_type_loses_what_it_tells_also_one_that_stands_upright(
    keep: Keep, kind: str, orientation: int
) -> None:
    sent = samples.photo(orientation, kind)
    assert b"Secret" in sent
    media = keep("IMG_1.jpg", sent)
    assert (media.width, media.height) == (60, 40)
    assert not stored(media).getexif()
    assert b"Secret" not in files.read(media.key)


def test_a_moving_picture_goes_on_moving(keep: Keep) -> None:
    media = keep("a.gif", samples.moving())
    assert stored(media).n_frames == 2  # type: ignore[attr-defined]
    assert b"Secret" not in files.read(media.key)


def test_the_words_of_pdf_and_docx_are_kept_for_the_search(keep: Keep) -> None:
    assert keep("a.pdf", samples.pdf("Hello Jidi")).text == "Hello Jidi"
    assert keep("a.docx", samples.word("安全须知", "戴护目镜")).text == "安全须知 戴护目镜"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"%PDF-1.7 and then nothing of the sort"),
        ("a.pdf", samples.pdf()[:120]),
        ("a.docx", samples.bomb()),
        ("a.docx", samples.word("一", "二").replace(b"word/styles.xml", b"word/stylez.xml")),
    ],
    ids=range(4),
)
def test_a_broken_document_is_kept_without_words(keep: Keep, name: str, content: bytes) -> None:
    media = keep(name, content)
    assert media.text in {"", "一 二"}
    assert files.read(media.key) == content


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd.png"),
        ("C:\\Users\\a\\现场.png", "现场.png"),
        ("a\r\nb\x00.png", "a b.png"),
        ("报名\u202egnp.exe", "报名gnp.exe.png"),
        ("一/二:三?.png", "二-三.png"),
        ("...", "file.png"),
        ("", "file.png"),
        ("长" * 300 + ".png", "长" * 116 + ".png"),
    ],
)
def test_names_are_made_safe_and_stay_chinese(keep: Keep, sent: str, kept: str) -> None:
    assert keep(sent).name == kept


def test_a_replaced_file_keeps_its_row_and_the_old_bytes_go(writers: Shop, keep: Keep) -> None:
    media = keep("现场.png", alt="入口")
    old = media.key
    keeping.replace(
        actor=writers.user("publisher"), media_id=media.id, name="b.jpg", content=samples.picture("JPEG", (30, 30))
    )
    assert (media.name, media.type, media.width, media.alt, media.version) == ("现场.jpg", "image/jpeg", 30, "入口", 2)
    assert not files.exists(old)
    assert files.exists(media.key)


def test_a_picture_is_not_replaced_by_a_document(writers: Shop, keep: Keep) -> None:
    media = keep()
    with pytest.raises(errors.Invalid):
        keeping.replace(actor=writers.user("publisher"), media_id=media.id, name="a.pdf", content=samples.pdf())
    assert files.exists(media.key)


def test_whoever_does_not_write_there_keeps_and_changes_nothing(writers: Shop, keep: Keep) -> None:
    with pytest.raises(errors.Forbidden):
        keep(by="north")
    with pytest.raises(errors.Forbidden):
        keep(base_id=None)
    media = keep()
    for act in (keeping.throw_away, keeping.take_back):
        with pytest.raises((errors.Forbidden, errors.NotFound)):
            act(actor=writers.user("south"), media_id=media.id)
    assert db.session.scalar(select(func.count()).select_from(MediaFile)) == 1


def test_a_full_library_takes_nothing_more(keep: Keep, monkeypatch: pytest.MonkeyPatch) -> None:
    media = keep()
    monkeypatch.setattr(keeping, "LARGEST_LIBRARY", media.size * 2 - 1)
    with pytest.raises(errors.Invalid):
        keep()


def test_what_fails_half_way_leaves_neither_row_nor_bytes(
    writers: Shop, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    media = keep()
    folder = Path(current_app.extensions["jidi_storage"].removeprefix("file://").removeprefix("file:"))
    before = sorted(folder.iterdir())

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr("fsspec.implementations.local.LocalFileOpener.write", full, raising=False)
        with pytest.raises(OSError, match="No space"):
            keep()
    with monkeypatch.context() as listener:
        listener.setitem(current_app.extensions, "jidi_listeners", [(MediaChanged, lambda session, event: 1 / 0)])
        with pytest.raises(ZeroDivisionError):
            keep()
    assert sorted(folder.iterdir()) == before
    assert db.session.scalars(select(MediaFile.id)).all() == [media.id]


def test_what_lay_in_the_bin_for_thirty_days_is_erased_with_its_bytes(writers: Shop, keep: Keep) -> None:
    old, young, kept = keep(), keep(), keep()
    for media in (old, young):
        keeping.throw_away(actor=writers.user("publisher"), media_id=media.id)
    made = renditions.made(old, 320)
    with write() as session:
        session.get_one(MediaFile, old.id).trashed_at = clock.now() - keeping.KEPT_IN_BIN - timedelta(seconds=1)
    old_key = old.key
    assert keeping.erase_old() == 1
    assert set(db.session.scalars(select(MediaFile.id))) == {young.id, kept.id}
    assert not files.exists(old_key)
    assert not files.exists(made)
    assert files.exists(young.key)
