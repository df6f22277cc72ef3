"""What can be booked at a base as it is in force: the plugin's declaration, with what managers have set."""

from dataclasses import dataclass, replace

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.bases import periods
from core.bases.models import Base
from core.booking.models import Kind
from core.booking.rules import Rules, rules_of
from core.db import db
from core.errors import NotFound
from core.organisations.models import Organisation
from core.plugins.declarations import BookingKind, Period
from core.plugins.facade import plugins


@dataclass(frozen=True)
class Offered:
    """A kind that can be booked: the declaration with the base's own periods, and its row."""

    kind: BookingKind
    row: Kind

    def rules(self, organisation: Organisation | None = None) -> Rules:
        """Return the rules for an organisation; None: for members."""
        return rules_of(self.row, organisation)


def offered(base: Base, slug: str, session: Session | None = None) -> Offered:
    """Return what can be booked at a base under a slug.

    Raises:
        NotFound: the base or its plugin is not active, or offers no such kind.
    """
    row = (session or db.session).scalar(
        select(Kind).where(Kind.base_id == base.id, Kind.slug == slug, Kind.archived_at.is_(None))
    )
    kind = plugins().kind(base.slug, slug)
    if row is None or kind is None or base.archived_at is not None or not plugins().is_active(base.slug):
        raise NotFound(_("This cannot be booked at present. Please call the base."))
    return Offered(in_force(base, kind), row)


def in_force(base: Base, kind: BookingKind) -> BookingKind:
    """Return a declared kind with its periods as the base's manager has set them, those added included."""
    rows = periods.offered(base, kind.slug, [period.slug for period in kind.periods])
    own = tuple(Period(slug=row.slug, label=row.label, starts=row.starts, ends=row.ends) for row in rows)
    return replace(kind, periods=own) if own else kind
