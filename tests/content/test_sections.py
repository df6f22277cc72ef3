"""The office arranges the portal's sections; two who arrange at once lose nothing."""

import pytest
from sqlalchemy import select

from core import audit, clock, db, errors
from core.content import sections
from core.content.latest import latest_by_category
from core.content.media.models import MediaFile
from core.content.models import Reference, Section
from core.content.sections import Rearranged
from tests.booking.shop import Shop
from tests.content.conftest import Announce
from tests.support.statements import counting


def kinds() -> list[str]:
    """Return the kinds of all sections in their order."""
    db.db.session.rollback()
    return [section.kind for section in sections.arranged()]


def ids() -> list[int]:
    """Return the ids of all sections in their order."""
    return [section.id for section in sections.arranged()]


def test_an_upgraded_site_begins_with_the_usual_sections(shop: Shop) -> None:
    assert kinds() == ["fortnight", "bases", "sessions", "announcements"]


def test_a_site_that_has_been_arranged_is_left_as_it_is(writers: Shop) -> None:
    for section in list(sections.arranged())[1:]:
        sections.remove(actor=writers.user("office"), section_id=section.id, version=section.version)
    with db.write() as session:
        sections.arrange_default(session)
    assert kinds() == ["fortnight"]


def test_a_section_is_added_at_the_end_and_a_text_is_hidden_until_it_is_written(writers: Shop) -> None:
    office = writers.user("office")
    assert sections.add(actor=office, kind="figures").shown
    assert not sections.add(actor=office, kind="text").shown
    assert kinds()[-2:] == ["figures", "text"]


@pytest.mark.database
def test_sections_are_put_into_another_order(writers: Shop) -> None:
    seen = ids()
    sections.arrange(actor=writers.user("office"), seen=seen, order=[*seen[1:], seen[0]])
    assert kinds() == ["bases", "sessions", "announcements", "fortnight"]


def test_an_order_that_was_seen_before_another_moved_it_is_refused(writers: Shop) -> None:
    office, seen = writers.user("office"), ids()
    moved = [seen[1], seen[0], *seen[2:]]
    sections.arrange(actor=office, seen=seen, order=moved)
    with pytest.raises(Rearranged):
        sections.arrange(actor=writers.user("office"), seen=seen, order=seen[::-1])
    assert ids() == moved


@pytest.mark.parametrize("wrong", [[], [1], "twice", "strange"])
def test_an_order_must_name_each_section_once(writers: Shop, wrong: object) -> None:
    seen = ids()
    order = [seen[0], *seen[:-1]] if wrong == "twice" else [*seen[:-1], 999] if wrong == "strange" else wrong
    with pytest.raises(errors.Invalid):
        sections.arrange(actor=writers.user("office"), seen=seen, order=order)  # type: ignore[arg-type]
    assert ids() == seen


def test_moving_a_section_does_not_stand_in_the_way_of_who_writes_it(writers: Shop) -> None:
    section, seen = sections.arranged()[0], ids()
    opened = section.version
    sections.arrange(actor=writers.user("office"), seen=seen, order=seen[::-1])
    changed = sections.change(actor=writers.user("office"), section_id=section.id, version=opened, title="近两周")
    assert (changed.title, changed.position) == ("近两周", 40)


@pytest.mark.database
def test_who_writes_over_another_gets_what_is_saved_now(writers: Shop) -> None:
    section = sections.add(actor=writers.user("office"), kind="text")
    number, opened = section.id, section.version
    sections.change(actor=writers.user("office"), section_id=number, version=opened, title="甲", body="<p>甲的字</p>")
    with pytest.raises(Rearranged) as refused:
        sections.change(actor=writers.user("office"), section_id=number, version=opened, title="乙", body="乙的字")
    assert refused.value.saved is not None
    assert refused.value.saved.body == "<p>甲的字</p>"
    with pytest.raises(Rearranged):
        sections.remove(actor=writers.user("office"), section_id=number, version=opened)


def test_a_text_is_cleaned_and_its_pictures_are_noted(writers: Shop) -> None:
    media = picture()
    section = sections.add(actor=writers.user("office"), kind="text")
    body = f'<p onclick="x()">字<script>x()</script></p><img src="/media/{media}/a.png" alt="图">'
    changed = sections.change(
        actor=writers.user("office"), section_id=section.id, version=section.version, title="", body=body
    )
    assert "script" not in changed.body
    assert "onclick" not in changed.body
    noted = db.db.session.scalars(select(Reference).where(Reference.section_id == section.id)).one()
    assert (noted.role, noted.media_id, noted.live) == ("image", media, True)
    sections.change(actor=writers.user("office"), section_id=section.id, version=changed.version, title="", body="无")
    assert not db.db.session.scalars(select(Reference)).all()


def picture() -> int:
    """Put a row of a picture into the consortium's library."""
    with db.write() as session:
        now = clock.now()
        media = MediaFile(
            name="a.png",
            folder="",
            alt="图",
            type="image/png",
            size=1,
            width=1,
            height=1,
            key="k",
            text="",
            version=1,
            created_at=now,
            updated_at=now,
        )
        session.add(media)
        session.flush()
        return media.id


@pytest.mark.parametrize(
    ("kind", "settings", "field"),
    [
        ("announcements", {"count": 0}, "count"),
        ("announcements", {"count": 13}, "count"),
        ("announcements", {"count": "many"}, "count"),
        ("announcements", {"category": "gossip"}, "category"),
        ("sessions", {"count": -1}, "count"),
    ],
)
def test_settings_that_do_not_fit_are_refused(kind: str, settings: dict[str, object], field: str) -> None:
    with pytest.raises(errors.Invalid) as refused:
        sections.checked(kind, settings)
    assert list(refused.value.problems) == [field]


def test_settings_of_another_kind_are_dropped() -> None:
    assert sections.checked("figures", {"count": 5, "template": "x"}) == {}


def test_there_is_an_end_to_sections_and_to_kinds(writers: Shop) -> None:
    office = writers.user("office")
    with pytest.raises(errors.Invalid):
        sections.add(actor=office, kind="advertising")
    with db.write() as session:
        for place in range(sections.MOST_SECTIONS):
            session.add(Section(kind="text", position=1000 + place))
    with pytest.raises(errors.Invalid):
        sections.add(actor=writers.user("office"), kind="text")


@pytest.mark.parametrize("who", ["publisher", "manager", "north"])
def test_nobody_else_arranges(writers: Shop, who: str) -> None:
    section, seen = sections.arranged()[0], ids()
    with pytest.raises(errors.Forbidden):
        sections.add(actor=writers.user(who), kind="text")
    with pytest.raises(errors.Forbidden):
        sections.change(actor=writers.user(who), section_id=section.id, version=1, title="我的")
    with pytest.raises(errors.Forbidden):
        sections.show(actor=writers.user(who), section_id=section.id, shown=False)
    with pytest.raises(errors.Forbidden):
        sections.remove(actor=writers.user(who), section_id=section.id, version=1)
    with pytest.raises(errors.Forbidden):
        sections.arrange(actor=writers.user(who), seen=seen, order=seen[::-1])


def test_each_act_is_in_the_log(writers: Shop) -> None:
    section = sections.arranged()[0]
    sections.show(actor=writers.user("office"), section_id=section.id, shown=False)
    entries = db.db.session.scalars(select(audit.AuditEntry.action).where(audit.AuditEntry.subject.like("section:%")))
    assert list(entries) == ["portal.hide"]


@pytest.mark.database
def test_the_newest_of_several_categories_come_in_one_query(writers: Shop, announce: Announce) -> None:
    for number in range(4):
        announce(f"考试{number}", publish=True, category="exam")
        announce(f"通知{number}", publish=True, category="notice")
    wanted = [("exam", 2), ("", 3), ("exam", 1), ("result", 5)]
    db.db.session.remove()
    with counting() as statements:
        latest_by_category(wanted)
    assert len([statement for statement in statements if "content_" in statement]) == 1
    found = {pair: [item.title for item in items] for pair, items in latest_by_category(wanted).items()}
    assert found == {
        ("exam", 2): ["考试3", "考试2"],
        ("", 3): ["通知3", "考试3", "通知2"],
        ("exam", 1): ["考试3"],
        ("result", 5): [],
    }
    assert latest_by_category([]) == {}
