"""Finding plugins, without importing any: in `plugins/`, among installed packages, in the instance folder."""

import hashlib
import importlib.util
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path

from core import paths
from core.config import Settings
from core.plugins import manifest
from core.plugins.manifest import Manifest, ManifestError

GROUP = "jidi.plugins"
"""The group of entry points that installed packages announce their plugins in."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A plugin that was found.

    Attributes:
        slug: from its manifest; the name it was found under when the manifest cannot be used.
        origin: where it was found, for people.
        folder: its package's folder, or None when an installed package has none.
        module: the name it is imported under.
        installed: whether it is an installed package; else its folder is loaded as it lies there.
        manifest: what it says of itself, or None when that cannot be used.
        reason: why it cannot be loaded, or "".
    """

    slug: str
    origin: str
    folder: Path | None
    module: str
    installed: bool = False
    manifest: Manifest | None = None
    reason: str = ""

    @property
    def order(self) -> tuple[int, str]:
        """The place in the one list that drives hooks, templates and pages."""
        return (self.manifest.order if self.manifest else 1_000_000, self.slug)


def discover(settings: Settings) -> list[Candidate]:
    """Find every plugin; sorted by (order, slug). Of two with one slug the second is refused, naming both origins."""
    found: dict[str, Candidate] = {}
    refused = []
    for candidate in _everywhere(settings):
        first = found.setdefault(candidate.slug, candidate)
        if first is not candidate:
            reason = f"there are two plugins {candidate.slug!r}: {first.origin} is used, {candidate.origin} is not"
            refused.append(replace(candidate, reason=reason))
    return sorted([*found.values(), *refused], key=lambda candidate: candidate.order)


def _everywhere(settings: Settings) -> Iterator[Candidate]:
    for folder in _packages(paths.PLUGINS):
        yield _read(folder.name, f"plugins/{folder.name}", folder, f"plugins.{folder.name}")
    for point in sorted(metadata.entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        yield _installed(point)
    for folder in _packages(settings.instance / "plugins"):
        # Two sites in one process may each have a plugin of this name: the module's name tells them apart.
        mark = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
        word = re.sub(r"\W", "_", folder.name)  # a dot would make it the name of a package inside another
        yield _read(folder.name, str(folder), folder, f"jidi_instance_{word}_{mark}")


def _packages(place: Path) -> Iterator[Path]:
    """Yield the folders of a place that are plugins; leftovers of a deleted one (caches) are not."""
    if place.is_dir():
        for folder in sorted(place.iterdir()):
            if (folder / manifest.FILE).is_file() or (folder / "__init__.py").is_file():
                yield folder


def _installed(point: metadata.EntryPoint) -> Candidate:
    package = f"{point.dist.name} {point.dist.version}" if point.dist else "?"
    origin = f"package {package} ({point.module})"
    try:
        spec = importlib.util.find_spec(point.module)
    except (ImportError, ValueError) as error:
        spec, reason = None, f"{type(error).__name__}: {error}"
    else:
        reason = f"there is no package {point.module}"
    if spec is None or not spec.submodule_search_locations:
        reason = reason if spec is None else f"{point.module} is a module, it must be a package with a {manifest.FILE}"
        return Candidate(slug=point.name, origin=origin, folder=None, module=point.module, reason=reason)
    read = _read(point.name, origin, Path(spec.submodule_search_locations[0]), point.module)
    return replace(read, installed=True)


def _read(name: str, origin: str, folder: Path, module: str) -> Candidate:
    try:
        read = manifest.read(folder)
    except ManifestError as error:
        return Candidate(slug=name, origin=origin, folder=folder, module=module, reason=str(error))
    return Candidate(slug=read.slug, origin=origin, folder=folder, module=module, manifest=read)
