"""Nothing unpublished is to be seen by whoever may not write it: no state, no role, on none of eleven channels.

The publisher writes, the base's manager reviews. That each channel would show a leak is seen by looking through it at
something that is public: there the same words are found.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from itsdangerous import URLSafeSerializer

from core import clock, db
from core.accounts import api_tokens
from core.accounts.models import Grant, User
from core.accounts.roles import Role
from core.bases.models import Base
from core.content import preview, trash, workflow, writing
from core.content.media import keeping, renditions
from core.content.media.models import MediaFile
from core.content.models import ANNOUNCEMENT, PAGE, Item
from core.content.snapshots import Texts
from core.errors import Invalid
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors
from tests.content.media.samples import picture

SECRETS = ("绝密题目", "绝密正文", "绝密地点", "绝密附件", "jue-mi")
"""Words of title, text, place, file and address; in what is public they are found."""

STATES = ("draft", "in_review", "scheduled", "expired", "archived", "trashed", "pending")
OUTSIDERS = ("", "north", "elsewhere", "teacher")
"""A visitor, a contact, a publisher of another base, an instructor of this one."""

WRITERS = ("publisher", "manager", "office")
"""Who may write it: they see it where it is written, and nowhere else."""

CHANNELS = (
    "page",
    "list",
    "search",
    "atom",
    "sitemap",
    "api",
    "media",
    "preview",
    "portal",
    "revision",
    "open_graph",
)


@dataclass(frozen=True)
class Hidden:
    """An announcement and a page in some state, with a picture in the text and a file beside it."""

    announcement: Item
    page: Item
    files: tuple[MediaFile, MediaFile]


Hide = Callable[[str], Hidden]


@pytest.fixture
def hide(writers: Shop) -> Hide:
    """Write something secret as the publisher and bring it into a state: `hide("draft")`, `hide("public")`."""
    now = clock.now()
    with db.write() as session:
        session.add(Base(slug="elsewhere", declared=writers.base.declared))
        session.flush()
        other = session.query(Base).filter_by(slug="elsewhere").one().id
        for name, role, base_id in (
            ("elsewhere", Role.PUBLISHER, other),
            ("teacher", Role.INSTRUCTOR, writers.base.id),
        ):
            grant = Grant(role=role, base_id=base_id)
            session.add(User(email=f"{name}@example.com", name="某人", grants=[grant], created_at=now))

    def hide(state: str) -> Hidden:
        files = tuple(_file(writers, name) for name in ("绝密附件图.png", "绝密附件.png"))
        items = [_brought(writers, kind, state, files[0], files[1]) for kind in (ANNOUNCEMENT, PAGE)]
        return Hidden(items[0], items[1], (files[0], files[1]))

    return hide


def _file(shop: Shop, name: str) -> MediaFile:
    return keeping.add(actor=shop.user("publisher"), base_id=shop.base.id, name=name, content=picture())


def _brought(shop: Shop, kind: str, state: str, image: MediaFile, attached: MediaFile) -> Item:
    publisher, manager, now = shop.user("publisher"), shop.user("manager"), clock.now()
    secret = Texts(
        title=f"绝密题目{kind}",
        body=f'<p>绝密正文</p><p><img src="/media/{image.id}/{image.name}" alt="绝密附件"></p>',
        location="绝密地点",
        attachments=(attached.id,) if kind == ANNOUNCEMENT else (),
    )
    if state == "scheduled":
        secret = replace(secret, publish_at=now + timedelta(seconds=90))
    if state == "expired":
        secret = replace(secret, publish_at=now - timedelta(days=2), expire_at=now - timedelta(seconds=1))
    first = Texts(title="公开题目", body="<p>公开正文</p>") if state == "pending" else secret
    act = writing.SAVE if state == "draft" else writing.SUBMIT
    slug = f"gong-kai-{kind}" if state == "pending" else f"jue-mi-{kind}"
    item = writing.create(actor=publisher, base_id=shop.base.id, kind=kind, slug=slug, texts=first, act=act)
    if state not in {"draft", "in_review"}:
        workflow.publish(actor=manager, item_id=item.id, version=item.version)
    if state == "pending":
        writing.save(actor=publisher, item_id=item.id, version=item.version, texts=secret, act=writing.SUBMIT)
    if state == "archived":
        workflow.archive(actor=manager, item_id=item.id)
    if state == "trashed":
        trash.throw_away(actor=manager, item_id=item.id)
    return item


class Eyes:
    """Looks through the channels as somebody."""

    def __init__(self, visit: Visitors, who: str, hidden: Hidden) -> None:
        self.client = visit(who)
        self.hidden, self.who, self.shop = hidden, who, visit.shop

    def get(self, path: str, **headers: str) -> str:
        """Return all of an answer that somebody could read: status, headers, text."""
        answer = self.client.get(path, headers=headers)
        text = str(answer.json) if answer.is_json else answer.get_data(as_text=True)  # JSON writes Chinese as numbers
        text = "绝密附件" if answer.mimetype == "image/png" else text
        return f"{answer.status_code} {dict(answer.headers)} {text}"

    def found(self, channel: str) -> list[str]:
        """Return what of the secret is to be seen on a channel."""
        seen = "\n".join(getattr(self, channel)())
        return [word for word in SECRETS if word in seen]

    def addresses(self) -> tuple[str, str]:
        """Return where the two are read."""
        announcement, page = self.hidden.announcement, self.hidden.page
        return f"/bases/workshop/announcements/{announcement.path}", f"/bases/workshop/pages/{page.path}"

    def page(self) -> Iterator[str]:
        """The pages themselves, in both languages. Their address is what was asked for, no news."""
        for address in self.addresses():
            for language in ("zh", "en"):
                yield self.get(f"{address}?lang={language}").replace("jue-mi", "")

    def list(self) -> Iterator[str]:
        """Lists, and the navigation that stands around every page of the base."""
        for path in ("/announcements/", "/bases/workshop/announcements/", "/bases/workshop/", "/bases/"):
            yield self.get(path)

    def search(self) -> Iterator[str]:
        """The search, by several of the words. What was searched for is written in its form, no news."""
        for words in ("绝密", "正文", "附件"):
            yield self.get(f"/search?q={words}").replace(f'value="{words}"', "").replace("绝密</", "</")

    def atom(self) -> Iterator[str]:
        """The feeds of the portal and of the base."""
        for path in ("/announcements.atom", "/bases/workshop/announcements.atom"):
            yield self.get(path)

    def sitemap(self) -> Iterator[str]:
        """The site map."""
        yield self.get("/sitemap.xml")

    def api(self) -> Iterator[str]:
        """The API, with the role's token where it has one."""
        user = self.shop.user(self.who).id if self.who else None
        headers = {"Authorization": f"Bearer {api_tokens.create(user_id=user)}"} if user else {}
        for path in ("", "?base=workshop", f"/{self.hidden.announcement.id}", f"/{self.hidden.page.id}"):
            yield self.get(f"/api/v1/announcements{path}", **headers)

    def media(self) -> Iterator[str]:
        """Picture and file, whole and smaller."""
        for file in self.hidden.files:
            for path in (f"/media/{file.id}/{file.name}", f"/media/{file.id}/w{renditions.WIDTHS[0]}/{file.name}"):
                answer = self.client.get(path)
                yield "绝密附件" if answer.status_code == 200 else ""

    def preview(self) -> Iterator[str]:
        """Preview links without a signature, with a false one, of another item's key, and expired."""
        item, file = self.hidden.announcement, self.hidden.files[0]
        values = [item.id, item.preview_key, int(clock.now().timestamp()) + 9999]
        forged = URLSafeSerializer("guessed", salt="content.preview").dumps(values)
        with clock.set_to(clock.now() - timedelta(days=8)):
            expired = preview.token(item)
        unsigned = preview.token(item).rpartition(".")[0]
        for token in (str(item.id), unsigned, f"{unsigned}.AAAA", forged, expired):
            yield self.get(f"/preview/{token}")
        for token in (unsigned, forged, expired):
            answer = self.client.get(f"/media/{file.id}/{file.name}?preview={token}")
            yield "绝密附件" if answer.status_code == 200 else ""

    def portal(self) -> Iterator[str]:
        """The portal's front page with its sections."""
        yield self.get("/")

    def revision(self) -> Iterator[str]:
        """Everything that stands in the manage pages about an item and its versions."""
        item = self.hidden.announcement
        for path in ("", "history", "history/1", f"history/{item.version}", "move", "preview-link"):
            yield self.get(f"/manage/workshop/items/{item.id}/{path}")
        yield self.get(f"/manage/workshop/review/{item.id}")
        yield self.get(f"/manage/elsewhere/items/{item.id}/history/1")
        for path in ("review", "bin", "announcements/", "pages/", "media/", "links.json?q=绝密", "media/pick.json?q="):
            yield self.get(f"/manage/workshop/{path}").replace("q=绝密", "")

    def open_graph(self) -> Iterator[str]:
        """What a page tells of itself where it is shared: its head alone."""
        for address in (*self.addresses(), "/bases/workshop/", "/"):
            head = self.get(address).partition("<body")[0]
            yield "\n".join(tag for tag in head.split("<") if tag.startswith("meta ")).replace("jue-mi", "")


@pytest.mark.database
@pytest.mark.parametrize("state", STATES)
def test_outsiders_see_nothing_of_what_is_not_public(visit: Visitors, hide: Hide, state: str) -> None:
    hidden = hide(state)
    seen = {(who, channel): Eyes(visit, who, hidden).found(channel) for who in OUTSIDERS for channel in CHANNELS}
    assert {where: words for where, words in seen.items() if words} == {}


@pytest.mark.parametrize("state", STATES)
def test_writers_see_it_in_the_manage_pages_alone(visit: Visitors, hide: Hide, state: str) -> None:
    hidden = hide(state)
    closed = {"api", "media", "preview", "revision"}  # of which those who write hold the key
    eyes = {who: Eyes(visit, who, hidden) for who in WRITERS}
    seen = {
        (who, channel): eyes[who].found(channel) for who in WRITERS for channel in CHANNELS if channel not in closed
    }
    assert {where: words for where, words in seen.items() if words} == {}
    assert all("绝密题目" in eyes[who].found("revision") for who in WRITERS)


@pytest.mark.parametrize("where", ["image", "link"])
def test_who_writes_elsewhere_cannot_make_anothers_file_public(visit: Visitors, hide: Hide, where: str) -> None:
    file, stranger = hide("draft").files[0], visit.shop.user("elsewhere")
    address = f"/media/{file.id}/{file.name}"
    body = f'<p><img src="{address}" alt="图"></p>' if where == "image" else f'<p><a href="{address}">图</a></p>'
    with pytest.raises(Invalid) as refused:
        writing.create(
            actor=stranger, base_id=stranger.grants[0].base_id, texts=Texts(title="题", body=body), act="publish"
        )
    assert list(refused.value.problems) == ["body"]
    assert visit("").get(address).status_code == 404


@pytest.mark.database
def test_what_is_public_is_seen_through_each_channel(visit: Visitors, hide: Hide) -> None:
    hidden = hide("public")
    seen = {channel: Eyes(visit, "", hidden).found(channel) for channel in CHANNELS}
    blind = [channel for channel, words in seen.items() if not words]
    assert blind == ["revision"]  # closed to visitors, whatever the state


def test_the_closed_channels_open_for_who_holds_the_key(visit: Visitors, hide: Hide) -> None:
    hidden = hide("draft")
    assert "绝密正文" in Eyes(visit, "", hidden).get(f"/preview/{preview.token(hidden.announcement)}")
    assert "绝密题目" in Eyes(visit, "publisher", hidden).found("revision")


def test_what_was_public_is_seen_no_more_once_it_ends(visit: Visitors, hide: Hide) -> None:
    hidden = hide("public")
    eyes = Eyes(visit, "", hidden)
    channels = [name for name in CHANNELS if name != "revision"]
    assert all(eyes.found(channel) for channel in channels)  # from here on it could be kept somewhere
    for item in (hidden.announcement, hidden.page):
        workflow.archive(actor=visit.shop.user("manager"), item_id=item.id)
    assert {channel: words for channel in channels if (words := eyes.found(channel))} == {}
