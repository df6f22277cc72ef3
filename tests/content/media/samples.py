"""Files of every sort, made here."""

import struct
import zlib
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import docx
from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo


def picture(kind: str = "PNG", size: tuple[int, int] = (60, 40), **saving: object) -> bytes:
    """Return a picture whose left half is red and whose right half is blue."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    return _saved(image, kind, **saving)


def photo(orientation: int = 6, kind: str = "JPEG") -> bytes:
    """Return a photo as a phone writes it: turned by a mark, with its place, the phone and a comment."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = "SecretPhone"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (29.0, 33.0, 0.0)
    notes = PngInfo()
    notes.add_text("Comment", "SecretComment")
    more: dict[str, dict[str, Any]] = {
        "PNG": {"pnginfo": notes},
        "WEBP": {"xmp": b"SecretComment"},
        "JPEG": {"comment": b"SecretComment"},
    }
    return picture(kind, exif=exif, quality=95, **more[kind])


def moving() -> bytes:
    """Return a GIF of two frames."""
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "blue")]
    return _saved(frames[0], "GIF", save_all=True, append_images=frames[1:], comment=b"SecretComment")


def enormous() -> bytes:
    """Return a small PNG that says it has 50,000 × 50,000 pixels."""
    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + _chunk(b"IEND", b"")
    )


def word(*lines: str) -> bytes:
    """Return a DOCX with these paragraphs, the last one in a table."""
    document = docx.Document()
    for line in lines[:-1]:
        document.add_paragraph(line)
    document.add_table(1, 1).cell(0, 0).text = lines[-1]
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def bomb() -> bytes:
    """Return a DOCX of some hundred kilobytes that unpacks to 100 megabytes."""
    out = BytesIO(word("看起来", "正常"))
    with ZipFile(out, "a", ZIP_DEFLATED) as archive:
        archive.writestr("word/media/zeros.xml", b"\0" * 100_000_000)
    return out.getvalue()


def pdf(words: str = "Hello Jidi") -> bytes:
    """Return a PDF of one page with a line of Latin text."""
    stream = f"BT /F1 24 Tf 72 700 Td ({words}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
            b" /Resources << /Font << /F1 5 0 R >> >> >>"
        ),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out + b"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _saved(image: Image.Image, kind: str, **saving: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **saving)
    return out.getvalue()
