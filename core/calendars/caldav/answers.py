"""Answers in the words of WebDAV: a status for each thing, and for each property of it (RFC 4918, 13)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from werkzeug import Request, Response

from core.calendars.caldav import properties
from core.calendars.caldav.properties import Part
from core.calendars.caldav.refusals import Refused
from core.calendars.caldav.xml import DAV, document, element, href, names

CONTENT_TYPE = "application/xml; charset=utf-8"

ALL, NAMES, SOME = "allprop", "propname", "prop"

MOST_NAMES, LONGEST_NAMES = 100, 6000
"""Properties that can be asked for by name, and the length of all names: each answer names those that are missing."""

LARGEST = 64 * 1024 * 1024
"""Characters of an answer."""

_OK = "<D:status>HTTP/1.1 200 OK</D:status></D:propstat>"
_MISSING = "<D:status>HTTP/1.1 404 Not Found</D:status></D:propstat>"


@dataclass(frozen=True)
class Wanted:
    """Which properties are asked for.

    Attributes:
        mode: `SOME` of them (`names`), `ALL` (and `names` beside them), or only the `NAMES` of all.
        names: names of properties.
        brief: whether to say nothing of those that are not there (RFC 8144, 2.1).
    """

    mode: str
    names: tuple[str, ...] = ()
    brief: bool = False

    def split(self, offered: Mapping[str, object]) -> tuple[list[str], list[str]]:
        """Return the names of what is told, and of what is asked for but not there."""
        if self.mode == NAMES:
            return list(offered), []
        told = [name for name in offered if name not in properties.HIDDEN] if self.mode == ALL else []
        told = [name for name in told if name != properties.CALENDAR_DATA]
        told += [name for name in self.names if name in offered and name not in told]
        return told, [] if self.brief else [name for name in self.names if name not in offered]


def wanted(parts: Mapping[str, Element], request: Request) -> Wanted:
    """Return which properties the body of a PROPFIND or a report asks for; no body asks for all (RFC 4918, 9.1).

    Args:
        parts: the elements of the body by their names.
        request: its headers may say that missing ones are not to be told.

    Raises:
        Refused: 400, it does not say which; 507, they are very many.
    """
    sent = request.environ
    brief = "return=minimal" in sent.get("HTTP_PREFER", "") or sent.get("HTTP_BRIEF", "").lower() == "t"
    asked = parts.get(f"{DAV}prop")
    if asked is not None:
        return Wanted(SOME, _bounded(names(asked)), brief)
    if f"{DAV}propname" in parts:
        return Wanted(NAMES)
    if f"{DAV}allprop" not in parts:
        raise Refused(400, "one of DAV:prop, DAV:allprop and DAV:propname is needed")
    more = parts.get(f"{DAV}include")
    return Wanted(ALL, _bounded(names(more)) if more is not None else (), brief)


def _bounded(asked: list[str]) -> tuple[str, ...]:
    if len(asked) > MOST_NAMES or sum(map(len, asked)) > LONGEST_NAMES:
        raise Refused(507, f"{MOST_NAMES} properties can be asked for at once")
    return tuple(asked)


def of_thing(path: str, values: Mapping[str, str], asked: Wanted) -> str:
    """Return DAV:response of one thing with its properties."""
    told, missing = asked.split(values)
    found = "".join(element(name) if asked.mode == NAMES else values[name] for name in told)
    return f"<D:response>{href(path)}{_propstats(found, missing)}</D:response>"


def of_items(folder: str, parts: Mapping[str, Part], asked: Wanted) -> Callable[[Any], str]:
    """Return what makes DAV:response of an entry; what all have in common is made once."""
    told, missing = asked.split(parts)
    made: list[Callable[[Any], str]] = []
    found = []
    for name in told:
        part = element(name) if asked.mode == NAMES else parts[name]
        if isinstance(part, str):
            found.append(_literal(part))
        else:
            found.append("%s")
            made.append(part)
    stats = _propstats("".join(found), missing, _literal)
    template = f"<D:response><D:href>{_literal(folder)}%s.ics</D:href>{stats}</D:response>"
    return lambda item: template % (item.uid, *[part(item) for part in made])


def _literal(text: str) -> str:
    return text.replace("%", "%%")


def _propstats(found: str, missing: list[str], write: Callable[[str], str] = str) -> str:
    """Return the properties that are there, and the names of those that are not."""
    stats = f"<D:propstat><D:prop>{found}</D:prop>{_OK}" if found or not missing else ""
    if missing:
        stats += f"<D:propstat><D:prop>{write(''.join(map(element, missing)))}</D:prop>{_MISSING}"
    return stats


def gone(path: str) -> str:
    """Return DAV:response of a thing that is not there."""
    return f"<D:response>{href(path)}<D:status>HTTP/1.1 404 Not Found</D:status></D:response>"


def cut_off(path: str) -> str:
    """Return DAV:response that says of a collection that more is to come (RFC 6578, 3.6)."""
    error = element(f"{DAV}error", element(f"{DAV}number-of-matches-within-limits"))
    return f"<D:response>{href(path)}<D:status>HTTP/1.1 507 Insufficient Storage</D:status>{error}</D:response>"


def body(responses: Iterable[str], token: str = "") -> bytes:
    """Return DAV:multistatus.

    Args:
        responses: ready DAV:response.
        token: the sync token, or "".

    Raises:
        Refused: 507, it would be larger than an answer may be.
    """
    told, size = [], 0
    for response in responses:
        told.append(response)
        size += len(response)
        if size > LARGEST:
            raise Refused(507, "this is too much for one answer", element(f"{DAV}number-of-matches-within-limits"))
    return document(f"{DAV}multistatus", "".join(told), _token(token))


def joined(responses: Iterable[bytes], token: str) -> bytes:
    """Return DAV:multistatus of very many ready responses, without copying them more than once."""
    head, mark, tail = document(f"{DAV}multistatus", "", _token(token)).partition(b"<D:sync-token>")
    return b"".join([head, *responses, mark, tail])


def _token(token: str) -> str:
    return f"<D:sync-token>{token}</D:sync-token>" if token else ""


def multistatus(content: bytes) -> Response:
    """Answer 207 with DAV:multistatus."""
    return Response(content, 207, content_type=CONTENT_TYPE)


def refusal(refused: Refused) -> Response:
    """Answer with the condition that was not met, or with a sentence where there is none."""
    if not refused.condition:
        return Response(f"{refused.reason}\n", refused.status, mimetype="text/plain")
    return Response(document(f"{DAV}error", refused.condition), refused.status, content_type=CONTENT_TYPE)
