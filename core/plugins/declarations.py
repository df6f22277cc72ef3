"""What a base plugin declares, as frozen data: the base, its resources, what can be booked, pages and demo data.

Texts are lazy gettext texts or plain strings; proper names are plain Chinese.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal

from flask_babel import lazy_gettext as _l

from core.plugins.fields import Field

Fact = tuple[object, object]
"""A pair of label and value."""


@dataclass(frozen=True)
class Colours:
    """A base's colours in one theme, as `#rrggbb`: accent (text and edges), tint (ground), line (hairline)."""

    accent: str
    tint: str
    line: str


@dataclass(frozen=True)
class Palette:
    """A base's colours in both themes. The contract suite checks contrast: accent on tint and on paper ≥ 4.5."""

    light: Colours
    dark: Colours


@dataclass(frozen=True)
class Hours:
    """Weekly opening hours, wall-clock: the weekdays (Monday is 0), opening and closing time."""

    weekdays: tuple[int, ...]
    opens: time
    closes: time


@dataclass(frozen=True, kw_only=True)
class BaseDeclaration:
    """The base itself. Its slug is the plugin's.

    Attributes:
        name: the official name.
        short_name: for badges and narrow places, at most six Han characters.
        summary: what happens there.
        icon: name of a Bootstrap Icon without `bi-`.
        palette: its colours.
        hours: when it is open; none: always.
        keeps_holidays: closed on statutory holidays, open on make-up working days; a manager can set it otherwise.
        facts: pairs for the overview.
    """

    name: str
    short_name: object
    summary: object
    icon: str
    palette: Palette
    hours: tuple[Hours, ...] = ()
    keeps_holidays: bool = True
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ResourceDeclaration:
    """A resource. Declared order is the order shown.

    Attributes:
        slug: its key at the base.
        name: what people call it.
        kind: `machine`, `cell`, `workstation`, `room`, `seats`, or another word; legs of booking kinds ask for it.
        capacity: units that can be taken at one instant; 1 makes it exclusive. One with children has theirs.
        parent: slug of the resource it is a part of: booking the workshop takes its machines, and the other way round.
        setup, cleanup: taken around each booked time, at least; a leg may ask for more.
        hours: when it can be used, within the base's hours; none: whenever the base is open.
        attributes: figures for the plugin's own rules, JSON values.
        facts: pairs for the equipment table.
    """

    slug: str
    name: object
    kind: str
    capacity: int = 1
    parent: str = ""
    setup: timedelta = timedelta()
    cleanup: timedelta = timedelta()
    hours: tuple[Hours, ...] = ()
    attributes: Mapping[str, object] = field(default_factory=dict)
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Leg:
    """What each slot booking takes of one sort: any free ones of a kind, or those the contact picks.

    Attributes:
        kind: kind of resource. `instructor` reaches the consortium's instructors who serve this base.
        of: slugs of the resources that can serve; none: all of the kind.
        count: how many of them each booking takes (“any 2 of these 5 lathes”).
        label: the question when it is picked.
        pick: whether the contact may pick; else any free one is taken.
        before, after: set-up and clean-up taken around the booked time.
        per_unit: whether the booking's units are taken (a pool) or one unit (an exclusive thing).
    """

    kind: str
    of: tuple[str, ...] = ()
    count: int = 1
    label: object = ""
    pick: bool = True
    before: timedelta = timedelta()
    after: timedelta = timedelta()
    per_unit: bool = False


@dataclass(frozen=True, kw_only=True)
class Period:
    """A named span of the day that can be booked (a shift); ends on the next day when `ends` is not after `starts`."""

    slug: str
    label: object
    starts: time
    ends: time


@dataclass(frozen=True, kw_only=True)
class ApprovalStep:
    """A step of a chain of approval. Nobody counts in two steps of one booking, whatever roles they hold.

    Attributes:
        title: what is decided (“基地初审”).
        roles: who may decide: `manager` (of the base), `office`.
        need: `any`: one person of any of the roles; `all`: one person of each.
        workdays: working days within which it is to be decided; 0: no deadline.
        escalate: role that may decide as well once the deadline has passed, and is told so; "": nobody.
    """

    title: object
    roles: tuple[str, ...] = ("manager",)
    need: Literal["any", "all"] = "any"
    workdays: int = 0
    escalate: str = ""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Until when and how far ahead something can be booked, and until when cancelled.

    Attributes:
        open: whether it can be booked at all.
        notice: how long before the start it must be submitted at the latest.
        notice_workdays: whole working days that must lie between submission and start, beside `notice`.
        window: how far ahead it can be booked; None: no bound.
        cancel_before: until how long before the start the contact may cancel what is confirmed.
        cancel_workdays: the same in whole working days.
    """

    open: bool = True
    notice: timedelta = timedelta()
    notice_workdays: int = 0
    window: timedelta | None = None
    cancel_before: timedelta = timedelta(days=1)
    cancel_workdays: int = 0


@dataclass(frozen=True, kw_only=True)
class BookingKind:
    """Something that can be booked at the base, with its form.

    Attributes:
        slug: its key and the last part of its address.
        title, summary: what it is and for whom.
        mode: `session`: seats of a dated session; `slot`: resources for a time chosen by the contact.
        fields: the intake form.
        approval: whether somebody decides.
        chain: the steps of the decision, in order; none: one step, by a manager of the base.
        legs: (slot) what each booking takes together, all or nothing.
        periods: (slot) the only spans that can be chosen; none: free start and end.
        shortest, longest: (slot) bounds of the booked time.
        step: (slot) start and end lie on multiples of it since midnight.
        units_field: name of the field (a Whole or a Roster) that says how many seats; None: one.
        units_label: what one seat is called (“人”, “队”).
        most_units: greatest number of seats in one booking.
        notice, notice_workdays, window, cancel_before, cancel_workdays: as in `Terms`.
        guests: the terms of organisations that are no members of the consortium; None: the same.
        agreement: whether the organisation needs an agreement that is valid on the day and covers this.
        charges: what a booking uses of the organisation's quota: `minutes` of booked time, `person_times`, or nothing.
        waiting: whether one can wait for what is taken, and in which order places are offered: `strict` (nobody passes
            the first) or `first_fit` (the first that fits what is free).
        offer_for: how long a place from the waiting list is kept for an answer.
        hold_for: how long a place is kept while the form is filled in.
        series: (slot) whether it can be booked for several dates at once.
    """

    slug: str
    title: object
    summary: object
    mode: Literal["session", "slot"]
    fields: tuple[Field, ...]
    approval: bool = True
    chain: tuple[ApprovalStep, ...] = ()
    legs: tuple[Leg, ...] = ()
    periods: tuple[Period, ...] = ()
    shortest: timedelta = timedelta(minutes=30)
    longest: timedelta = timedelta(hours=12)
    step: timedelta = timedelta(minutes=30)
    units_field: str | None = None
    units_label: object = _l("people")
    most_units: int = 200
    notice: timedelta = timedelta()
    notice_workdays: int = 0
    window: timedelta | None = timedelta(days=366)
    cancel_before: timedelta = timedelta(days=1)
    cancel_workdays: int = 0
    guests: Terms | None = None
    agreement: bool = False
    charges: Literal["", "minutes", "person_times"] = ""
    waiting: Literal["", "strict", "first_fit"] = ""
    offer_for: timedelta = timedelta(hours=24)
    hold_for: timedelta = timedelta(minutes=10)
    series: bool = False


Behaviour = Literal["scheduled", "pinned", "located", "attachable", "bookable", "illustrated"]
"""What an item of a content type can do, whatever its type."""


@dataclass(frozen=True, kw_only=True)
class ContentType:
    """A type of content that a base publishes beside pages and announcements.

    Attributes:
        slug: its key at the base and a part of its addresses.
        title: what one item is called (“Result list”).
        plural: what they are called together: the base's tab, the heading of the list.
        summary: what it is for, for those who write.
        icon: name of a Bootstrap Icon without `bi-`.
        fields: its schema; `Phone`, `Consent`, `File`, `Roster` and personal fields have no place in what is published.
        behaviours: `scheduled` (appears and leaves by the clock), `pinned` (can stand on top of the list), `located`
            (has a place), `attachable` (carries files), `illustrated` (shows pictures), `bookable` (leads to the
            registration for a session).
        template: name of a template in the plugin's `templates/` that shows an item, extending `content/typed.html`;
            none: that one.
        line: the same for an item in the list, extending `content/typed_line.html`.
        resource: name of a `Choice` whose values are slugs of the base's resources: an item then shows the facts of its
            resource, and how to book it.
        reviewed: whether an item needs review by who may publish also where the base does without.
        listed: whether the type has a tab of its own at the base.
        order: order of the list: `newest`, `title`, or the name of a field (the latest `Day` first).
        expires: after which time an item leaves unless its writer says otherwise; None: never.
    """

    slug: str
    title: object
    plural: object
    summary: object
    icon: str = "file-earmark-text"
    fields: tuple[Field, ...] = ()
    behaviours: frozenset[Behaviour] = frozenset({"scheduled", "attachable"})
    template: str = ""
    line: str = ""
    resource: str = ""
    reviewed: bool = False
    listed: bool = True
    order: str = "newest"
    expires: timedelta | None = None


@dataclass(frozen=True)
class Problem:
    """Why a booking may not be: a stable code, a sentence for people (what, why, way out), and the field it concerns.

    `field` is the name of an intake field, or "" for the booking as a whole. With `warning`, it is only told.
    """

    code: str
    message: object
    field: str = ""
    warning: bool = False


@dataclass(frozen=True)
class Person:
    """One person of a roster as rules see them: no name, no number.

    Attributes:
        index: recognises the same person again; None when the form asks for no identity-card number.
        details: values of the roster's further columns.
        born: date of birth as the identity-card number tells it, for rules about age.
    """

    index: str | None
    details: Mapping[str, str]
    born: date | None = None


@dataclass(frozen=True, kw_only=True)
class BookingRequest:
    """What somebody asks for, as deciding hooks see it.

    Attributes:
        base, kind: slugs.
        session_id: the session whose seats are asked for, or None.
        start, end: aware UTC, set-up and clean-up not included.
        units: number of seats.
        organisation_id, organisation_kind: who asks.
        answers: values by field name (personal ones left out; rosters are in `people`).
        people: the roster, if the form has one.
        resources: slugs and attributes of the resources that would be taken.
        booking_id: the booking when it is submitted again after a return, else None.
    """

    base: str
    kind: str
    session_id: int | None
    start: datetime
    end: datetime
    units: int
    organisation_id: int
    organisation_kind: str
    answers: Mapping[str, object]
    people: tuple[Person, ...]
    resources: Mapping[str, Mapping[str, object]]
    booking_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class BookingChange:
    """A change of state that has been committed, as notified plugins see it."""

    base: str
    kind: str
    booking_id: int
    ref: str
    session_id: int | None
    action: str
    state: str


@dataclass(frozen=True, kw_only=True)
class CalendarEntry:
    """What is about to be written into calendars, as decorating hooks see it: no more than that form tells its readers.

    Attributes:
        base: slug of the base.
        source: what it is.
        audience: `public` for the form that everybody may read, `full` for that of those whom it concerns.
        kind: slug of the booking kind, "" for a closure.
        title: its heading in that form.
        start, end: aware UTC, half-open.
        resources: slugs of the base's resources that it takes.
        id: the session, the booking or the closure; None for the public form of a booking.
    """

    base: str
    source: Literal["session", "booking", "closure"]
    audience: Literal["public", "full"]
    kind: str
    title: str
    start: datetime
    end: datetime
    resources: tuple[str, ...] = ()
    id: int | None = None


@dataclass(frozen=True, kw_only=True)
class CalendarText:
    """What a plugin adds to a calendar entry: below its description, behind its location, beside its category."""

    description: object = ""
    location: object = ""
    category: object = ""


@dataclass(frozen=True, kw_only=True)
class DemoSession:
    """A session of the demo: `day` counts from the Monday of the current week."""

    kind: str
    title: str
    day: int
    starts: time
    ends: time
    seats: int
    uses: tuple[str, ...] = ()
    text: str = ""
    published: bool = True


@dataclass(frozen=True, kw_only=True)
class DemoBooking:
    """A booking of the demo, made through the same service as a contact's.

    `session` is the position in `DemoData.sessions` (session kinds); slot kinds give day, times or period, and picks
    (leg position → resource slug). `weeks` above 1 makes it a series, weekly from that day on, statutory holidays left
    out. With `wait`, the organisation waits where all is taken. `then` lists the actions taken after submission:
    `approve` (the first step of the chain only), `confirm` (every step), `return`, `reject`, `cancel`, `check_in`,
    `complete`, `miss`; `check_in` is left out until the booking begins, the last two while its end lies ahead.
    """

    kind: str
    organisation: str
    answers: Mapping[str, object]
    session: int | None = None
    day: int | None = None
    starts: time | None = None
    ends: time | None = None
    period: str | None = None
    picks: Mapping[int, str] = field(default_factory=dict)
    weeks: int = 1
    wait: bool = False
    then: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class DemoClosure:
    """A closure of the demo, of a resource by its slug: `day` counts from the Monday of the current week."""

    resource: str
    day: int
    starts: time
    ends: time
    reason: str


@dataclass(frozen=True, kw_only=True)
class DemoDay:
    """A day of the demo on which the base is open at other times than usual, or, without times, closed."""

    day: int
    note: str
    opens: time | None = None
    closes: time | None = None


@dataclass(frozen=True, kw_only=True)
class DemoAnnouncement:
    """An announcement of the demo.

    Attributes:
        slug: last part of its address.
        title, body: heading, and text in Markdown.
        days_ago: how many days before today it was published; less than none: it is to appear so many days ahead.
        pinned_days, expires_days: days from today until when it stands on top, and until when it is public: 0 for not
            at all, and for ever; less than none: it is over since.
        category: slug of a category.
        reference: number of the official document.
        location: where what it announces takes place.
        event_day: on which day, counted from the Monday of this week; None for no event.
        event_starts, event_ends: from when to when; without them it lasts whole days.
        event_days: how many days.
        session: position in `DemoData.sessions` of the session that it invites to.
        places: slugs of further bases at which it is shown; those that are not there are left out.
        state: `published`, or `draft` and `in_review`, which the base's publisher wrote.
        picture: what a picture in the text shows, "" for none; one is drawn.
        document: title of a PDF that is attached, "" for none; one is made.
    """

    slug: str
    title: str
    body: str
    days_ago: int = 1
    pinned_days: int = 0
    expires_days: int = 0
    category: str = ""
    reference: str = ""
    location: str = ""
    event_day: int | None = None
    event_starts: time | None = None
    event_ends: time | None = None
    event_days: int = 1
    session: int | None = None
    places: tuple[str, ...] = ()
    state: Literal["published", "draft", "in_review"] = "published"
    picture: str = ""
    document: str = ""


@dataclass(frozen=True, kw_only=True)
class DemoContent:
    """An item of a content type of the demo, published `days_ago` days before today; `body` is Markdown."""

    type: str
    slug: str
    title: str
    fields: Mapping[str, object] = field(default_factory=dict)
    body: str = ""
    days_ago: int = 1
    location: str = ""


@dataclass(frozen=True, kw_only=True)
class DemoData:
    """What `jidi demo` loads for a base. At the end, what was given back is offered to those who wait."""

    sessions: tuple[DemoSession, ...] = ()
    bookings: tuple[DemoBooking, ...] = ()
    closures: tuple[DemoClosure, ...] = ()
    special_days: tuple[DemoDay, ...] = ()
    announcements: tuple[DemoAnnouncement, ...] = ()
    content: tuple[DemoContent, ...] = ()
