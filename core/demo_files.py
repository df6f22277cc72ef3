"""Files of the demo, made when it is loaded: a drawing and a short PDF."""

from io import BytesIO

from PIL import Image, ImageDraw

SIZE = (960, 540)
PAPER, LINE, TEAL, AMBER = "#f7f6f2", "#c9c5ba", "#0f5e63", "#c98a1b"

PAGE = "BT /F1 18 Tf 72 740 Td <{title}> Tj ET BT /F1 12 Tf 72 704 Td <{text}> Tj ET"


def picture() -> bytes:
    """Return a drawing of a hall with six workplaces and a way between them, as PNG."""
    image = Image.new("RGB", SIZE, PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((60, 50, 900, 490), outline=LINE, width=6)
    draw.rectangle((60, 245, 900, 295), fill="#ece9df")
    for column in range(3):
        for top, mark in ((95, 225), (325, 315)):
            left = 120 + column * 260
            draw.rounded_rectangle((left, top, left + 190, top + 120), radius=10, outline=TEAL, width=5)
            draw.ellipse((left + 83, mark - 12, left + 107, mark + 12), fill=AMBER)
    kept = BytesIO()
    image.save(kept, "PNG")
    return kept.getvalue()


def document(title: str, text: str) -> bytes:
    """Return a PDF of one page with a title and a line, in the Chinese font that every reader brings along."""
    content = PAGE.format(title=_hex(title), text=_hex(text)).encode()
    font, system = b"/BaseFont /STSong-Light", b"<< /Registry (Adobe) /Ordering (GB1) /Supplement 4 >>"
    box, heights = b"/FontBBox [-25 -254 1000 880]", b"/Ascent 880 /Descent -120 /CapHeight 880"
    fonts = b"/Resources << /Font << /F1 5 0 R >> >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R %s >>" % fonts,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type0 %s /Encoding /UniGB-UCS2-H /DescendantFonts [6 0 R] >>" % font,
        b"<< /Type /Font /Subtype /CIDFontType0 %s /DW 1000 /FontDescriptor 7 0 R /CIDSystemInfo %s >>"
        % (font, system),
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 %s /ItalicAngle 0 %s /StemV 93 >>" % (box, heights),
    ]
    return _assembled(objects)


def _hex(text: str) -> str:
    return text.encode("utf-16-be").hex()


def _assembled(objects: list[bytes]) -> bytes:
    """Return a PDF file of numbered objects, with the table that says where each begins."""
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    head = b"xref\n0 %d\n0000000000 65535 f \n" % count
    end = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, len(body))
    return body + head + table + end
