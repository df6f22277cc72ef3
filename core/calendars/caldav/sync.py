"""What has changed in a calendar since a program last asked (DAV:sync-collection, RFC 6578)."""

from werkzeug import Response

from core.calendars.caldav import answers, marks, properties, rows
from core.calendars.caldav.beginning import beginnings
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
    key, token = question.calendar.key, question.text(f"{DAV}sync-token")
    limit = _limit(question)
    if not token and limit == rows.ALL - 1 and properties.NEED_DATA.isdisjoint(question.wanted.names):
        what = question.place.folder, question.place.home, marks.mark(), question.wanted
        change, all_told = beginnings().told(key, what, question.writer())
        return answers.multistatus(answers.joined(all_told, marks.sync_token(key, change)))
    change, found = _found(key, token, limit + 1)
    told = _told(question, found[:limit])
    if len(found) <= limit:
        return answers.multistatus(answers.body(told, marks.sync_token(key, change)))
    last = found[limit - 1]
    told.append(answers.cut_off(question.place.path))
    return answers.multistatus(answers.body(told, marks.sync_token(key, last.change, last.entry_id)))


def _limit(question: Question) -> int:
    limit = question.parts.get(f"{DAV}limit")
    if limit is None:
        return rows.ALL - 1
    told = (limit.findtext(f"{DAV}nresults") or "").strip()
    if not (told.isascii() and told.isdecimal()):
        raise Refused(400, "DAV:nresults is a number")
    number = min(int(told[:12]), rows.ALL - 1)
    if number == 0:
        raise Refused(507, "nothing fits", element(f"{DAV}number-of-matches-within-limits"))
    return number


def _found(key: str, token: str, most: int) -> tuple[int, list[Change]]:
    """Return a collection's number, and what has changed since a token; for an empty one, all that stands there."""
    if not token:
        return rows.everything(key, most)
    position = marks.position(key, token)
    change, found = rows.changes(key, position.change, position.entry_id, most)
    if position.change > change:
        raise marks.invalid()  # from a future that an older copy of the database took back
    return change, found


def _told(question: Question, found: list[Change]) -> list[str]:
    """Return DAV:response of each change; what entries say is read only where it is asked for."""
    write, folder = question.writer(), question.place.path
    if properties.NEED_DATA.isdisjoint(question.wanted.names):
        return [answers.gone(f"{folder}{row.uid}.ics") if row.deleted else write(row) for row in found]
    items = rows.named(question.calendar.key, [row.uid for row in found if not row.deleted])
    return [write(items[row.uid]) if row.uid in items else answers.gone(f"{folder}{row.uid}.ics") for row in found]
