"""Checks that a plugin's declarations make sense together, before the core builds rows, forms and pages of them."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from types import UnionType

from flask_wtf import FlaskForm
from wtforms import Form

from core.plugins.declarations import (
    BaseDeclaration,
    BookingKind,
    Colours,
    ContentType,
    Hours,
    ResourceDeclaration,
    Terms,
)
from core.plugins.errors import PluginError
from core.plugins.fields import (
    Choice,
    Choices,
    Consent,
    Day,
    Field,
    Figure,
    File,
    Phone,
    Roster,
    Rows,
    Text,
    Whole,
)

_SLUG = re.compile(r"[a-z][a-z0-9-]{0,39}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
INSTRUCTOR = "instructor"
"""The kind of resource that the consortium brings itself."""

DECIDERS = ("manager", "office")
"""Roles that can stand in a chain of approval."""

FORMS_OWN = frozenset(
    {"csrf_token", "declared", "sections", "is_empty", "formdata", "obj", "prefix", "meta", "extra_filters"}
)
"""Names that the forms made of declared fields need for themselves, beside their attributes."""

_COLOUR = re.compile(r"#[0-9a-f]{6}")


def check_base(base: BaseDeclaration) -> None:
    """Check colours, icon and opening hours.

    Raises:
        PluginError: names the place and what is allowed.
    """
    for theme in ("light", "dark"):
        colours: Colours = getattr(base.palette, theme)
        for name in ("accent", "tint", "line"):
            colour = getattr(colours, name)
            if not _COLOUR.fullmatch(colour):
                raise PluginError(f"palette.{theme}.{name} is {colour!r}, it must be like #1a2b3c, in small letters")
    _check_icon(base.icon)
    _check_hours(base.hours)


def _check_icon(icon: str) -> None:
    if not re.fullmatch(r"[a-z0-9-]+", icon) or icon.startswith("bi-"):
        raise PluginError(f"icon is {icon!r}, it must be the name of a Bootstrap Icon without bi-")


def check_resources(resources: Sequence[ResourceDeclaration]) -> None:
    """Check keys and capacities.

    Raises:
        PluginError: names the resource and what is wrong.
    """
    _unique("resource", (resource.slug for resource in resources))
    for resource in resources:
        if not _SLUG.fullmatch(resource.slug):
            raise PluginError(f"resource {resource.slug!r}: a slug is a small letter, then small letters, digits, -")
        if resource.capacity < 1:
            raise PluginError(f"resource {resource.slug!r}: capacity is {resource.capacity}, it must be 1 or more")
        if min(resource.setup, resource.cleanup) < timedelta():
            raise PluginError(f"resource {resource.slug!r}: setup and cleanup must not be negative")
        _check_hours(resource.hours)
    _check_parents({resource.slug: resource.parent for resource in resources})


def _check_hours(every: Sequence[Hours]) -> None:
    for hours in every:
        if not hours.opens < hours.closes or not all(0 <= weekday <= 6 for weekday in hours.weekdays):
            raise PluginError(f"{hours}: weekdays are 0 to 6, and opens lies before closes")


def _check_parents(parents: Mapping[str, str]) -> None:
    for slug in parents:
        seen, above = {slug}, parents[slug]
        while above:
            if above not in parents:
                raise PluginError(f"resource {slug!r}: its parent {above!r} is not declared")
            if above in seen:
                raise PluginError(f"resource {slug!r}: is a part of itself")
            seen.add(above)
            above = parents[above]


def check_kinds(kinds: Sequence[BookingKind], resources: Sequence[ResourceDeclaration]) -> None:
    """Check keys, forms, legs and times.

    Raises:
        PluginError: names the booking kind and what is wrong.
    """
    _unique("booking kind", (kind.slug for kind in kinds))
    for kind in kinds:
        try:
            _check_kind(kind)
            _check_legs(kind, resources)
            _check_terms(kind)
            _check_chain(kind)
            check_fields(kind.fields)
            _check_sorts(kind.fields, Rows, "is for content types, people are listed in a Roster")
        except PluginError as error:
            raise PluginError(f"booking kind {kind.slug!r}: {error}") from None


def check_content(
    types: Sequence[ContentType], resources: Sequence[ResourceDeclaration], templates: Path | None
) -> None:
    """Check keys, schemas, order, resources and templates of content types.

    Args:
        types: what is declared.
        resources: the resources the plugin declares.
        templates: the plugin's folder of templates, if it has one.

    Raises:
        PluginError: names the content type and what is wrong.
    """
    _unique("content type", (kind.slug for kind in types))
    for kind in types:
        try:
            _check_type(kind)
            _check_resource(kind, {resource.slug for resource in resources})
            for name in filter(None, (kind.template, kind.line)):
                if templates is None or not (templates / name).is_file():
                    raise PluginError(f"there is no template {name!r} in its templates/")
            check_fields(kind.fields)
            _check_sorts(kind.fields, Phone | Consent | File | Roster, "has no place in what is published")
        except PluginError as error:
            raise PluginError(f"content type {kind.slug!r}: {error}") from None


def _check_type(kind: ContentType) -> None:
    if not _SLUG.fullmatch(kind.slug):
        raise PluginError("a slug is a small letter, then small letters, digits, -")
    _check_icon(kind.icon)
    personal = [field.name for field in kind.fields if field.personal and not isinstance(field, Phone | Roster)]
    if personal:
        raise PluginError(f"field {personal[0]!r}: what is published must not be personal")
    sortable = {field.name for field in kind.fields if isinstance(field, Text | Day | Whole | Choice)}
    if kind.order not in {"newest", "title", *sortable}:
        raise PluginError(
            f"order is {kind.order!r}, it must be newest, title or the name of a Text, Day, Whole, Choice"
        )
    if kind.expires is not None and (kind.expires <= timedelta() or "scheduled" not in kind.behaviours):
        raise PluginError("expires must be more than nothing, and is for types with the behaviour scheduled")


def _check_resource(kind: ContentType, known: set[str]) -> None:
    options = {field.name: {value for value, _ in field.options} for field in kind.fields if isinstance(field, Choice)}
    if kind.resource and kind.resource not in options:
        raise PluginError(f"resource is {kind.resource!r}, it must be the name of a Choice")
    strangers = sorted(options.get(kind.resource, set()) - known)
    if strangers:
        raise PluginError(f"field {kind.resource!r}: no such resource is declared: {', '.join(strangers)}")


def _check_sorts(fields: Sequence[Field], barred: type[Field] | UnionType, why: str) -> None:
    for field in fields:
        if isinstance(field, barred):
            raise PluginError(f"field {field.name!r}: a {type(field).__name__} {why}")


def _check_kind(kind: BookingKind) -> None:
    if not _SLUG.fullmatch(kind.slug):
        raise PluginError("a slug is a small letter, then small letters, digits, -")
    if kind.mode == "slot" and not kind.legs:
        raise PluginError("a kind of mode slot needs legs")
    if kind.mode == "session" and (kind.legs or kind.periods):
        raise PluginError("legs and periods are for kinds of mode slot")
    if kind.series and kind.mode != "slot":
        raise PluginError("a series is for kinds of mode slot")
    _unique("period", (period.slug for period in kind.periods))
    if not kind.shortest <= kind.longest or not kind.step:
        raise PluginError("shortest must not exceed longest, and step must be more than nothing")
    if kind.most_units < 1:
        raise PluginError(f"most_units is {kind.most_units}, it must be 1 or more")
    counted = {field.name for field in kind.fields if isinstance(field, Whole | Roster)}
    if kind.units_field is not None and kind.units_field not in counted:
        raise PluginError(f"units_field is {kind.units_field!r}, it must be the name of a Whole or a Roster")


def _check_legs(kind: BookingKind, resources: Sequence[ResourceDeclaration]) -> None:
    for leg in kind.legs:
        able = {resource.slug for resource in resources if resource.kind == leg.kind}
        if leg.kind != INSTRUCTOR and not able:
            raise PluginError(f"no resource of kind {leg.kind!r} is declared")
        strangers = sorted(set(leg.of) - able)
        if strangers:
            raise PluginError(f"leg of {leg.kind!r}: no such resource is declared: {', '.join(strangers)}")
        if leg.count < 1 or (leg.kind != INSTRUCTOR and leg.count > len(leg.of or able)):
            raise PluginError(f"leg of {leg.kind!r}: count is {leg.count}, there are {len(leg.of or able)}")
        if min(leg.before, leg.after) < timedelta():
            raise PluginError(f"leg of {leg.kind!r}: before and after must not be negative")


def _check_terms(kind: BookingKind) -> None:
    every: list[BookingKind | Terms] = [kind, *([kind.guests] if kind.guests else [])]
    for terms in every:
        spans = (terms.notice, terms.cancel_before)
        if min(spans) < timedelta() or min(terms.notice_workdays, terms.cancel_workdays) < 0:
            raise PluginError("notice and cancel_before must not be negative")
        if terms.window is not None and terms.window <= terms.notice:
            raise PluginError("window must be longer than notice")
    if min(kind.offer_for, kind.hold_for) <= timedelta():
        raise PluginError("offer_for and hold_for must be more than nothing")


def _check_chain(kind: BookingKind) -> None:
    if kind.chain and not kind.approval:
        raise PluginError("a chain is for kinds that need approval")
    for step in kind.chain:
        if not step.roles or not {*step.roles, step.escalate} <= {"", *DECIDERS}:
            raise PluginError(f"chain: roles and escalate are of {', '.join(DECIDERS)}")
        if step.workdays < 0 or (step.escalate and not step.workdays):
            raise PluginError("chain: workdays must not be negative, and what escalates needs some")


def check_fields(fields: Sequence[Field]) -> None:
    """Check an intake form.

    Raises:
        PluginError: names the field and what is wrong.
    """
    _unique("field", (field.name for field in fields))
    for field in fields:
        if type(field) is Field:
            raise PluginError(f"field {field.name!r}: use one of the kinds of field, not Field itself")
        _check_name("field", field.name, FlaskForm)
        _check_field(field)


def _check_field(field: Field) -> None:
    if isinstance(field, Choice | Choices):
        _unique(f"field {field.name!r}: option", (value for value, _ in field.options))
        if not field.options:
            raise PluginError(f"field {field.name!r}: it needs options")
    if isinstance(field, Whole | Figure | Roster | Rows) and not field.least <= field.most:
        raise PluginError(f"field {field.name!r}: least must not exceed most")
    if isinstance(field, Consent) and not field.version:
        raise PluginError(f"field {field.name!r}: version names the text that is accepted, it must not be empty")
    if isinstance(field, Rows):
        if not field.columns:
            raise PluginError(f"field {field.name!r}: it needs columns")
        _unique(f"field {field.name!r}: column", (column.name for column in field.columns))
    if isinstance(field, Roster):
        _unique(f"field {field.name!r}: column", ["name", "id_number", "phone", *(it.name for it in field.columns)])
    if isinstance(field, Roster | Rows):
        for column in field.columns:
            _check_name(f"field {field.name!r}: column", column.name, Form)


def _check_name(what: str, name: str, form: type[Form]) -> None:
    if not _NAME.fullmatch(name):
        raise PluginError(f"{what} {name!r}: a name is a small letter, then small letters, digits, _")
    if hasattr(form, name) or name in FORMS_OWN:
        raise PluginError(f"{what} {name!r}: forms need this name for themselves, choose another")


def _unique(what: str, keys: Iterable[str]) -> None:
    twice = sorted(key for key, count in Counter(keys).items() if count > 1)
    if twice:
        raise PluginError(f"{what} {', '.join(map(repr, twice))}: declared twice")
