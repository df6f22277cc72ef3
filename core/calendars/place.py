"""Where a calendar page stands: view, day, what it is narrowed to; read from the address and written back."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from flask import request
from flask_babel import gettext as _

from core import clock, dates, errors
from core.calendars.narrowing import NOTHING, Narrowing, Offer

VIEWS = ("month", "week", "list", "timeline", "day")
"""`timeline` and `day`: resources as rows, over a week or over one day."""

ROWS = ("timeline", "day")
ARGS = ("view", "date", "base", "kind", "resource", "state", "show")
"""The query arguments of a calendar page, in the order in which its addresses name them."""

LONGEST = dt.timedelta(days=100)
"""The longest span that a page may ask entries for; a month's sheet has six weeks."""


@dataclass(frozen=True)
class Place:
    """A view on a day: the days one step before and after, and the span that the list without script shows.

    Attributes:
        offer: what can be chosen here.
        chosen: what it is narrowed to.
        named: the arguments of the address that say where it stands; the others are not written back.
    """

    path: str
    view: str
    date: dt.date
    previous: dt.date
    following: dt.date
    start: dt.datetime
    end: dt.datetime
    offer: Offer
    chosen: Narrowing
    named: frozenset[str] = field(default=frozenset())

    @property
    def views(self) -> Sequence[str]:
        """The views there are here."""
        return VIEWS if self.offer.resources else [view for view in VIEWS if view not in ROWS]

    @property
    def address(self) -> str:
        """The one address of what is shown: no argument in it is empty or says what is so anyhow."""
        query: dict[str, str] = {}
        if "view" in self.named:
            query["view"] = self.view
        if "date" in self.named:
            query["date"] = self.date.isoformat()
        query.update(self.chosen.args)
        return f"{self.path}?{urlencode(query, safe=',')}" if query else self.path

    @property
    def title(self) -> str:
        """The time that is shown in words: 2026年12月, or from which day to which."""
        return dates.month_of_year(self.date) if self.view in {"month", "list"} else dates.span(self.start, self.end)

    @property
    def untidy(self) -> bool:
        """Whether it was asked for by a form that sends its empty fields too."""
        return any(name in request.args and not request.args[name] for name in ARGS)

    @property
    def clear(self) -> str:
        """The address of the same view and day with nothing left out."""
        return replace(self, chosen=NOTHING).address

    def at(self, view: str, date: dt.date) -> str:
        """Return the address of another view or day, narrowed as this one."""
        return replace(self, view=view, date=date, named=frozenset({"view", "date"})).address

    def toggled(self, name: str, value: str) -> str:
        """Return the address with a value of `base`, `state` or `show` taken out, or put back."""
        return replace(self, chosen=self.chosen.toggled(self.offer, name, value)).address

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the form of `kind` and `resource` sends along, as pairs of name and value."""
        query = {"view": self.view, "date": self.date.isoformat()}
        kept = [(name, query[name]) for name in ("view", "date") if name in self.named]
        return kept + [(name, value) for name, value in self.chosen.args.items() if name not in {"kind", "resource"}]


def read_place(offer: Offer) -> Place:
    """Return the place that the address names; what makes no sense there is today's month, with nothing left out."""
    view = request.args.get("view", "")
    known = view in VIEWS and (view not in ROWS or bool(offer.resources))
    named = {"view"} if known else set()
    view = view if known else "month"
    day = read_day("date")
    if day is not None:
        named.add("date")
    day = day or clock.today()
    first, previous, following = _steps(view, day)
    return Place(
        path=request.path,
        view=view,
        date=day,
        previous=previous,
        following=following,
        start=clock.bounds(first)[0],
        end=clock.bounds(following)[0],
        offer=offer,
        chosen=offer.read(request.args),
        named=frozenset(named),
    )


def read_span() -> tuple[dt.datetime, dt.datetime]:
    """Return the span that a script asks for with `start` and `end` (days, the end not included).

    Raises:
        errors.Invalid: one is missing or no date, the end is not after the start, or the span is too long.
    """
    start, end = read_day("start"), read_day("end")
    if start is None or end is None or not start < end <= start + LONGEST:
        raise errors.Invalid(
            {"start": str(_("“start” and “end” are days such as 2026-12-01, at most 100 days apart."))}
        )
    return clock.bounds(start)[0], clock.bounds(end)[0]


def _steps(view: str, day: dt.date) -> tuple[dt.date, dt.date, dt.date]:
    """Return the first day of what a view shows, and those one step before and after."""
    if view == "day":
        return day, day - dt.timedelta(days=1), day + dt.timedelta(days=1)
    if view in {"week", "timeline"}:
        first = day - dt.timedelta(days=day.weekday())
        return first, first - dt.timedelta(days=7), first + dt.timedelta(days=7)
    first = day.replace(day=1)
    return first, (first - dt.timedelta(days=1)).replace(day=1), (first + dt.timedelta(days=32)).replace(day=1)


def read_day(name: str) -> dt.date | None:
    """Return the day that a query argument names; None where it is no day of this century."""
    try:
        day = dt.date.fromisoformat(request.args.get(name, "")[:10])
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None
