"""Checks of what is declared: colours, hours, names, forms."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, ClassVar

import pytest

from core import clock, paths
from core.intake.forms import form_class
from core.intake.schema import json_schema
from core.plugins import fields
from core.testing.colours import LEAST, PAPER, contrast
from core.testing.examples import filled
from core.testing.site import Site

HOOKS = ("declare_base", "declare_resources", "declare_kinds", "declare_content", "declare_demo")


class DeclarationChecks:
    """What the plugin declares can be shown, filled in and told apart."""

    slug: ClassVar[str]
    answers: ClassVar[Mapping[str, Mapping[str, object]]]

    def test_it_declares_the_same_each_time(self, site: Site) -> None:
        with site.app.test_request_context():
            for hook in HOOKS:
                declare = getattr(site.plugin.module, hook, None)
                assert declare is None or declare() == declare(), hook

    @pytest.mark.parametrize("theme", ["light", "dark"])
    def test_its_accent_can_be_read_on_paper_and_on_its_tint(self, site: Site, theme: str) -> None:
        if site.base is not None:
            colours = getattr(site.base.palette, theme)
            assert contrast(colours.accent, PAPER[theme]) >= LEAST
            assert contrast(colours.accent, colours.tint) >= LEAST

    def test_its_icon_is_a_bootstrap_icon(self, site: Site) -> None:
        if site.base is not None:
            style = (paths.STATIC / "dist" / "site.css").read_text("utf-8")
            assert f".bi-{site.base.icon}:" in style, "see icons.getbootstrap.com for the names"

    def test_its_opening_hours_do_not_overlap(self, site: Site) -> None:
        for weekday in range(7):
            spans = sorted(
                (hours.opens, hours.closes)
                for hours in (site.base.hours if site.base else ())
                if weekday in hours.weekdays
            )
            assert all(before[1] <= after[0] for before, after in pairwise(spans)), weekday

    def test_the_manifest_and_the_base_have_one_name(self, site: Site) -> None:
        assert site.base is None or site.plugin.candidate.manifest is not None
        assert site.base is None or site.base.name == site.plugin.candidate.manifest.name  # type: ignore[union-attr]

    def test_every_form_can_be_shown(self, site: Site) -> None:
        with site.app.test_request_context():
            for kind in site.kinds:
                form = form_class(kind.fields)()
                assert [str(control()) for control in form if control.name in {field.name for field in kind.fields}]

    def test_an_empty_form_is_refused_field_by_field(self, site: Site) -> None:
        with site.app.test_request_context(method="POST"):
            for kind in site.kinds:
                form = form_class(kind.fields)()
                required = {field.name for field in kind.fields if field.required}
                assert form.validate() is not bool(required)
                assert required - _filled_by_themselves(kind.fields) <= set(form.errors)

    def test_a_form_that_is_filled_in_is_accepted(self, site: Site) -> None:
        for kind in site.kinds:
            sent = filled(kind.fields, clock.today(), self.answers.get(kind.slug, {}))
            with site.app.test_request_context(method="POST"):
                form = form_class(kind.fields)(formdata=sent)
                assert form.validate(), (kind.slug, form.errors)

    def test_every_form_has_a_json_schema(self, site: Site) -> None:
        with site.app.test_request_context():
            for kind in site.kinds:
                schema = json_schema(kind.fields)
                names = [field.name for field in kind.fields]
                assert list(schema["properties"]) == names
                assert set(schema["required"]) <= set(names)
                assert all(part["title"] for part in schema["properties"].values())

    def test_personal_data_is_declared_personal(self, site: Site) -> None:
        by_nature = (fields.Phone, fields.Roster)
        careless = [
            field.name
            for kind in site.kinds
            for field in kind.fields
            if isinstance(field, by_nature) and not field.personal
        ]
        assert not careless

    def test_its_files_fit_into_a_request(self, site: Site) -> None:
        for kind in site.kinds:
            for field in kind.fields:
                if isinstance(field, fields.File):
                    assert field.largest <= site.app.config["MAX_CONTENT_LENGTH"]
                    assert field.endings
                    assert all(ending.isalnum() and ending.islower() for ending in field.endings)


def _filled_by_themselves(declared: Any) -> set[str]:
    """Return the fields that may be filled in though nobody did: a browser sends the first of many options."""
    return {field.name for field in declared if isinstance(field, fields.Choice)}
