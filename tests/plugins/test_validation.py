"""Declarations that make no sense together are refused at start, with the place and what is allowed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest

from core.plugins import values
from core.plugins.declarations import BookingKind, ContentType, Hours, Leg, Period, Problem, ResourceDeclaration
from core.plugins.errors import PluginError
from core.plugins.fields import Choice, Column, Consent, Field, Roster, Rows, Text, Whole
from core.plugins.validation import check_content, check_kinds, check_resources

ROOM = ResourceDeclaration(slug="room", name="教室", kind="room")
SLOT = BookingKind(slug="slot", title="a", summary="b", mode="slot", legs=(Leg(kind="room"),), fields=())

KINDS: dict[str, tuple[dict[str, Any], str]] = {
    "no legs": ({"legs": ()}, "a kind of mode slot needs legs"),
    "legs of a session": ({"mode": "session"}, "legs and periods are for kinds of mode slot"),
    "unknown resources": ({"legs": (Leg(kind="hammer"),)}, "no resource of kind 'hammer' is declared"),
    "no time": ({"step": timedelta()}, "step must be more than nothing"),
    "shortest over longest": ({"shortest": timedelta(days=1)}, "shortest must not exceed longest"),
    "no seats": ({"most_units": 0}, "most_units is 0"),
    "seats of nothing": (
        {"units_field": "people"},
        "units_field is 'people', it must be the name of a Whole or a Roster",
    ),
    "two periods": ({"periods": (Period(slug="a", label="a", starts=time(8), ends=time(9)),) * 2}, "declared twice"),
    "a slug": ({"slug": "A b"}, "a slug is a small letter"),
    "two fields": ({"fields": (Text(name="a", label="a"), Text(name="a", label="b"))}, "field 'a': declared twice"),
    "a bare field": ({"fields": (Field(name="a", label="a"),)}, "use one of the kinds of field"),
    "a name": ({"fields": (Text(name="A", label="a"),)}, "field 'A': a name is a small letter"),
    "a name of forms": ({"fields": (Text(name="data", label="a"),)}, "forms need this name for themselves"),
    "a column of rosters": (
        {"fields": (Roster(name="a", label="a", columns=(Column(name="phone", label="b"),)),)},
        "field 'a': column 'phone': declared twice",
    ),
    "no options": ({"fields": (Choice(name="a", label="a", options=()),)}, "it needs options"),
    "least over most": ({"fields": (Whole(name="a", label="a", least=2, most=1),)}, "least must not exceed most"),
    "a table": (
        {"fields": (Rows(name="a", label="a", columns=(Column(name="b", label="b"),)),)},
        "a Rows is for content types",
    ),
    "terms without version": ({"fields": (Consent(name="a", label="a", terms="b", version=""),)}, "must not be empty"),
}


@pytest.mark.parametrize(("changed", "reason"), KINDS.values(), ids=KINDS)
def test_a_kind_that_makes_no_sense_is_refused(changed: dict[str, Any], reason: str) -> None:
    check_kinds([SLOT], [ROOM])
    with pytest.raises(PluginError) as refused:
        check_kinds([replace(SLOT, **changed)], [ROOM])
    assert reason in str(refused.value)


NOTICE = ContentType(slug="notice", title="a", plural="b", summary="c")

CONTENT: dict[str, tuple[dict[str, Any], str]] = {
    "a slug": ({"slug": "A b"}, "a slug is a small letter"),
    "an icon": ({"icon": "bi-file"}, "without bi-"),
    "personal": ({"fields": (Text(name="a", label="a", personal=True),)}, "must not be personal"),
    "people": ({"fields": (Roster(name="a", label="a"),)}, "a Roster has no place in what is published"),
    "an unknown order": ({"order": "price"}, "order is 'price', it must be newest, title or the name of"),
    "an end without a clock": ({"behaviours": frozenset(), "expires": timedelta(days=1)}, "expires must be more"),
    "an end at once": ({"expires": timedelta()}, "expires must be more than nothing"),
    "a template that is not there": ({"template": "x.html"}, "there is no template 'x.html' in its templates/"),
    "a resource of nothing": ({"resource": "a"}, "resource is 'a', it must be the name of a Choice"),
    "an unknown resource": (
        {"resource": "a", "fields": (Choice(name="a", label="a", options=(("hammer", "b"),)),)},
        "no such resource is declared: hammer",
    ),
    "no columns": ({"fields": (Rows(name="a", label="a", columns=()),)}, "it needs columns"),
    "two columns": ({"fields": (Rows(name="a", label="a", columns=(Column(name="b", label="b"),) * 2),)}, "twice"),
    "a name of forms": ({"fields": (Text(name="prefix", label="a"),)}, "forms need this name for themselves"),
}


@pytest.mark.parametrize(("changed", "reason"), CONTENT.values(), ids=CONTENT)
def test_a_content_type_that_makes_no_sense_is_refused(changed: dict[str, Any], reason: str) -> None:
    check_content([NOTICE], [ROOM], None)
    with pytest.raises(PluginError) as refused:
        check_content([replace(NOTICE, **changed)], [ROOM], None)
    assert "content type" in str(refused.value)
    assert reason in str(refused.value)


def test_content_types_are_told_apart() -> None:
    with pytest.raises(PluginError, match="content type 'notice': declared twice"):
        check_content([NOTICE, NOTICE], [], None)


def test_resources_are_told_apart_and_have_capacity() -> None:
    with pytest.raises(PluginError, match="resource 'room': declared twice"):
        check_resources([ROOM, ROOM])
    with pytest.raises(PluginError, match="capacity is 0"):
        check_resources([replace(ROOM, capacity=0)])


@pytest.mark.parametrize(
    ("value", "wanted", "wrong"),
    [
        ("text", Sequence[Problem], "hook(): 'text' (str), expected"),
        ([Problem("a", "b"), "c"], Sequence[Problem], "hook()[1] is 'c' (str), expected Problem"),
        (Problem("a", "b", field=None), Problem, "hook().field is None (NoneType), expected str"),  # type: ignore[arg-type]
        (Problem("a", "b", warning="yes"), Problem, "hook().warning is 'yes' (str), expected bool"),  # type: ignore[arg-type]
        (replace(ROOM, capacity=True), ResourceDeclaration, "hook().capacity is True (bool), expected int"),
        (replace(ROOM, attributes={1: 2}), ResourceDeclaration, "hook().attributes key 1 is 1 (int), expected str"),  # type: ignore[dict-item]
        (replace(ROOM, facts=(("a",),)), ResourceDeclaration, "hook().facts[0] is ('a',) (tuple), expected"),  # type: ignore[arg-type]
        (replace(SLOT, mode="week"), BookingKind, "hook().mode is 'week' (str), expected"),  # type: ignore[arg-type]
        (
            replace(NOTICE, behaviours=frozenset({"flying"})),  # type: ignore[arg-type]
            ContentType,
            "hook().behaviours[0] is 'flying' (str), expected",
        ),
        (replace(NOTICE, behaviours={"pinned"}), ContentType, "hook().behaviours is {'pinned'} (set), expected"),  # type: ignore[arg-type]
        (Hours((0,), time(8), "17:00"), Hours, "hook().closes is '17:00' (str), expected time"),  # type: ignore[arg-type]
        (int, type[str], "hook() is <class 'int'> (type), expected"),
        (0, None, "hook() is 0 (int), expected None"),
    ],
)
def test_a_wrong_value_is_told_with_its_place_what_was_got_and_what_is_expected(
    value: object, wanted: object, wrong: str
) -> None:
    with pytest.raises(PluginError) as refused:
        values.expect("hook", value, wanted)
    assert wrong.replace("hook(): ", "hook() is ") in str(refused.value)


def test_a_right_value_is_handed_back() -> None:
    assert values.expect("hook", [SLOT], Sequence[BookingKind]) == [SLOT]
    assert values.expect("hook", None, str | None) is None
