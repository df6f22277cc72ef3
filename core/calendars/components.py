"""iCalendar components: what a source says, as folded bytes (RFC 5545, RFC 7986)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from icalendar import Event, vText

from core.clock import ZONE

PRODUCT = "-//Jidi//Jidi//ZH"
LINE = 75
"""Greatest number of octets in a line, its break not included (RFC 5545 3.1)."""

TIMEZONE = (
    b"BEGIN:VTIMEZONE\r\nTZID:Asia/Shanghai\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
    b"TZOFFSETFROM:+0800\r\nTZOFFSETTO:+0800\r\nTZNAME:CST\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
)
"""China has had one zone and no summer time since 1991, long before any entry."""

END = b"END:VEVENT\r\n"

CANCELLED = "CANCELLED"

_LINE_END = re.compile("\r\n?|[\x85\u2028\u2029]")
_NOT_CARRIED = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufeff\ufffe\uffff]")


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a source says in calendars.

    Attributes:
        summary: its title.
        start, end: aware moments; midnights at the bases when it is `all_day`, the end not included.
        all_day: whether it lasts whole days.
        status: `CONFIRMED`, `TENTATIVE` or `CANCELLED`.
        transparent: whether it takes nobody's time; what is cancelled never does.
        private: whether it is for those only whom it concerns.
        description, location, category: texts, or "".
        more_categories: what plugins add to its category.
        path: of its page below the site's address, or "".
        related: UID of the series it belongs to, or "".
    """

    summary: str
    start: datetime
    end: datetime
    all_day: bool = False
    status: str = "CONFIRMED"
    transparent: bool = False
    private: bool = False
    description: str = ""
    location: str = ""
    category: str = ""
    more_categories: tuple[str, ...] = ()
    path: str = ""
    related: str = ""

    @property
    def cancelled(self) -> bool:
        """Whether it no longer takes place."""
        return self.status == CANCELLED

    @property
    def is_transparent(self) -> bool:
        """Whether it takes nobody's time."""
        return self.transparent or self.cancelled


class _Text(vText):
    """A text that is written as `text` escapes it: icalendar takes a typed backslash before an N for a new line."""

    def to_ical(self) -> bytes:
        """Return the escaped text."""
        return text(self).encode()


def serialise(facts: Facts, *, uid: str, sequence: int, modified: datetime) -> bytes:
    """Return a source as one folded VEVENT without URL.

    Args:
        facts: what it says.
        uid: its name for ever.
        sequence: number of its revision in the sense of RFC 5546.
        modified: when it was last changed; DTSTAMP is this too, so that the same entry is the same bytes for ever.
    """
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", modified)
    event.add("last-modified", modified)
    event.add("sequence", sequence)
    start, end = facts.start.astimezone(ZONE), facts.end.astimezone(ZONE)
    event.add("dtstart", start.date() if facts.all_day else start)
    event.add("dtend", end.date() if facts.all_day else end)
    event.add("status", facts.status)
    event.add("transp", "TRANSPARENT" if facts.is_transparent else "OPAQUE")
    event.add("class", "PRIVATE" if facts.private else "PUBLIC")
    for name in ("summary", "description", "location"):
        if value := clean(getattr(facts, name)):  # libical holds an empty text for an error
            event.add(name, _Text(value))
    for category in (facts.category, *facts.more_categories):
        if value := " ".join(clean(category).split()):
            event.add("categories", _Text(value))
    if facts.related:
        event.add("related-to", facts.related)
    return bytes(event.to_ical())


def cancelled(data: bytes, *, sequence: int, modified: datetime) -> bytes:
    """Return a VEVENT as cancelled, with the number and time of this revision; all else stays as it was."""
    stamp = utc(modified)
    said = {
        "STATUS": CANCELLED,
        "TRANSP": "TRANSPARENT",
        "SEQUENCE": str(sequence),
        "DTSTAMP": stamp,
        "LAST-MODIFIED": stamp,
    }
    lines = []
    for line in data.decode().split("\r\n"):  # these five are never folded; what continues a line begins with a space
        name = line.partition(":")[0]
        lines.append(f"{name}:{said[name]}" if name in said else line)
    return "\r\n".join(lines).encode()


def significant(data: bytes) -> list[bytes]:
    """Return the lines of a VEVENT that make a new revision of it when they change (RFC 5546 2.1.4): times, status."""
    return [line for line in data.split(b"\r\n") if line.startswith((b"DTSTART", b"DTEND", b"STATUS:"))]


def with_url(data: bytes, url: str) -> bytes:
    """Return a VEVENT with the address of its page, which is not kept with it: it depends on a setting."""
    return data.removesuffix(END) + fold(f"URL:{url}") + END


def alone(data: bytes, url: str) -> bytes:
    """Return a VEVENT as a calendar file of its own, with the address of its page."""
    head = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{PRODUCT}\r\nCALSCALE:GREGORIAN\r\n".encode()
    return head + TIMEZONE + with_url(data, url) + b"END:VCALENDAR\r\n"


def utc(moment: datetime) -> str:
    """Return an aware moment as a value in UTC (RFC 5545 3.3.5)."""
    told = moment.astimezone(UTC)
    return f"{told.year:04}{told:%m%dT%H%M%SZ}"  # %Y leaves the noughts of early years out


def fold(line: str) -> bytes:
    """Return a content line folded so that no piece is longer than 75 octets and no character is cut."""
    if len(line) <= LINE and line.isascii():
        return line.encode() + b"\r\n"
    pieces: list[bytes] = []
    piece = b""
    for character in line:
        octets = character.encode()
        if len(piece) + len(octets) > (LINE if not pieces else LINE - 1):
            pieces.append(piece)
            piece = b""
        piece += octets
    return b"\r\n ".join([*pieces, piece]) + b"\r\n"


def clean(value: str) -> str:
    """Return a text as every client can be given it: what stands in a calendar is this, character by character.

    Control characters are left out (RFC 5545 3.1: none but the tabulator), as are byte order marks and what XML, which
    carries entries in CalDAV, has no place for (XML 1.0 2.2); half a surrogate pair becomes U+FFFD. Every way to end a
    line becomes LF: readers cut lines at U+0085, U+2028 and U+2029 too. White space around it is left out, as libical
    leaves it out.
    """
    whole = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _NOT_CARRIED.sub("", _LINE_END.sub("\n", whole)).strip()


def text(value: str) -> str:
    """Return a text escaped as a value (RFC 5545 3.3.11)."""
    escaped = clean(value).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\n", "\\n")
