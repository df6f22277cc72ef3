"""XML as calendar programs send it, read with care, and what goes back to them.

A body comes from anybody: it is bounded in size, has no document type (so no entities, inner or outer), and nothing is
fetched for it. It is read by expat, which forgets it afterwards: libxml2 keeps every name it ever read in a dictionary
of the thread, so whoever sends new ones fills the memory.
"""

from xml.etree.ElementTree import Element, ParseError, XMLParser

from core.calendars.caldav.refusals import Refused

LARGEST = 1_000_000
"""Bytes of a request's body: a multiget of 5,000 entries fits."""

DAV = "{DAV:}"
CAL = "{urn:ietf:params:xml:ns:caldav}"
SERVER = "{http://calendarserver.org/ns/}"
APPLE = "{http://apple.com/ns/ical/}"

PREFIXES = {DAV: "D", CAL: "C", SERVER: "S", APPLE: "A"}

NAMESPACES = " ".join(f'xmlns:{prefix}="{name[1:-1]}"' for name, prefix in PREFIXES.items())

DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'

_ILLEGAL = {number: None for number in range(32) if chr(number) not in "\t\n\r"} | {0xFFFE: None, 0xFFFF: None}
_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"} | _ILLEGAL)
_QUOTED = str.maketrans({"&": "&amp;", "<": "&lt;", '"': "&quot;"} | _ILLEGAL)


def read(body: bytes) -> Element:
    """Return the root of a request's XML.

    Raises:
        Refused: 400, it is not XML, not in UTF-8 or UTF-16 (RFC 4918, 8.2), or has a document type.
    """
    try:
        text = body.decode("utf-16" if body[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(400, "the XML is not valid UTF-8") from None
    if "<!DOCTYPE" in text:
        raise Refused(400, "XML with a document type is not read")
    parser = XMLParser(encoding="utf-8")  # whatever it says of itself  # noqa: S314 - without a document type
    try:
        parser.feed(text.encode())
        return parser.close()
    except ParseError as error:
        raise Refused(400, f"the XML cannot be read: {error}") from None


def names(parent: Element) -> list[str]:
    """Return the names of an element's children, each once, in their order."""
    return list(dict.fromkeys(str(child.tag) for child in parent))


def escape(text: str) -> str:
    """Return a text as it stands between tags; what XML cannot hold is left out, and line ends come back as sent."""
    return text.translate(_ESCAPED)


def element(name: str, inside: str = "") -> str:
    """Return an element that holds ready XML; its name is “{namespace}local”, of any namespace."""
    namespace, _, local = name.rpartition("}")
    prefix = PREFIXES.get(namespace + "}")
    tag = f"{prefix}:{local}" if prefix else local
    told = "" if prefix else f' xmlns="{namespace[1:].translate(_QUOTED)}"'
    return f"<{tag}{told}>{inside}</{tag}>" if inside else f"<{tag}{told}/>"


def text_element(name: str, text: str) -> str:
    """Return an element that holds a text."""
    return element(name, escape(text))


def href(path: str) -> str:
    """Return DAV:href of a path, which is quoted already."""
    return element(f"{DAV}href", escape(path))


def document(name: str, inside: str, more: str = "") -> bytes:
    """Return a whole document: its root with all namespaces, and what is in it.

    Args:
        name: of the root, in a namespace of `PREFIXES`.
        inside: ready XML.
        more: ready XML that stands last (DAV:sync-token).
    """
    namespace, _, local = name.rpartition("}")
    tag = f"{PREFIXES[namespace + '}']}:{local}"
    return f"{DECLARATION}<{tag} {NAMESPACES}>{inside}{more}</{tag}>\n".encode()
