"""A plugin's `plugin.toml`: read before any of its code, so that a plugin that cannot be imported is still known."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from core import __version__

FILE = "plugin.toml"

_LARGEST = 65_536  # bytes; one that is larger is no manifest
_LONGEST = 120  # characters of an entry

RESERVED = frozenset(
    {
        "account",
        "accounts",
        "agreement",
        "agreements",
        "alembic",
        "allocation",
        "announcement",
        "announcements",
        "api",
        "audit",
        "base",
        "bases",
        "booking",
        "bookings",
        "caldav",
        "calendar",
        "calendars",
        "cli",
        "closure",
        "consortium",
        "content",
        "core",
        "delegation",
        "delegations",
        "embed",
        "feeds",
        "following",
        "health",
        "healthz",
        "help",
        "holds",
        "instructors",
        "intake",
        "jidi",
        "job",
        "jobs",
        "login",
        "macros",
        "manage",
        "media",
        "message",
        "messages",
        "metrics",
        "migrations",
        "notify",
        "organisation",
        "organisations",
        "outbox",
        "page",
        "pages",
        "plugin",
        "plugins",
        "portal",
        "preview",
        "privacy",
        "quota",
        "quotas",
        "readyz",
        "reports",
        "requests",
        "resource",
        "resources",
        "search",
        "series",
        "session",
        "sessions",
        "site",
        "sitemap",
        "sqlite",
        "static",
        "templates",
        "term",
        "terms",
        "testing",
        "translations",
        "user",
        "users",
        "waiting",
        "web",
        "working",
    }
)
"""Slugs that no plugin may have: features of the core, first words of its tables and addresses."""

T = TypeVar("T")

_KNOWN = {"slug", "name", "kind", "version", "requires_core", "order", "decides"}


class ManifestError(Exception):
    """A `plugin.toml` that cannot be used; says which entry, what was read and what is allowed."""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a plugin says of itself.

    Attributes:
        slug: its key, `[a-z][a-z0-9]*`; also the base's slug, and the first word of its tables.
        name: what people call it.
        kind: `base` brings a base; `feature` serves all bases.
        version: a version as packages have them (PEP 440).
        requires_core: the versions of Jidi it works with (PEP 440), or "" for any.
        order: plugins are sorted by (order, slug).
        decides: (feature) bookings are refused while it cannot run, since its veto must not silently vanish.
    """

    slug: str
    name: str
    kind: Literal["base", "feature"]
    version: str
    requires_core: str = ""
    order: int = 100
    decides: bool = False


def read(folder: Path) -> Manifest:
    """Read and check the manifest in a plugin's folder.

    Raises:
        ManifestError: it is missing, not TOML, lacks an entry, has an unknown one or one that cannot be used.
    """
    try:
        with (folder / FILE).open("rb") as file:
            text = file.read(_LARGEST + 1)
        if len(text) > _LARGEST:
            raise ManifestError(f"{FILE} is larger than {_LARGEST} bytes")
        table = tomllib.loads(text.decode())
    except FileNotFoundError:
        raise ManifestError(f"{FILE} is missing") from None
    except RecursionError:
        raise ManifestError(f"{FILE} cannot be read: it is nested too deeply") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ManifestError(f"{FILE} cannot be read: {error}") from None
    unknown = sorted(set(table) - _KNOWN)
    if unknown:
        raise ManifestError(f"{FILE}: unknown entry {', '.join(unknown)}; known are {', '.join(sorted(_KNOWN))}")
    manifest = Manifest(
        slug=_slug(table),
        name=_text(table, "name"),
        kind=_kind(table),
        version=_version(table),
        requires_core=_requirement(table),
        order=_typed(table, "order", int, 100),
        decides=_typed(table, "decides", bool, False),
    )
    if manifest.decides and manifest.kind == "base":
        raise ManifestError(f"{FILE}: decides is for plugins of kind feature; a base's own rules always count")
    return manifest


def _text(table: dict[str, Any], key: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        raise ManifestError(f"{FILE}: {key} is {value!r}, it must be a text that is not empty")
    if len(value) > _LONGEST or not value.isprintable():
        raise ManifestError(f"{FILE}: {key} is {value[:40]!r}, it must be one line of at most {_LONGEST} characters")
    return value


def _slug(table: dict[str, Any]) -> str:
    slug = _text(table, "slug")
    if not re.fullmatch(r"[a-z][a-z0-9]{0,29}", slug):
        raise ManifestError(f"{FILE}: slug is {slug!r}, it must be a small letter, then small letters and digits (30)")
    if slug in RESERVED:
        raise ManifestError(f"{FILE}: slug {slug!r} is reserved for the core")
    return slug


def _kind(table: dict[str, Any]) -> Literal["base", "feature"]:
    kind = table.get("kind")
    if kind not in {"base", "feature"}:
        raise ManifestError(f'{FILE}: kind is {kind!r}, it must be "base" or "feature"')
    return "base" if kind == "base" else "feature"


def _version(table: dict[str, Any]) -> str:
    version = _text(table, "version")
    try:
        Version(version)
    except InvalidVersion:
        raise ManifestError(f'{FILE}: version is {version!r}, it must be a version like "1.0"') from None
    return version


def _requirement(table: dict[str, Any]) -> str:
    wanted = _typed(table, "requires_core", str, "")
    try:
        fits = SpecifierSet(wanted).contains(__version__, prereleases=True)
    except InvalidSpecifier:
        raise ManifestError(f'{FILE}: requires_core is {wanted!r}, it must be like ">=0.1"') from None
    if not fits:
        raise ManifestError(f"needs Jidi {wanted}, this is {__version__}")
    return wanted


def _typed(table: dict[str, Any], key: str, kind: type[T], default: T) -> T:
    value = table.get(key, default)
    if type(value) is not kind:
        raise ManifestError(f"{FILE}: {key} is {value!r}, it must be {kind.__name__}")
    return value
