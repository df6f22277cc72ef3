"""Every text of core and plugins has its Chinese: the catalogues hold what the sources say, no more and no less."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent
PLACES = ["core", *sorted(str(manifest.parent.relative_to(ROOT)) for manifest in ROOT.glob("plugins/*/plugin.toml"))]
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|\{\w*\}")


def texts_in_sources(place: str) -> set[str]:
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    return {
        text if isinstance(text, str) else text[0]
        for folder in ([place, "templates"] if place == "core" else [place])
        for _, _, text, _, _ in extract_from_dir(
            ROOT / folder, methods, options, keywords={**DEFAULT_KEYWORDS, "_l": None}
        )
    }


def catalogue(place: str) -> Catalog:
    with (ROOT / place / "translations/zh/LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale="zh")


def messages(place: str) -> list[Message]:
    return [message for message in catalogue(place) if message.id]


@pytest.mark.parametrize("place", PLACES)
def test_the_catalogue_holds_just_the_texts_of_the_sources(place: str) -> None:
    held = {message.id if isinstance(message.id, str) else message.id[0] for message in messages(place)}
    assert held == texts_in_sources(place), "run `make catalogue`"
    assert not catalogue(place).obsolete


@pytest.mark.parametrize("place", PLACES)
def test_every_text_is_translated_and_none_is_a_guess(place: str) -> None:
    assert [message.id for message in messages(place) if not message.string or message.fuzzy] == []


@pytest.mark.parametrize("place", PLACES)
def test_a_translation_keeps_the_placeholders(place: str) -> None:
    def placeholders(text: object) -> list[str]:
        return sorted(PLACEHOLDER.findall(str(text)))

    assert [m.id for m in messages(place) if placeholders(m.id) != placeholders(m.string)] == []
