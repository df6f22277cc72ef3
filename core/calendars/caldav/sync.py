"""What has changed in a calendar since a program last asked (DAV:sync-collection, RFC 6578)."""

from lxml import etree
from werkzeug import Response

from core.calendars.caldav import answers, kept, marks, properties, rows
from core.calendars.caldav.questions import Question
from core.calendars.caldav.refusals import Refused
from core.calendars.caldav.rows import Change
from core.calendars.caldav.xml import DAV, element

LEVELS = frozenset({"", "1", "infinite"})
"""Nothing stands deeper than entries, so all mean the same; the first drafts of the standard had none."""


def answer(question: Question) -> Response:
    """Answer what has changed since the token that is sent; everything, when it is empty.

    Raises:
        Refused: 403, the token says nothing here; 400, what is sent is not as the standard says; 507, nothing fits.
    """
    if question.text(f"{DAV}sync-level") not in LEVELS:
        raise Refused(400, "DAV:sync-level is 1 or infinite")
    token, limit = question.text(f"{DAV}sync-token"), _limit(question)
    if not token and limit is None:
        return answers.multistatus(_everything(question))
    return answers.multistatus(_since(question, token, limit or rows.ALL - 1))


def _limit(question: Question) -> int | None:
    if question.root.find(f"{DAV}limit") is None:
        return None
    told = question.text(f"{DAV}limit/{DAV}nresults")
    if not (told.isascii() and told.isdecimal()):
        raise Refused(400, "DAV:nresults is a number")
    number = min(int(told[:12]), rows.ALL - 1)
    if number == 0:
        raise Refused(507, "nothing fits", element(f"{DAV}number-of-matches-within-limits"))
    return number


def _everything(question: Question) -> bytes:
    """Return all that stands in a calendar: made once, and kept until it changes."""
    key, place = question.calendar.key, question.place

    def make() -> tuple[int, bytes]:
        change, found = rows.everything(key)
        return change, answers.body(_told(question, found), marks.sync_token(key, change))

    account = str(place.account.user_id) if place.account else ""
    asked = str(question.wanted), etree.tostring(question.root, encoding="unicode")
    return kept.body((key, place.path, account, marks.mark(), *asked), rows.standing(key).change, make)


def _since(question: Question, token: str, limit: int) -> bytes:
    key = question.calendar.key
    if token:
        position = marks.position(key, token)
        change, found = rows.changes(key, position.change, position.entry_id, limit + 1)
        if position.change > change:
            raise marks.invalid()  # from a future that an older copy of the database took back
    else:
        change, found = rows.everything(key, limit + 1)
    told = _told(question, found[:limit])
    if len(found) <= limit:
        return answers.body(told, marks.sync_token(key, change))
    last = found[limit - 1]
    told.append(answers.cut_off(question.place.path))
    return answers.body(told, marks.sync_token(key, last.change, last.entry_id))


def _told(question: Question, found: list[Change]) -> list[str]:
    """Return DAV:response of each change; what entries say is read only where it is asked for."""
    write, folder = question.writer(), question.place.path
    if properties.NEED_DATA.isdisjoint(question.wanted.names):
        return [answers.gone(f"{folder}{row.uid}.ics") if row.deleted else write(row) for row in found]
    items = rows.named(question.calendar.key, [row.uid for row in found if not row.deleted])
    return [write(items[row.uid]) if row.uid in items else answers.gone(f"{folder}{row.uid}.ics") for row in found]
