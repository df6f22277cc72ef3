"""Entries that answer a description (CALDAV:calendar-query, RFC 4791, 7.8)."""

from functools import partial

from werkzeug import Response

from core.calendars.caldav import answers, files, filters, rows
from core.calendars.caldav.questions import Question


def answer(question: Question) -> Response:
    """Answer with the entries that a filter lets through: by the index of their times first, then by what they say.

    Raises:
        Refused: 403, the filter is none, or asks for what is not here.
    """
    chosen, write, uid = filters.read(question.root), question.writer(), question.place.uid
    found = () if chosen.nothing else rows.items(question.calendar.key, chosen.start, chosen.end)
    told = (write(item) for item in found if uid in {"", item.uid} and chosen.lets_through(partial(files.event, item)))
    return answers.multistatus(answers.body(told))
