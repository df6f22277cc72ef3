"""What this process runs, as a short mark: two processes bear the same only when they make the same pages."""

from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path

from core import paths

ENDINGS = frozenset({".py", ".html", ".toml", ".mo", ".md", ".css", ".js", ".svg"})


def mark(folders: Iterable[Path]) -> str:
    """Return the mark of the core with the plugins that lie in these folders."""
    digest = sha256()
    for folder in (paths.PACKAGE, paths.TEMPLATES, *sorted(set(folders))):
        digest.update(_of(folder).encode())
    return digest.hexdigest()[:16]


@cache
def _of(folder: Path) -> str:
    """Return the mark of a folder's files by name and content; read once in a process, as the code is."""
    digest = sha256()
    for file in sorted(_files(folder)):
        digest.update(str(file.relative_to(folder)).encode() + b"\0" + sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    for file in folder.rglob("*"):
        if file.suffix in ENDINGS and "node_modules" not in file.relative_to(folder).parts and file.is_file():
            yield file
