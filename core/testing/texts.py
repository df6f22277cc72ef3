"""Checks of the texts: complete in both languages, told apart, short where there is little room."""

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import ClassVar

from flask_babel.speaklater import LazyString

from core.content import files
from core.localised import LANGUAGES, freeze
from core.testing.site import Site

HAN = re.compile(r"[\u3400-\u9fff]")
LONGEST_SHORT_NAME = 6


class TextChecks:
    """Everybody can read it, in Chinese and in English."""

    slug: ClassVar[str]

    def test_its_short_name_fits_into_narrow_places(self, site: Site) -> None:
        if site.base is not None:
            with site.app.test_request_context():
                assert len(freeze(site.base.short_name)["zh"]) <= LONGEST_SHORT_NAME

    def test_every_text_is_translated_into_chinese(self, site: Site) -> None:
        with site.app.test_request_context():
            open_texts = {
                f"{place}: {frozen['en']!r}"
                for place, frozen in _lazy(site)
                if frozen["zh"] == frozen["en"] and re.search("[A-Za-z]", frozen["en"])
            }
        assert not open_texts

    def test_every_translatable_text_is_written_in_english(self, site: Site) -> None:
        with site.app.test_request_context():
            mixed = {f"{place}: {frozen['en']!r}" for place, frozen in _lazy(site) if HAN.search(frozen["en"])}
        assert not mixed

    def test_no_text_is_empty(self, site: Site) -> None:
        with site.app.test_request_context():
            assert not [place for place, frozen in _lazy(site) if not all(frozen.values())]

    def test_resources_are_told_apart_by_their_names(self, site: Site) -> None:
        with site.app.test_request_context():
            _differ([freeze(resource.name) for resource in site.plugin.resources])

    def test_booking_kinds_are_told_apart_by_their_titles(self, site: Site) -> None:
        with site.app.test_request_context():
            _differ([freeze(kind.title) for kind in site.kinds])

    def test_content_types_are_told_apart_by_their_names(self, site: Site) -> None:
        with site.app.test_request_context():
            _differ([freeze(kind.title) for kind in site.plugin.content])
            _differ([freeze(kind.plural) for kind in site.plugin.content])

    def test_the_questions_of_a_form_are_told_apart(self, site: Site) -> None:
        with site.app.test_request_context():
            forms = [kind.fields for kind in site.kinds] + [kind.fields for kind in site.plugin.content]
            for fields in forms:
                _differ([freeze(f"{field.section} {field.label}") for field in fields])

    def test_its_pages_are_in_both_languages(self, site: Site) -> None:
        folder = site.plugin.folder("pages")
        for page in files.read(folder) if folder else []:
            assert set(page.title) == set(page.body) == set(LANGUAGES), page.path


def _differ(texts: list[dict[str, str]]) -> None:
    for language in LANGUAGES:
        shown = [text[language] for text in texts]
        assert len(set(shown)) == len(shown), shown


def _lazy(site: Site) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield every translatable text that is declared, with its place."""
    plugin = site.plugin
    for place, value in (
        ("base", plugin.base),
        ("resources", plugin.resources),
        ("kinds", plugin.kinds),
        ("content", plugin.content),
    ):
        yield from _walk(place, value)


def _walk(place: str, value: object) -> Iterator[tuple[str, dict[str, str]]]:
    if isinstance(value, LazyString):
        yield place, freeze(value)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from _walk(f"{place}.{field.name}", getattr(value, field.name))
    elif isinstance(value, list | tuple):
        for position, item in enumerate(value):
            yield from _walk(f"{place}[{position}]", item)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _walk(f"{place}[{key!r}]", item)
