"""Every address × every role: the answers are written out by hand here, and an address that is missing fails."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask, url_for

from core import config
from core.app import create_app
from core.db import db
from tests.access.walk import NEIGHBOUR, ROLES, World, add_media, add_series, letter, signed_in, survey
from tests.conftest import Demo
from tests.support.databases import Databases

# One letter for each role: visitor, owner of the booking, stranger (another organisation's contact), instructor,
# publisher, manager, neighbour (another base's manager), office, administrator.
#   o shown   > done, or led on   s asked to sign in   ! input refused   x forbidden   - nothing there   g gone
# Forms are sent empty: where they are refused for their content (!), the role was let in.
TABLE = {
    # What anybody may read
    ("GET", "/pages/<path:path>"): "ooooooooo",
    ("GET", "/robots.txt"): "ooooooooo",
    ("GET", "/sitemap.xml"): "ooooooooo",
    ("GET", "/sitemap-<int:part>.xml"): "ooooooooo",
    ("GET", "/"): "ooooooooo",
    ("GET", "/announcements.atom"): "ooooooooo",
    ("GET", "/announcements/"): "ooooooooo",
    ("GET", "/announcements/<slug>"): "---------",
    ("GET", "/announcements/<slug>.ics"): "---------",
    ("GET", "/bases.css"): "ooooooooo",
    ("GET", "/bases/"): "ooooooooo",
    ("GET", "/bases/<base>/"): "ooooooooo",
    ("GET", "/bases/<base>/announcements.atom"): "ooooooooo",
    ("GET", "/bases/<base>/announcements/"): "ooooooooo",
    ("GET", "/bases/<base>/announcements/<slug>"): "ooooooooo",
    ("GET", "/bases/<base>/announcements/<slug>.ics"): "---------",  # it has no date
    ("GET", "/bases/<base>/calendar"): "ooooooooo",
    ("GET", "/bases/<base>/calendar.ics"): "ooooooooo",
    ("GET", "/bases/<base>/kinds/<kind>.ics"): "ooooooooo",
    ("GET", "/bases/<base>/calendar/events.json"): "!!!!!!!!!",
    ("GET", "/bases/<base>/calendar/rows.json"): "!!!!!!!!!",
    ("GET", "/bases/<base>/calendar/term"): "ooooooooo",
    ("GET", "/bases/<base>/content/<type>/"): "ooooooooo",
    ("GET", "/bases/<base>/content/<type>/<slug>"): "ooooooooo",
    ("GET", "/bases/<base>/pages/<path:path>"): "ooooooooo",
    ("GET", "/bases/<base>/resources/<resource>.ics"): "ooooooooo",
    ("GET", "/bases/<base>/resources/<resource>.ifb"): "ooooooooo",
    ("GET", "/bases/<base>/sessions/<int:id>"): "ooooooooo",
    ("GET", "/bases/<base>/sessions/<int:id>.ics"): "ooooooooo",
    ("GET", "/bases/<slug>/static/<path:filename>"): "---------",
    ("GET", "/search"): "ooooooooo",
    ("GET", "/bases/competition/draws/"): "ooooooooo",
    ("GET", "/bases/competition/draws/<int:session_id>"): "ooooooooo",
    ("POST", "/bases/competition/draws/<int:session_id>"): "!!!!!!!!!",
    ("POST", "/bases/competition/draws/<int:session_id>/time"): "sxxxx>x>x",
    ("GET", "/calendar"): "ooooooooo",
    ("GET", "/calendar.ics"): "ooooooooo",
    ("GET", "/caldav/"): "sssssssss",
    ("GET", "/calendars/<token>.ics"): "---------",
    ("GET", "/calendar/events.json"): "!!!!!!!!!",
    ("GET", "/calendar/subscribe"): "ooooooooo",
    ("GET", "/calendar/term"): "ooooooooo",
    ("GET", "/embed/bases/<base>/calendar"): "ooooooooo",
    ("GET", "/embed/calendar"): "ooooooooo",
    ("GET", "/healthz"): "ooooooooo",
    ("GET", "/help"): "ooooooooo",
    ("GET", "/privacy"): "ooooooooo",
    ("GET", "/readyz"): "ooooooooo",
    ("GET", "/static/<path:filename>"): "---------",
    # Accounts
    ("GET", "/account/"): "soooooooo",
    ("POST", "/account/"): "s!!!!!!!!",
    ("GET", "/account/forgot"): "ooooooooo",
    ("POST", "/account/forgot"): "!!!!!!!!!",
    ("GET", "/account/invitation/<token>"): "ggggggggg",
    ("POST", "/account/invitation/<token>"): "ggggggggg",
    ("GET", "/account/tokens"): "soooooooo",
    ("POST", "/account/tokens"): "s!!!!!!!!",
    ("POST", "/account/tokens/<int:token_id>/revoke"): "s--------",
    ("GET", "/account/calendars"): "soooooooo",
    ("POST", "/account/calendars"): "s!!!!!!!!",
    ("POST", "/account/calendars/<int:token_id>/revoke"): "s--------",
    ("POST", "/account/calendars/<int:token_id>/rotate"): "s--------",
    ("POST", "/account/password"): "s!!!!!!!!",
    ("GET", "/account/request"): "ooooooooo",
    ("POST", "/account/request"): "!!!!!!!!!",
    ("GET", "/account/reset/<token>"): "ggggggggg",
    ("POST", "/account/reset/<token>"): "ggggggggg",
    ("GET", "/account/sign-in"): "o>>>>>>>>",
    ("POST", "/account/sign-in"): "!!!!!!!!!",
    ("POST", "/account/sign-out"): ">>>>>>>>>",
    ("GET", "/messages/"): "soooooooo",
    ("POST", "/messages/<int:message_id>"): "s--------",
    ("POST", "/messages/read"): "s>>>>>>>>",
    # Booking
    ("GET", "/bases/<base>/book/"): "ooooooooo",
    ("GET", "/bases/<base>/book/<kind>"): "sooxxoxox",
    ("POST", "/bases/<base>/book/<kind>"): "sooxxoxox",
    ("GET", "/bases/<base>/book/<kind>/series"): "s--xx-x-x",
    ("POST", "/bases/<base>/book/<kind>/series"): "s--xx-x-x",
    ("GET", "/bookings/"): "soooooooo",
    ("GET", "/bookings/agreements/"): "soooooooo",
    ("GET", "/bookings/agreements/quotas/<int:quota_id>"): "so-------",
    ("GET", "/bookings/<ref>"): "so---o-o-",
    ("POST", "/bookings/<ref>/cancel"): "s!---!-!-",
    ("POST", "/bookings/<ref>/accept"): "s>--->->-",
    ("GET", "/bookings/<ref>/edit"): "s!---x-x-",
    ("POST", "/bookings/<ref>/edit"): "s!---x-x-",
    ("GET", "/bookings/<ref>/files/<int:id>"): "s--------",
    ("POST", "/bookings/<ref>/release"): "s--------",
    ("POST", "/bookings/<ref>/personal"): "sx---o-x-",
    ("GET", "/bookings/<ref>/move"): "so---o-o-",
    ("POST", "/bookings/<ref>/move"): "s!---!-!-",
    ("GET", "/bookings/<ref>/print"): "so---o-o-",
    ("GET", "/bookings/series/<int:id>"): "so---o-o-",
    ("GET", "/bookings/series/<int:id>/edit"): "so---o-o-",
    ("POST", "/bookings/series/<int:id>/edit"): "so---o-o-",
    ("POST", "/bookings/series/<int:id>/add"): "s!---!-!-",
    ("POST", "/bookings/series/<int:id>/cancel"): "s!---!-!-",
    # Programs: the public part first, then what needs a token; their bodies are empty
    ("GET", "/api/v1/openapi.json"): "ooooooooo",
    ("GET", "/api/v1/announcements"): "ooooooooo",
    ("GET", "/api/v1/announcements/<int:id>"): "ooooooooo",
    ("GET", "/api/v1/bases"): "ooooooooo",
    ("GET", "/api/v1/bases/<base>"): "ooooooooo",
    ("GET", "/api/v1/bases/<base>/availability"): "!!!!!!!!!",
    ("GET", "/api/v1/bases/<base>/closures"): "!!!!!!!!!",
    ("GET", "/api/v1/bases/<base>/kinds"): "ooooooooo",
    ("GET", "/api/v1/bases/<base>/kinds/<kind>"): "ooooooooo",
    ("GET", "/api/v1/bases/<base>/resources"): "ooooooooo",
    ("GET", "/api/v1/bases/<base>/sessions"): "!!!!!!!!!",
    ("GET", "/api/v1/bookings"): "soooooooo",
    ("POST", "/api/v1/bookings"): "s!!!!!!!!",
    ("GET", "/api/v1/bookings/<ref>"): "so---o-o-",
    ("POST", "/api/v1/bookings/<ref>/<any(submit, cancel, reschedule, approve, reject, return, accept):action>"): (
        "so---!-!-"  # who manages the base has to say why
    ),
    ("POST", "/api/v1/holds"): "s!!!!!!!!",
    ("DELETE", "/api/v1/holds/<ref>"): "s--------",
    ("POST", "/api/v1/series"): "s!!!!!!!!",
    ("POST", "/api/v1/series/preview"): "s!!!!!!!!",
    # Managing a base
    ("GET", "/manage/<base>/"): "sxxxxoxox",
    ("GET", "/manage/<base>/bookings/"): "sxxxxoxox",
    ("POST", "/manage/<base>/bookings/<ref>/<action>"): "sxxxx>xxx",
    ("GET", "/manage/<base>/closures/"): "sxxxxoxox",
    ("POST", "/manage/<base>/closures/"): "sxxxx!x!x",
    ("POST", "/manage/<base>/closures/<int:id>/lift"): "sxxxx-x-x",
    ("GET", "/manage/<base>/hours"): "sxxxxoxox",
    ("POST", "/manage/<base>/hours"): "sxxxx>x>x",
    ("POST", "/manage/<base>/hours/days"): "sxxxx!x!x",
    ("POST", "/manage/<base>/hours/days/remove"): "sxxxx!x!x",
    ("GET", "/manage/<base>/hours/periods/<period>"): "sxxxx-x-x",
    ("POST", "/manage/<base>/hours/periods/<period>"): "sxxxx-x-x",
    ("POST", "/manage/<base>/hours/periods/<period>/switch"): "sxxxx-x-x",
    ("GET", "/manage/<base>/hours/periods/new"): "sxxxxoxox",
    ("POST", "/manage/<base>/hours/periods/new"): "sxxxx!x!x",
    ("GET", "/manage/<base>/resources/<resource>/hours"): "sxxxxoxox",
    ("POST", "/manage/<base>/resources/<resource>/hours"): "sxxxx>x>x",
    ("POST", "/manage/<base>/resources/<resource>/hours/days"): "sxxxx!x!x",
    ("POST", "/manage/<base>/resources/<resource>/hours/days/remove"): "sxxxx!x!x",
    ("GET", "/manage/<base>/kinds/"): "sxxxxoxox",
    ("GET", "/manage/<base>/kinds/<kind>"): "sxxxxoxox",
    ("POST", "/manage/<base>/kinds/<kind>"): "sxxxx!x!x",
    ("POST", "/manage/<base>/kinds/<kind>/reset"): "sxxxx>x>x",
    ("GET", "/manage/<base>/resources/"): "sxxxxoxox",
    ("GET", "/manage/<base>/resources/<resource>"): "sxxxxoxox",
    ("POST", "/manage/<base>/resources/<resource>"): "sxxxx!x!x",
    ("POST", "/manage/<base>/resources/<resource>/retire"): "sxxxx!x!x",
    ("POST", "/manage/<base>/resources/<resource>/return"): "sxxxx>x>x",
    ("GET", "/manage/<base>/resources/import"): "sxxxxoxox",
    ("POST", "/manage/<base>/resources/import"): "sxxxx!x!x",
    ("GET", "/manage/<base>/resources/import/template.xlsx"): "sxxxxoxox",
    ("GET", "/manage/<base>/resources/new"): "sxxxxoxox",
    ("POST", "/manage/<base>/resources/new"): "sxxxx!x!x",
    ("GET", "/manage/<base>/schedule"): "sxxoxoxox",
    ("GET", "/manage/<base>/sessions/"): "sxxxxoxox",
    ("GET", "/manage/<base>/sessions/<int:id>"): "sxxxxoxox",
    ("POST", "/manage/<base>/sessions/<int:id>"): "sxxxx!x!x",
    ("POST", "/manage/<base>/sessions/<int:id>/cancel"): "sxxxx!x!x",
    ("GET", "/manage/<base>/sessions/<int:id>/copy"): "sxxxxoxox",
    ("POST", "/manage/<base>/sessions/<int:id>/copy"): "sxxxx!x!x",
    ("POST", "/manage/<base>/sessions/<int:id>/publish"): "sxxxx>x>x",
    ("GET", "/manage/<base>/sessions/import"): "sxxxxoxox",
    ("POST", "/manage/<base>/sessions/import"): "sxxxx!x!x",
    ("GET", "/manage/<base>/sessions/import/template.xlsx"): "sxxxxoxox",
    ("GET", "/manage/<base>/sessions/new"): "sxxxxoxox",
    ("POST", "/manage/<base>/sessions/new"): "sxxxx!x!x",
    ("GET", "/manage/<base>/settings"): "sxxxxoxox",
    ("POST", "/manage/<base>/settings"): "sxxxx>x>x",
    ("GET", "/manage/<base>/timeline"): "sxxxxoxox",
    ("GET", "/manage/<base>/timeline.json"): "sxxxx!x!x",
    ("POST", "/manage/<base>/timeline/<ref>"): "sxxxx!x!x",
    ("GET", "/manage/<base>/waiting/"): "sxxxxoxox",
    ("GET", "/manage/<scope>/announcements/"): "sxxxooxox",
    ("GET", "/manage/<scope>/announcements/<int:id>"): "sxxxooxox",
    ("POST", "/manage/<scope>/announcements/<int:id>"): "sxxx!!x!x",
    ("POST", "/manage/<scope>/announcements/<int:id>/publish"): "sxxxx>x>x",
    ("GET", "/manage/<scope>/announcements/new"): "sxxxooxox",
    ("POST", "/manage/<scope>/announcements/new"): "sxxx!!x!x",
    ("GET", "/manage/<scope>/autosave.json"): "sxxxooxox",
    ("POST", "/manage/<scope>/autosave.json"): "sxxx!!x!x",
    ("POST", "/manage/<scope>/autosaves/<key>/drop"): "sxxx--x-x",
    ("GET", "/manage/<scope>/content/<type>/"): "sxxxooxox",
    ("GET", "/manage/<scope>/content/<type>/<int:id>"): "sxxxooxox",
    ("POST", "/manage/<scope>/content/<type>/<int:id>"): "sxxx!!x!x",
    ("GET", "/manage/<scope>/content/<type>/new"): "sxxxooxox",
    ("POST", "/manage/<scope>/content/<type>/new"): "sxxx!!x!x",
    ("GET", "/manage/consortium/left-content/"): "sxxxxxxox",
    ("GET", "/manage/consortium/left-content/<int:id>"): "sxxxxxx-x",
    ("GET", "/manage/<scope>/links.json"): "sxxxooxox",
    ("GET", "/manage/<scope>/media/"): "sxxxooxox",
    ("POST", "/manage/<scope>/media/"): "sxxx!!x!x",
    ("GET", "/manage/<scope>/media/<int:id>"): "sxxxooxox",
    ("POST", "/manage/<scope>/media/<int:id>"): "sxxx!!x!x",
    ("POST", "/manage/<scope>/media/<int:id>/replace"): "sxxx!!x!x",
    ("POST", "/manage/<scope>/media/<int:id>/restore"): "sxxx--x-x",
    ("POST", "/manage/<scope>/media/<int:id>/trash"): "sxxx>>x>x",
    ("GET", "/manage/<scope>/media/pick.json"): "sxxxooxox",
    ("POST", "/manage/<scope>/media/upload.json"): "sxxx!!x!x",
    ("GET", "/manage/<scope>/pages/"): "sxxxooxox",
    ("POST", "/manage/<scope>/pages/"): "sxxx--x-x",
    ("GET", "/manage/<scope>/pages/<int:id>/shipped"): "sxxx--x-x",
    ("POST", "/manage/<scope>/pages/<int:id>/shipped"): "sxxxx>x>x",
    ("GET", "/manage/consortium/portal/"): "sxxxxxxox",
    ("POST", "/manage/consortium/portal/"): "sxxxxxx>x",
    ("GET", "/manage/consortium/portal/<int:id>"): "sxxxxxxox",
    ("POST", "/manage/consortium/portal/<int:id>"): "sxxxxxx>x",
    ("POST", "/manage/consortium/portal/<int:id>/remove"): "sxxxxxx>x",
    ("POST", "/manage/consortium/portal/<int:id>/shown"): "sxxxxxx>x",
    ("GET", "/manage/consortium/portal/frame"): "sxxxxxxox",
    ("POST", "/manage/consortium/portal/frame"): "sxxxxxx>x",
    ("POST", "/manage/consortium/portal/order"): "sxxxxxx>x",
    ("GET", "/manage/consortium/portal/preview"): "sxxxxxxox",
    ("GET", "/manage/<scope>/pages/<int:id>"): "sxxxooxox",
    ("POST", "/manage/<scope>/pages/<int:id>"): "sxxx!!x!x",
    ("GET", "/manage/<scope>/pages/new"): "sxxxooxox",
    ("POST", "/manage/<scope>/pages/new"): "sxxx!!x!x",
    ("GET", "/manage/<scope>/bin"): "sxxxooxox",
    ("POST", "/manage/<scope>/bin/<int:id>/recover"): "sxxxx>x>x",
    ("GET", "/manage/<scope>/items/<int:id>/"): "sxxxooxox",
    ("POST", "/manage/<scope>/items/<int:id>/archive"): "sxxxx>x>x",
    ("POST", "/manage/<scope>/items/<int:id>/discard"): "sxxx!!x!x",
    ("GET", "/manage/<scope>/items/<int:id>/history"): "sxxxooxox",
    ("GET", "/manage/<scope>/items/<int:id>/history/<int:number>"): "sxxxooxox",
    ("GET", "/manage/<scope>/items/<int:id>/move"): "sxxxooxox",
    ("POST", "/manage/<scope>/items/<int:id>/move"): "sxxx!!x!x",
    ("GET", "/manage/<scope>/items/<int:id>/preview-link"): "sxxxooxox",
    ("POST", "/manage/<scope>/items/<int:id>/preview-link"): "sxxx>>x>x",
    ("POST", "/manage/<scope>/items/<int:id>/reopen"): "sxxxx!x!x",
    ("POST", "/manage/<scope>/items/<int:id>/restore"): "sxxx--x-x",
    ("POST", "/manage/<scope>/items/<int:id>/trash"): "sxxxx>x>x",
    ("POST", "/manage/<scope>/items/<int:id>/undo"): "sxxx>>x>x",
    ("GET", "/manage/<scope>/review"): "sxxxooxox",
    ("GET", "/manage/<scope>/review/<int:id>"): "sxxxx>x>x",
    ("POST", "/manage/<scope>/review/<int:id>"): "sxxxx>x>x",
    ("POST", "/manage/<scope>/review/<int:id>/publish"): "sxxxx>x>x",
    ("GET", "/preview/<token>"): "---------",
    # A file that nothing public uses
    ("GET", "/media/<int:id>/<name>"): "---->>->-",
    ("GET", "/media/<int:id>/w<int:width>/<name>"): "---->>->-",
    # Managing the consortium and the site
    ("GET", "/manage/consortium/synonyms"): "sxxxxxxox",
    ("POST", "/manage/consortium/synonyms"): "sxxxxxx!x",
    ("POST", "/manage/consortium/synonyms/<int:id>"): "sxxxxxx-x",
    ("GET", "/manage/delegations"): "sxxxxooox",
    ("POST", "/manage/delegations"): "sxxxx!!!x",
    ("POST", "/manage/delegations/<int:id>/end"): "s--------",
    ("GET", "/manage/waiting"): "sxxxxooox",
    ("POST", "/manage/waiting"): "sxxxx>>>x",
    ("GET", "/manage/"): "sxxo>>>oo",
    ("GET", "/manage/instructors/"): "sxxxxxxox",
    ("GET", "/manage/instructors/<resource>"): "sxxxxxxox",
    ("POST", "/manage/instructors/<resource>"): "sxxxxxx>x",
    ("POST", "/manage/instructors/<resource>/retire"): "sxxxxxx!x",
    ("POST", "/manage/instructors/<resource>/return"): "sxxxxxx>x",
    ("GET", "/manage/instructors/new"): "sxxxxxxox",
    ("POST", "/manage/instructors/new"): "sxxxxxx!x",
    ("GET", "/manage/instructors/<resource>/hours"): "sxxxxxxox",
    ("POST", "/manage/instructors/<resource>/hours"): "sxxxxxx>x",
    ("POST", "/manage/instructors/<resource>/hours/days"): "sxxxxxx!x",
    ("POST", "/manage/instructors/<resource>/hours/days/remove"): "sxxxxxx!x",
    ("GET", "/manage/agreements/"): "sxxxxxxoo",
    ("GET", "/manage/agreements/<int:agreement_id>"): "sxxxxxxoo",
    ("POST", "/manage/agreements/<int:agreement_id>"): "sxxxxxx!!",
    ("POST", "/manage/agreements/<int:agreement_id>/end"): "sxxxxxx!!",
    ("GET", "/manage/agreements/<int:agreement_id>/quotas"): "sxxxxxxoo",
    ("POST", "/manage/agreements/<int:agreement_id>/quotas"): "sxxxxxx!!",
    ("GET", "/manage/agreements/new"): "sxxxxxxoo",
    ("POST", "/manage/agreements/new"): "sxxxxxx!!",
    ("GET", "/manage/agreements/quotas/<int:quota_id>"): "sxxxxxxoo",
    ("POST", "/manage/agreements/quotas/<int:quota_id>"): "sxxxxxx!!",
    ("POST", "/manage/agreements/quotas/<int:quota_id>/remove"): "sxxxxxx>>",
    ("GET", "/manage/organisations/"): "sxxxxxxoo",
    ("GET", "/manage/organisations/<int:organisation_id>"): "sxxxxxxoo",
    ("POST", "/manage/organisations/<int:organisation_id>"): "sxxxxxx!!",
    ("GET", "/manage/organisations/new"): "sxxxxxxoo",
    ("POST", "/manage/organisations/new"): "sxxxxxx!!",
    ("GET", "/manage/outbox/"): "sxxxxxxxo",
    ("GET", "/manage/outbox/<int:job_id>"): "sxxxxxxx-",
    ("GET", "/manage/outbox/<int:job_id>/calendar.ics"): "sxxxxxxx-",
    ("POST", "/manage/outbox/<int:job_id>/link"): "sxxxxxxx-",
    ("POST", "/manage/outbox/<int:job_id>/send"): "sxxxxxxx!",
    ("GET", "/manage/plugins/"): "sxxxxxxxo",
    ("POST", "/manage/plugins/<slug>/disable"): "sxxxxxxx>",
    ("POST", "/manage/plugins/<slug>/enable"): "sxxxxxxx>",
    ("GET", "/manage/requests/"): "sxxxxxxoo",
    ("GET", "/manage/requests/<int:request_id>"): "sxxxxxx--",
    ("POST", "/manage/requests/<int:request_id>/accept"): "sxxxxxx--",
    ("POST", "/manage/requests/<int:request_id>/decline"): "sxxxxxx--",
    ("GET", "/manage/terms/"): "sxxxxxxox",
    ("POST", "/manage/terms/"): "sxxxxxx!x",
    ("GET", "/manage/terms/<int:term_id>"): "sxxxxxx-x",
    ("POST", "/manage/terms/<int:term_id>"): "sxxxxxx-x",
    ("POST", "/manage/terms/<int:term_id>/remove"): "sxxxxxx-x",
    ("GET", "/manage/users/"): "sxxxxxxoo",
    ("GET", "/manage/users/<int:user_id>"): "sxxxxxxoo",
    ("POST", "/manage/users/<int:user_id>/activate"): "sxxxxxx>>",
    ("POST", "/manage/users/<int:user_id>/deactivate"): "sxxxxxx>>",
    ("POST", "/manage/users/<int:user_id>/invitation"): "sxxxxxx!!",
    ("POST", "/manage/users/<int:user_id>/roles"): "sxxxxxx!!",
    ("POST", "/manage/users/<int:user_id>/roles/<int:grant_id>/revoke"): "sxxxxxx!!",
    ("GET", "/manage/users/invite"): "sxxxxxxoo",
    ("POST", "/manage/users/invite"): "sxxxxxx!!",
    ("GET", "/manage/working-calendar/"): "sxxxxxxox",
    ("GET", "/manage/working-calendar/<int:year>"): "sxxxxxxox",
    ("POST", "/manage/working-calendar/<int:year>"): "sxxxxxx!x",
    ("POST", "/manage/working-calendar/<int:year>/plain"): "sxxxxxx!x",
    ("POST", "/manage/working-calendar/<int:year>/remove"): "sxxxxxx!x",
    ("GET", "/manage/working-calendar/new"): "sxxxxxxox",
    ("POST", "/manage/working-calendar/new"): "sxxxxxx!x",
}

OTHERS: dict[str, Callable[[World], dict[str, object]]] = {
    # Variables whose name alone does not say what they stand for.
    "/api/v1/bookings/": lambda world: {"action": "cancel"},
    "/content/": lambda world: {"type": "results", "slug": world.values["typed_slug"], "id": world.values["typed"]},
    "/bin/": lambda world: {"id": world.values["announcement"]},
    "/items/": lambda world: {"id": world.values["announcement"], "number": 1},
    "/review/": lambda world: {"id": world.values["announcement"]},
    "/announcements/": lambda world: {"slug": world.values["announcement_slug"], "id": world.values["announcement"]},
    "/draws/": lambda world: {"session_id": world.values["session"]},
    "/hours/periods/": lambda world: {"period": "unknown"},
    "/instructors/": lambda world: {"resource": "instructor-1"},
    "/organisations/": lambda world: {"organisation_id": world.values["organisation"]},
    "/media/": lambda world: {"id": world.values["media"], "name": "nowhere.png", "width": 320},
    "/pages/": lambda world: {"id": world.values["page"]},
    "/portal/": lambda world: {"id": world.values["section"]},
    "/plugins/": lambda world: {"slug": NEIGHBOUR},
    "/bookings/series/": lambda world: {"id": world.values["series"]},
    "/sitemap-": lambda world: {"part": 1},
    "/sessions/": lambda world: {"id": world.values["session"]},
    "/users/": lambda world: {"user_id": world.values["user"]},
    "/working-calendar/": lambda world: {"year": 2026},
}
NOWHERE: dict[str, object] = {"slug": "nowhere", "key": "nowhere", "token": "guessed", "filename": "nowhere.css"}
UNKNOWN_ID = 999_999


class Walked:
    """A site with the demo that is put back after each step."""

    def __init__(self, app: Flask, file: Path) -> None:
        self.app = app
        self.world = survey(app)
        self._file = file
        self._kept = file.with_suffix(".kept")
        shutil.copyfile(file, self._kept)

    def address(self, endpoint: str, rule: str, arguments: set[str]) -> str:
        """Return the address of a rule with its variables filled in."""
        unknown: dict[str, object] = {name: UNKNOWN_ID for name in arguments if name == "id" or name.endswith("_id")}
        values = {**NOWHERE, **unknown, **self.world.values}
        for part, chosen in OTHERS.items():
            if part in rule:
                values |= chosen(self.world)
        with self.app.test_request_context():
            return url_for(endpoint, **{name: values[name] for name in arguments})  # type: ignore[arg-type]

    def put_back(self) -> None:
        """Restore the database as it was."""
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
        for file in self._file.parent.glob(self._file.name + "-*"):
            file.unlink()
        shutil.copyfile(self._kept, self._file)


@pytest.fixture(scope="module")
def walked(databases: Databases, demo: Demo, keys: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Walked:
    folder = tmp_path_factory.mktemp("walk")
    source = sqlite3.connect(databases.fresh(demo.template).removeprefix("sqlite:///"))
    with sqlite3.connect(folder / "jidi.db") as copy:
        source.backup(copy)
    source.close()
    app = create_app(config.load(keys, instance=folder))
    app.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=False, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
    with app.app_context():
        add_series()
        add_media()
    return Walked(app, folder / "jidi.db")


def test_the_table_knows_every_address(walked: Walked) -> None:
    rules = walked.app.url_map.iter_rules()
    addresses = {(method, rule.rule) for rule in rules for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    assert addresses == set(TABLE)


@pytest.mark.parametrize(("method", "rule"), TABLE)
def test_each_role_is_answered_as_the_table_says(walked: Walked, method: str, rule: str) -> None:
    found = next(
        known for known in walked.app.url_map.iter_rules() if known.rule == rule and method in (known.methods or ())
    )
    address = walked.address(found.endpoint, rule, found.arguments)
    answers = ""
    for role in ROLES:
        with signed_in(walked.app, walked.world.people[role]) as client:
            headers = walked.world.headers(role, rule)
            answers += letter(client.open(address, method=method, headers=headers))
        if method != "GET":
            walked.put_back()
    assert answers == TABLE[method, rule], f"{method} {address}, as {', '.join(ROLES)}"
