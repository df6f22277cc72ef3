"""The calendars that can be followed: what each is called and where it is, by the key that never changes.

Public are `portal`, `base:<id>`, `resource:<id>` and `kind:<id>`; private are `organisation:<id>` (its bookings),
`user:<id>` (their own bookings), `instructor:<resource id>` (what they teach) and `desk:<base id>` (all of a base, for
its managers). Who may read which is said by `access.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from flask_babel import force_locale
from flask_babel import gettext as _
from PIL import ImageColor
from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager

from core.accounts.models import User
from core.bases.models import Base
from core.bases.queries import is_visible, visible_bases
from core.booking.legs import INSTRUCTOR
from core.booking.models import SEATS_SLUG, Kind, Resource
from core.db import db
from core.localised import LANGUAGES
from core.organisations.models import Organisation

HOUSE = "#0d5f64"
"""Colour of what belongs to no base."""


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """A calendar that can be followed; its texts are in the site's first language.

    Attributes:
        key: of its collection, “base:3”.
        title: what it is called in a reader's list.
        description: what stands in it, in a sentence.
        colour: `#rrggbb`.
        page: path of the page that shows it, below the site's address, or "".
        public: whether everybody may read it.
        path: of its feed, below the site's address; "" for a private one, whose address holds a token.
    """

    key: str
    title: str
    description: str
    colour: str
    page: str
    public: bool
    path: str = ""

    @property
    def colour_name(self) -> str:
        """The colour's nearest name in CSS3, which is all that RFC 7986 5.9 allows."""
        return nearest_name(self.colour)


def find(key: str) -> Calendar | None:
    """Return a calendar, or None when there is none now: unknown, archived, or of a base that is not active."""
    kind, _colon, number = key.partition(":")
    if kind == "portal":
        return _portal() if key == "portal" else None
    finder = _FINDERS.get(kind)
    if finder is None or not (number.isascii() and number.isdecimal()) or len(number) > LONGEST_ID:
        return None
    return finder(int(number))


def public_calendars() -> list[Calendar]:
    """Return all public calendars: of the portal, then of each base with its kinds and resources."""
    kinds, resources = _with_sessions(_kinds()), db.session.scalars(_resources()).all()
    found = [_portal()]
    for base in visible_bases():
        found.append(_base(base))
        found += [_kind(kind) for kind in kinds if kind.base_id == base.id]
        found += [_resource(resource, base) for resource in resources if resource.base_id == base.id]
    return found


def of_base(base: Base) -> list[Calendar]:
    """Return the public calendars of a base: its own, then its kinds', then its resources'."""
    kinds = _with_sessions(_kinds().where(Kind.base_id == base.id))
    resources = db.session.scalars(_resources().where(Resource.base_id == base.id))
    return [_base(base), *map(_kind, kinds), *(_resource(resource, base) for resource in resources)]


def find_public(path: str) -> Calendar | None:
    """Return the public calendar whose feed has a path, or None.

    Args:
        path: below the site's address, as `Calendar.path`.
    """
    parts = path.removesuffix(".ics").strip("/").split("/")
    match parts:
        case ["calendar"]:
            return _portal()
        case ["bases", base, "calendar"]:
            row = db.session.scalar(select(Base).where(Base.slug == base, is_visible()))
            return _base(row) if row else None
        case ["bases", base, "resources", slug]:
            resource = db.session.scalar(_resources().where(Base.slug == base, Resource.slug == slug))
            return _resource(resource, resource.base) if resource and resource.base else None
        case ["bases", base, "kinds", slug]:
            kinds = _with_sessions(_kinds().where(Base.slug == base, Kind.slug == slug))
            return _kind(kinds[0]) if kinds else None
    return None


LONGEST_ID = 9
"""Digits of an id; more of them are no id of ours, and no engine's integer."""


def _resources() -> Select[Resource]:
    return (
        select(Resource)
        .join(Resource.base)
        .options(contains_eager(Resource.base))
        .where(is_visible(), Resource.archived_at.is_(None))
        .where(~Resource.slug.startswith(SEATS_SLUG, autoescape=True))
        .order_by(Resource.position, Resource.id)
    )


def _kinds() -> Select[Kind]:
    return (
        select(Kind)
        .join(Kind.base)
        .options(contains_eager(Kind.base))
        .where(is_visible(), Kind.archived_at.is_(None))
        .order_by(Kind.position, Kind.id)
    )


def _with_sessions(kinds: Select[Kind]) -> list[Kind]:
    """Return the kinds whose sessions are published: what else is booked stays in the calendars of its resources."""
    return [kind for kind in db.session.scalars(kinds) if kind.mode == "session"]


def _portal() -> Calendar:
    with force_locale(LANGUAGES[0]):
        return Calendar(
            key="portal",
            title=_("Training sessions of all bases"),
            description=_("Sessions and dated announcements of all bases."),
            colour=HOUSE,
            page="/calendar",
            public=True,
            path="/calendar.ics",
        )


def _base(base: Base) -> Calendar:
    with force_locale(LANGUAGES[0]):
        return Calendar(
            key=f"base:{base.id}",
            title=base.name,
            description=_("Sessions, closures, dated announcements, and when equipment is occupied."),
            colour=_colour(base),
            page=f"/bases/{base.slug}/calendar",
            public=True,
            path=f"/bases/{base.slug}/calendar.ics",
        )


def _resource(resource: Resource, base: Base) -> Calendar:
    with force_locale(LANGUAGES[0]):
        return Calendar(
            key=f"resource:{resource.id}",
            title=_joined(resource.name, base),
            description=_("When it is occupied or out of use, and the sessions that use it."),
            colour=_colour(base),
            page=f"/bases/{base.slug}/calendar",
            public=True,
            path=f"/bases/{base.slug}/resources/{resource.slug}.ics",
        )


def _kind(kind: Kind) -> Calendar:
    with force_locale(LANGUAGES[0]):
        return Calendar(
            key=f"kind:{kind.id}",
            title=_joined(kind.title, kind.base),
            description=_("The sessions of this kind."),
            colour=_colour(kind.base),
            page=f"/bases/{kind.base.slug}/calendar",
            public=True,
            path=f"/bases/{kind.base.slug}/kinds/{kind.slug}.ics",
        )


def _find_base(number: int) -> Calendar | None:
    base = _visible(number)
    return _base(base) if base else None


def _find_resource(number: int) -> Calendar | None:
    resource = db.session.scalar(_resources().where(Resource.id == number))
    return _resource(resource, resource.base) if resource and resource.base else None


def _find_kind(number: int) -> Calendar | None:
    kinds = _with_sessions(_kinds().where(Kind.id == number))
    return _kind(kinds[0]) if kinds else None


def _find_organisation(number: int) -> Calendar | None:
    organisation = db.session.get(Organisation, number)
    if organisation is None or organisation.archived_at is not None:
        return None
    with force_locale(LANGUAGES[0]):
        return Calendar(
            key=f"organisation:{number}",
            title=_("Bookings of %(name)s", name=organisation.short_name),
            description=_("All bookings of the organisation, with their state."),
            colour=HOUSE,
            page="/bookings/",
            public=False,
        )


def _find_user(number: int) -> Calendar | None:
    user = db.session.get(User, number)
    if user is None or not user.active:
        return None
    with force_locale(LANGUAGES[0]):
        return Calendar(
            key=f"user:{number}",
            title=_("My bookings"),
            description=_("The bookings for which you are the contact, with their state."),
            colour=HOUSE,
            page="/bookings/",
            public=False,
        )


def _find_instructor(number: int) -> Calendar | None:
    chosen = select(Resource).where(Resource.id == number, Resource.kind == INSTRUCTOR, Resource.archived_at.is_(None))
    resource = db.session.scalar(chosen)
    if resource is None:
        return None
    with force_locale(LANGUAGES[0]):
        return Calendar(
            key=f"instructor:{number}",
            title=_("Teaching: %(name)s", name=resource.name),
            description=_("The sessions and bookings that take this instructor."),
            colour=HOUSE,
            page="/calendar",
            public=False,
        )


def _find_desk(number: int) -> Calendar | None:
    base = _visible(number)
    if base is None:
        return None
    with force_locale(LANGUAGES[0]):
        return Calendar(
            key=f"desk:{number}",
            title=_("Management: %(name)s", name=base.short_name),
            description=_("All that takes place at the base, with each booking's form. For its managers only."),
            colour=_colour(base),
            page=f"/bases/{base.slug}/calendar",
            public=False,
        )


_FINDERS: Mapping[str, Callable[[int], Calendar | None]] = {
    "base": _find_base,
    "resource": _find_resource,
    "kind": _find_kind,
    "organisation": _find_organisation,
    "user": _find_user,
    "instructor": _find_instructor,
    "desk": _find_desk,
}


def _visible(number: int) -> Base | None:
    return db.session.scalar(select(Base).where(Base.id == number, is_visible()))


def _joined(name: str, base: Base) -> str:
    return str(_("%(name)s, %(base)s", name=name, base=base.short_name))


def _colour(base: Base) -> str:
    return str(base.declared["palette"]["light"]["accent"])


@cache
def nearest_name(colour: str) -> str:
    """Return the name in CSS3 that is nearest to a colour `#rrggbb`, as the eye weighs red, green and blue."""
    wanted = ImageColor.getrgb(colour)

    def distance(name: str) -> int:
        red, green, blue = (a - b for a, b in zip(wanted, ImageColor.getrgb(name), strict=False))
        return 2 * red * red + 4 * green * green + 3 * blue * blue

    return min((name for name in ImageColor.colormap if name != "rebeccapurple"), key=distance)
