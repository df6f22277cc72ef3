"""The contract notices what it is there for: each fault put into a sound plugin is found by its check."""

import inspect
import re

import pytest

from core import paths
from core.errors import DomainError
from core.plugins.errors import PluginError
from core.testing import PluginContract
from core.testing.colours import PAPER, contrast
from core.testing.site import Site, site
from tests.plugins import documented
from tests.plugins.conftest import Instance

CODE = documented.files()["__init__.py"]


class Forge(PluginContract):
    """The contract on the plugin of docs/plugins/hooks.md."""

    slug = "forge"


def run(instance: Instance, check: str, files: dict[str, str]) -> None:
    """Run one check on the forge, with some of its files replaced."""
    instance.drop("forge", kind="base", files=documented.files() | files)
    with site("forge", instance.folder) as made:
        hold(made, instance, check)


def hold(made: Site, instance: Instance, check: str) -> None:
    """Hold the plugin of a site to one check."""
    given = {"site": made, "tmp_path": instance.folder, "theme": "light", "role": None}
    method = getattr(Forge(), f"test_{check}")
    method(**{name: given[name] for name in inspect.signature(method).parameters})


def code(old: str, new: str) -> dict[str, str]:
    """Return the forge's code with one thing changed."""
    assert old in CODE
    return {"__init__.py": CODE.replace(old, new, 1)}


FAULTS: dict[str, tuple[str, dict[str, str]]] = {
    "colours too pale": ("its_accent_can_be_read_on_paper_and_on_its_tint", code("#8a3b12", "#d9a184")),
    "no such icon": ("its_icon_is_a_bootstrap_icon", code('"hammer"', '"no-such-icon"')),
    "a long short name": ("its_short_name_fits_into_narrow_places", code('"锻造"', '"锻造实训基地示例"')),
    "overlapping hours": (
        "its_opening_hours_do_not_overlap",
        code("hours=(Hours(", "hours=(Hours(weekdays=(0,), opens=time(9), closes=time(10)), Hours("),
    ),
    "Chinese where English belongs": (
        "every_translatable_text_is_written_in_english",
        code('_l("Trial forging")', '_l("试锻")'),
    ),
    "two kinds of one title": (
        "booking_kinds_are_told_apart_by_their_titles",
        code('_l("Safety course")', '_l("Trial forging")'),
    ),
    "a page in Chinese alone": (
        "its_pages_are_in_both_languages",
        {"pages/about.zh.md": "---\ntitle: 介绍\n---\n正文\n"},
    ),
    "an import from the core": (
        "it_imports_nothing_of_the_core_but_the_plugin_api",
        {"more.py": "from core.booking import making"},
    ),
    "an inline script": (
        "its_templates_hold_no_inline_script_or_style",
        {"templates/page.html": "<script>alert(1)</script>"},
    ),
    "an inline style": (
        "its_templates_hold_no_inline_script_or_style",
        {"templates/page.html": '<p style="color: red">'},
    ),
    "a huge picture": ("its_static_files_are_small_enough_for_a_phone", {"static/huge.svg": " " * 2_000_000}),
    "a catalogue not compiled": (
        "its_catalogues_are_compiled",
        {"translations/zh/LC_MESSAGES/messages.po": ""},
    ),
    "tables without all columns": (
        "its_migrations_make_what_its_models_say",
        code("    state: Mapped[str]", "    state: Mapped[str]\n    hits: Mapped[int]"),
    ),
    "personal data in the open": (
        "personal_data_is_declared_personal",
        code('label=_l("Who takes part"),', 'label=_l("Who takes part"), personal=False,'),
    ),
    "a page that breaks": ("its_own_addresses_answer", code('return "forged"', "raise RuntimeError")),
    "a demo of nothing": (
        "its_demo_speaks_of_what_is_declared",
        code('kind="course", title', 'kind="nothing", title'),
    ),
    "a rule that nobody can keep": ("every_kind_can_be_booked", code("if weight >", "if weight >= 0 or weight >")),
    "news that breaks": (
        "it_bears_news_of_every_change",
        code('if change.base == "forge"', 'if 1 / 0 or change.base == "forge"'),
    ),
    "a fragment that breaks": (
        "fragments_are_made_for_every_region_and_nothing_for_unknown_ones",
        code('if region == "base_aside"', 'if 1 / 0 or region == "base_aside"'),
    ),
}


@pytest.mark.parametrize(("check", "files"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_found(instance: Instance, check: str, files: dict[str, str]) -> None:
    with pytest.raises((AssertionError, PluginError, DomainError, RuntimeError)):
        run(instance, check, files)


def test_without_a_fault_every_check_passes(instance: Instance) -> None:
    instance.drop("forge", kind="base", files=documented.files())
    with site("forge", instance.folder) as made:
        for check in sorted({check for check, _ in FAULTS.values()}):
            hold(made, instance, check)


def test_texts_without_a_catalogue_are_found_to_be_not_translated(instance: Instance) -> None:
    with pytest.raises(AssertionError, match="Hammers and presses"):
        run(instance, "every_text_is_translated_into_chinese", {})


def test_contrast_is_computed_as_wcag_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_the_paper_is_the_one_of_the_style_sheet() -> None:
    style = (paths.PACKAGE / "static/src/css/colours.css").read_text("utf-8")
    assert re.findall(r"--j-paper: (#[0-9a-f]{6})", style) == list(PAPER.values())
