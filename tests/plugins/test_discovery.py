"""Plugins are found, told apart and put in order before any of their code runs."""

import re
from pathlib import Path

import pytest

from core import paths
from core.db import Model
from core.plugins import manifest
from tests.plugins.conftest import MANIFEST, Instance, record

BAD = {
    "": "plugin.toml: slug is None",
    "slug = ": "plugin.toml cannot be read",
    MANIFEST.format(slug="under_score", kind="feature"): "slug is 'under_score'",
    MANIFEST.format(slug="booking", kind="feature"): "slug 'booking' is reserved for the core",
    MANIFEST.format(slug="odd", kind="page"): 'kind is \'page\', it must be "base" or "feature"',
    MANIFEST.format(slug="odd", kind="feature") + "colour = 1\n": "unknown entry colour; known are",
    MANIFEST.format(slug="odd", kind="feature") + 'order = "first"\n': "order is 'first', it must be int",
    MANIFEST.format(slug="odd", kind="base") + "decides = true\n": "decides is for plugins of kind feature",
    'slug = "odd"\nname = "odd"\nkind = "feature"\nversion = "next"\n': "version is 'next'",
    'slug = "odd"\nname = "a\\nb"\nkind = "feature"\nversion = "1"\n': "it must be one line of at most 120 characters",
    "slug = " + "[" * 5000: "plugin.toml cannot be read: it is nested too deeply",
    f'slug = "{"x" * 70_000}"\n': "plugin.toml is larger than 65536 bytes",
    'slug = "odd"\nname = "odd"\nkind = "feature"\nversion = "1"\nrequires_core = ">=99"\n': "needs Jidi >=99, this is",
}


@pytest.mark.parametrize(("text", "reason"), BAD.items(), ids=BAD.values())
def test_a_manifest_that_cannot_be_used_says_what_is_allowed(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "plugin.toml").write_text(text, "utf-8")
    with pytest.raises(manifest.ManifestError) as raised:
        manifest.read(tmp_path)
    assert reason in str(raised.value)


def test_a_plugin_without_a_usable_manifest_is_listed_under_its_folder(instance: Instance) -> None:
    (instance.drop("odd") / "plugin.toml").unlink()
    found = record(instance.start(), "odd")
    assert (found.state, found.reason) == ("failed", "plugin.toml is missing")


def test_the_manifest_is_read_before_the_code(instance: Instance) -> None:
    instance.drop("odd", "open(__file__ + '.ran', 'w')", more='requires_core_ = ""\n')
    instance.start()
    assert not list((instance.folder / "plugins/odd").glob("*.ran"))


def test_plugins_are_sorted_by_order_then_slug(instance: Instance) -> None:
    for slug, order in (("zeta", 1), ("beta", 2), ("alpha", 2)):
        instance.drop(slug, more=f"order = {order}\n")
    with (app := instance.start(upgraded=False)).app_context():
        slugs = [entry.slug for entry in app.extensions["jidi_plugins"].records()]
    assert slugs[:3] == ["zeta", "alpha", "beta"]


def test_of_two_plugins_with_one_slug_the_second_is_refused_and_both_are_named(instance: Instance) -> None:
    folder = instance.drop("other")
    (folder / "plugin.toml").write_text(MANIFEST.format(slug="cnc", kind="feature"), "utf-8")
    with (app := instance.start()).app_context():
        first, second = [entry for entry in app.extensions["jidi_plugins"].records() if entry.slug == "cnc"]
    assert first.state == "active"
    assert second.state == "failed"
    assert second.reason == f"there are two plugins 'cnc': plugins/cnc is used, {folder} is not"


def test_what_is_left_of_a_deleted_plugin_is_not_taken_for_one(instance: Instance) -> None:
    (instance.folder / "plugins/gone/__pycache__").mkdir(parents=True)
    with (app := instance.start(upgraded=False)).app_context():
        assert "gone" not in [entry.slug for entry in app.extensions["jidi_plugins"].records()]


def test_a_folder_in_the_instance_may_have_any_name(instance: Instance) -> None:
    folder = instance.drop("odd", "from .part import PART", files={"part.py": "PART = 1"})
    folder.rename(folder.with_name("odd-1.0 copy"))
    assert record(instance.start(), "odd").state == "active"


def test_no_plugin_can_have_a_name_that_the_core_uses_itself(instance: Instance) -> None:
    app = instance.start(JIDI_SAFE_MODE="1")
    tables = {str(mapper.local_table).partition("_")[0] for mapper in Model.registry.mappers}
    features = {entry.name for entry in paths.PACKAGE.iterdir() if entry.is_dir()}
    templates = {entry.name for entry in paths.TEMPLATES.iterdir() if entry.is_dir()}
    # A base's slug follows /bases/ and /manage/, where addresses of the core stand too.
    addresses = {
        word
        for rule in app.url_map.iter_rules()
        for word in re.findall(r"^/(?:bases/|manage/)?([^/<]+)", rule.rule) + rule.rule.split("/")[1:2]
    }
    possible = {
        word
        for word in tables | features | templates | addresses | set(app.blueprints)
        if re.fullmatch("[a-z][a-z0-9]*", word)
    }
    assert sorted(possible - manifest.RESERVED) == []
