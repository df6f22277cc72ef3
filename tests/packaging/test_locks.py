"""The locks hold what setup.cfg and package.json ask for, pinned and hashed, and name no host."""

import json
import re
from configparser import ConfigParser
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent.parent
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-install.txt")


def asked_for(section: str, option: str) -> set[str]:
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    lines = (line for line in config[section][option].splitlines() if line and not line.startswith("#"))
    return {canonicalize_name(Requirement(line).name) for line in lines}


def pinned(lock: str) -> dict[str, str]:
    """Return each pinned package of a lock with what stands below it."""
    blocks = re.split(r"^(?=[a-z])", (ROOT / lock).read_text(), flags=re.MULTILINE)
    return {block.partition("==")[0].partition("[")[0]: block for block in blocks if "==" in block}


def test_what_the_wheel_requires_is_pinned() -> None:
    assert asked_for("options", "install_requires") - pinned("requirements.txt").keys() == set()


def test_developers_get_the_same_releases_and_their_tools() -> None:
    developer = pinned("requirements-dev.txt")
    assert asked_for("options.extras_require", "dev") - developer.keys() == set()
    assert {name for name, block in pinned("requirements.txt").items() if developer.get(name) != block} == set()


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pinned_package_carries_hashes(lock: str) -> None:
    assert [name for name, block in pinned(lock).items() if "--hash=sha256:" not in block] == []


def test_no_lock_names_a_host() -> None:
    assert [lock for lock in LOCKS if "://" in (ROOT / lock).read_text()] == []
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if name and "integrity" not in package] == []
