"""Calendar files of one thing each: a session, a dated announcement, when a resource is busy."""

from sqlalchemy import select
from werkzeug import Request, Response

from core import errors
from core.bases.queries import find_base
from core.booking.resource_queries import find_resource
from core.calendars import announced, freebusy
from core.calendars.components import alone
from core.calendars.models import Collection, Entry, Membership
from core.content.addresses import absolute
from core.db import db


def session_file(request: Request, base: str, number: str) -> Response:
    """Answer with a published (or since cancelled) session.

    Raises:
        errors.NotFound: the base has never published such a session.
    """
    row = find_base(base)
    chosen = (
        select(Entry.data, Entry.path)
        .join(Membership, Membership.entry_id == Entry.id)
        .join(Collection, Collection.id == Membership.collection_id)
        .where(Collection.key == f"base:{row.id}", Entry.source == f"session:{int(number)}")
    )
    found = db.session.execute(chosen).first()
    if found is None:
        raise errors.NotFound
    return _file(request, alone(found.data, absolute(found.path)), f"{base}-{int(number)}")


def announcement_file(request: Request, slug: str, base: str = "") -> Response:
    """Answer with the date of a public announcement, of a base or (base "") of the consortium.

    Raises:
        errors.NotFound: there is no such announcement, or it has no date.
        Gone: it was public, and is no longer.
    """
    return _file(request, announced.file_of(find_base(base) if base else None, slug), slug)


def freebusy_file(request: Request, base: str, resource: str) -> Response:
    """Answer when a resource is busy.

    Raises:
        errors.NotFound: the base has no such resource.
    """
    row = find_base(base)
    return freebusy.answer(request, find_resource(row.id, resource), url=absolute(f"/bases/{row.slug}/calendar"))


def _file(request: Request, data: bytes, name: str) -> Response:
    answer = Response(data, mimetype="text/calendar")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.ics"'
    answer.headers["Cache-Control"] = "public, no-cache"
    answer.add_etag()
    return answer.make_conditional(request)
