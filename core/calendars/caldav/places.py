"""The addresses of the CalDAV server, and what stands at each for whoever asks.

    /caldav/                          where a program that was told no more begins
    /caldav/users/<id>/               an account: principal and calendar home in one (RFC 4791, 6.2.1)
    /caldav/users/<id>/<calendar>/    a calendar the account may read
    /caldav/calendars/                the public calendars
    /caldav/calendars/<calendar>/     one of them, for everybody; a private one, for who may read it

A calendar's name is its key with a hyphen for the colon; an entry in it is `<uid>.ics`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from urllib.parse import unquote

from flask import current_app
from werkzeug import Request

from core.calendars import access, collections, reading, tokens
from core.calendars.caldav import rows
from core.calendars.caldav.refusals import Refused, Unauthorized
from core.calendars.caldav.rows import Item
from core.calendars.collections import Calendar
from core.calendars.tokens import Found
from core.db import db

ROOT = "/caldav/"
USERS = f"{ROOT}users/"
CALENDARS = f"{ROOT}calendars/"

OFFERED = frozenset({"portal", "base"})
"""Kinds of public calendars that an account is offered: those of each resource and kind would fill a phone."""

_KNOWN = "jidi_caldav_known"
_MOST = 10_000


@dataclass(frozen=True)
class Account:
    """Whose credentials came with a request, and the calendars that stand in the account's home, by their names."""

    found: Found
    user_id: int
    email: str
    name: str
    calendars: Mapping[str, Calendar]


@dataclass(frozen=True)
class Place:
    """What a request is about.

    Attributes:
        kind: `root`, `home`, `public`, `calendar` or `item`.
        path: its path as hrefs have it, below the server.
        account: who asks; None: somebody without credentials.
        calendar: the calendar, or that of the item.
        uid: of the item.
        numbers: of `site`, of `access` (`versions.py`) and of the calendar, before it was found.
    """

    kind: str
    path: str
    account: Account | None
    calendar: Calendar | None = None
    uid: str = ""
    numbers: tuple[int, int, int] = (0, 0, 0)

    @property
    def key(self) -> str:
        """The key of the calendar, or "" where there is none."""
        return self.calendar.key if self.calendar is not None else ""

    @property
    def change(self) -> int:
        """The change number of the calendar, before it was found."""
        return self.numbers[2]

    @property
    def folder(self) -> str:
        """The path of the calendar that an item stands in."""
        return self.path.rpartition("/")[0] + "/"

    @property
    def home(self) -> str:
        """The path of the account that asks, or ""."""
        return f"{self.path.partition(ROOT)[0]}{USERS}{self.account.user_id}/" if self.account else ""

    def item(self) -> Item:
        """Return the entry that stands here.

        Raises:
            Refused: 404, none does.
        """
        found = rows.item(self.calendar.key, self.uid) if self.calendar is not None else None
        if found is None:
            raise Refused(404, "there is no such entry in this calendar")
        return found


def find(request: Request) -> Place:
    """Return what a request is about.

    Raises:
        Unauthorized: credentials are wrong, or are needed.
        Refused: 404, nothing is there, or nothing for this reader.
    """
    parts = request.path.removeprefix(ROOT).rstrip("/").split("/")
    known, numbers = _known(key_of(parts))
    account = known.account(request)
    script = request.root_path.rstrip("/")
    match parts:
        case [""]:
            if account is None:
                raise Unauthorized
            return Place("root", script + ROOT, account)
        case ["calendars"]:
            return Place("public", script + CALENDARS, account)
        case ["calendars", name, *rest] if len(rest) <= 1:
            return replace(known.place(script + CALENDARS, name, rest, account), numbers=numbers)
        case ["users", number, *rest] if len(rest) <= 2:
            if account is None:
                raise Unauthorized
            if number != str(account.user_id):
                raise Refused(404, "there is no such account, or it is not yours")
            home = f"{script}{USERS}{number}/"
            if not rest:
                return Place("home", home, account)
            return replace(known.place(home, rest[0], rest[1:], account), numbers=numbers)
    raise Refused(404, "nothing is here")


def key_of(parts: list[str]) -> str:
    """Return the key of the calendar that a path names, if it names one."""
    place = {"calendars": 1, "users": 2}.get(parts[0], 0)
    name = parts[place] if 0 < place < len(parts) else ""
    return "" if "\0" in name else name.replace("-", ":", 1)


def uid_of(name: str) -> str:
    """Return the UID that the last part of an entry's address names, or ""."""
    name = unquote(name)
    return name.removesuffix(".ics") if name.endswith(".ics") and "\0" not in name else ""


def name_of(calendar: Calendar) -> str:
    """Return a calendar's name in addresses."""
    return calendar.key.replace(":", "-")


def members(place: Place) -> list[Place]:
    """Return what stands in a place that is neither a calendar nor an entry."""
    account, script = place.account, place.path.partition(ROOT)[0]
    if place.kind == "root":
        return [Place("home", place.home, account), Place("public", script + CALENDARS, account)]
    calendars = account.calendars if place.kind == "home" and account is not None else _known("")[0].public()
    return [Place("calendar", f"{place.path}{name}/", account, calendar) for name, calendar in calendars.items()]


class _Known:
    """What paths and credentials mean, kept while nothing changes that they depend on."""

    def __init__(self, site: int, access: int) -> None:
        self.marks = site, access
        self._accounts: dict[bytes, Account] = {}
        self._calendars: dict[str, Calendar] = {}
        self._public: dict[str, Calendar] | None = None

    def account(self, request: Request) -> Account | None:
        """Return whose credentials came with a request, or None when none came."""
        if "Authorization" not in request.headers:
            return None
        sent = request.authorization
        if sent is None or sent.type != "basic" or not sent.username or not sent.password:
            raise Unauthorized
        digest = sha256(f"{sent.username}\0{sent.password}".encode()).digest()
        account = self._accounts.get(digest)
        if account is None:
            account = _account(sent.username, sent.password)
            if len(self._accounts) < _MOST:
                self._accounts[digest] = account
        return account

    def place(self, folder: str, name: str, rest: list[str], account: Account | None) -> Place:
        """Return the calendar of a name in a folder, or the entry in it that the rest of the path names."""
        calendar, path = self.calendar(name, account), f"{folder}{name}/"
        if not rest:
            return Place("calendar", path, account, calendar)
        uid = uid_of(rest[0])
        if not uid:
            raise Refused(404, "an entry's name ends with .ics")
        return Place("item", f"{path}{uid}.ics", account, calendar, uid)

    def calendar(self, name: str, account: Account | None) -> Calendar:
        """Return the calendar of a name, if it is one this reader may read."""
        if account is not None and name in account.calendars:
            return account.calendars[name]
        if name.partition("-")[0] in access.PUBLIC:
            calendar = self._calendars.get(name) or self._find(name)
            if calendar is not None:
                return calendar
        elif account is None:
            raise Unauthorized  # whether there is such a private one is nobody's business: it is not even looked for
        raise Refused(404, "there is no such calendar, or none for you")

    def public(self) -> dict[str, Calendar]:
        """Return the public calendars by their names."""
        if self._public is None:
            self._public = {name_of(calendar): calendar for calendar in collections.public_calendars()}
        return self._public

    def _find(self, name: str) -> Calendar | None:
        calendar = collections.find(name.replace("-", ":", 1))
        if calendar is None or name_of(calendar) != name:
            return None
        if len(self._calendars) < _MOST:
            self._calendars[name] = calendar
        return calendar


def _account(email: str, password: str) -> Account:
    found = tokens.find_account(email, password)
    if found is None:
        raise Unauthorized
    user = found.user
    calendars = [
        calendar
        for calendar in access.calendars_of(user)
        if not calendar.public or calendar.key.partition(":")[0] in OFFERED
    ]
    named = {name_of(calendar): calendar for calendar in calendars}
    return Account(found, user.id, user.email, user.name, named)


def _known(key: str) -> tuple[_Known, tuple[int, int, int]]:
    """Return what is known, as long as no site, user or token has changed since, and the numbers of a place."""
    numbers = reading.numbers(key)
    marks = numbers.get("site", 0), numbers.get("access", 0)
    known: _Known | None = current_app.extensions.get(_KNOWN)
    if known is None or known.marks != marks:
        db.session.rollback()  # what is found from here on is no older than the numbers
        known = current_app.extensions[_KNOWN] = _Known(*marks)
    return known, (*marks, numbers.get("", 0))
