"""Settings: read from the environment and `instance/jidi.toml` (the environment wins), typed and checked once."""

import os
import re
import secrets
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from core import paths


class SettingsError(Exception):
    """One or more settings cannot be used; each line names the setting, what was read and what is allowed."""


@dataclass(frozen=True)
class Settings:
    """What a running site was told, checked. The names are those of the environment without `JIDI_`, in small letters.

    Attributes:
        instance: folder for everything the running site writes.
        database_url: SQLAlchemy address of the database (SQLite or PostgreSQL).
        redis_url: shared store for rate limits, or None for one per process.
        secret_key: signs cookies and links.
        base_url: the site's public address without a trailing slash, used in mails and calendars.
        mail_url: `smtp://[user:password@]host[:port]`, or None: mails stay in the outbox.
        mail_from: sender of mails.
        host, port: where `jidi serve` listens.
        workers, threads: processes and threads per process of `jidi serve`.
        storage_url: where uploads go; any fsspec address.
        trusted_proxies: number of reverse proxies whose forwarded headers are believed.
        data_keys: Fernet keys for personal data: the first encrypts, all decrypt.
        plugins: the only plugins to load, or None for all found.
        safe_mode: start the core without any plugin.
        strict: make every isolated plugin failure loud (tests, development).
    """

    instance: Path
    database_url: str
    redis_url: str | None
    secret_key: str
    base_url: str
    mail_url: str | None
    mail_from: str
    host: str
    port: int
    workers: int
    threads: int
    storage_url: str
    trusted_proxies: int
    data_keys: tuple[str, ...]
    plugins: tuple[str, ...] | None
    safe_mode: bool
    strict: bool


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text that is not empty")
    return value.strip()


def _address(*schemes: str) -> Callable[[Any], str]:
    def parse(value: Any) -> str:
        allowed = "an address beginning with " + " or ".join(f"{scheme}://" for scheme in schemes)
        if not isinstance(value, str) or not value.startswith(tuple(f"{scheme}://" for scheme in schemes)):
            raise ValueError(allowed)
        try:
            parts = urlsplit(value)
            usable = bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if not usable:
            raise ValueError(f"{allowed}, then a host and perhaps a port")
        return value.rstrip("/")

    return parse


def _database(value: Any) -> str:
    allowed = "sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE"
    if isinstance(value, str) and value.startswith("postgresql://"):
        value = value.replace("postgresql://", "postgresql+psycopg://", 1)
    if not isinstance(value, str) or not value.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError(allowed)
    try:
        make_url(value)
    except (ValueError, ArgumentError):
        raise ValueError(f"{allowed}; special characters in them are written %40 and so on") from None
    return value


def _number(low: int, high: int) -> Callable[[Any], int]:
    def parse(value: Any) -> int:
        allowed = f"a whole number from {low} to {high}"
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise ValueError(allowed)
        try:
            number = int(value)
        except ValueError:
            raise ValueError(allowed) from None
        if not low <= number <= high:
            raise ValueError(allowed)
        return number

    return parse


def _switch(value: Any) -> bool:
    known = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": False}
    if isinstance(value, bool):
        return value
    if not isinstance(value, str) or value.lower() not in known:
        raise ValueError("1 or 0")
    return known[value.lower()]


def _words(value: Any) -> tuple[str, ...]:
    words = value.split(",") if isinstance(value, str) else value
    if not isinstance(words, list | tuple) or not all(isinstance(word, str) for word in words):
        raise ValueError("names with commas between")
    return tuple(word.strip() for word in words if word.strip())


def _keys(value: Any) -> tuple[str, ...]:
    keys = _words(value)
    try:
        for key in keys:
            Fernet(key)
    except ValueError:
        keys = ()
    if not keys:
        raise ValueError("Fernet keys (32 bytes, url-safe base64) with commas between")
    return keys


PARSERS: Mapping[str, Callable[[Any], Any]] = {
    "database_url": _database,
    "redis_url": _address("redis", "rediss"),
    "secret_key": _text,
    "base_url": _address("http", "https"),
    "mail_url": _address("smtp", "smtps"),
    "mail_from": _text,
    "host": _text,
    "port": _number(1, 65535),
    "workers": _number(1, 64),
    "threads": _number(1, 256),
    "storage_url": _text,
    "trusted_proxies": _number(0, 10),
    "data_keys": _keys,
    "plugins": _words,
    "safe_mode": _switch,
    "strict": _switch,
}


def load(environ: Mapping[str, str] | None = None, *, instance: Path | None = None) -> Settings:
    """Read, check and complete the settings; makes the instance folder and, on first start, its keys.

    Args:
        environ: the environment to read; the process's own when None.
        instance: the instance folder, over `JIDI_INSTANCE`.

    Raises:
        SettingsError: a setting is unknown or has a value that cannot be used; all of them are named at once.
    """
    environ = os.environ if environ is None else environ
    folder = (instance or Path(environ.get("JIDI_INSTANCE") or paths.default_instance())).resolve()
    given = _given(environ, folder / "jidi.toml")
    values: dict[str, Any] = {}
    wrong = []
    for name, (value, source) in given.items():
        try:
            values[name] = PARSERS[name](value)
        except ValueError as error:
            shown = "…" if name in {"secret_key", "data_keys"} else _without_password(repr(value))
            wrong.append(f"JIDI_{name.upper()} ({source}): read {shown}, allowed is {error}")
    if wrong:
        raise SettingsError("\n".join(wrong))
    return _completed(values, folder)


def _without_password(text: str) -> str:
    """Return an address as it may stand in a log."""
    return re.sub(r"(://[^:/@]*):.*@", r"\1:…@", text)


def unknown(environ: Mapping[str, str]) -> list[str]:
    """Return the names in an environment that look like settings and are none."""
    known = {f"JIDI_{name.upper()}" for name in ("instance", *PARSERS)}
    return sorted(name for name in environ if name.startswith("JIDI_") and name not in known)


def _given(environ: Mapping[str, str], file: Path) -> dict[str, tuple[Any, str]]:
    """Collect the settings that were given, each with the place it was read from."""
    given: dict[str, tuple[Any, str]] = {}
    if file.exists():
        try:
            table = tomllib.loads(file.read_text("utf-8"))
        except OSError as error:
            raise SettingsError(f"{file}: cannot be read: {error.strerror}") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{file}: not readable as TOML: {error}") from None
        unknown = sorted(set(table) - set(PARSERS))
        if unknown:
            raise SettingsError(f"{file}: unknown settings {', '.join(unknown)}; known are {', '.join(PARSERS)}")
        given.update((name, (value, str(file))) for name, value in table.items())
    for name in PARSERS:
        value = environ.get(f"JIDI_{name.upper()}")
        if value:
            given[name] = (value, "environment")
    return given


def _completed(values: dict[str, Any], folder: Path) -> Settings:
    """Fill in the defaults; keys that were not given are made once and kept in the instance folder."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"JIDI_INSTANCE: {folder} cannot be made or is no folder: {error.strerror}") from None
    database_url = values.setdefault("database_url", f"sqlite:///{folder / 'jidi.db'}")
    shared = not database_url.startswith("sqlite")
    for name, make in (
        ("secret_key", lambda: secrets.token_hex(32)),
        ("data_keys", lambda: Fernet.generate_key().decode()),
    ):
        if name in values:
            continue
        if shared:
            # Several hosts may share the database: keys made on each would not agree.
            raise SettingsError(f"JIDI_{name.upper()}: must be given when the database is PostgreSQL")
        try:
            values[name] = PARSERS[name](_kept(folder / name, make))
        except ValueError as error:
            raise SettingsError(
                f"{folder / name}: read …, allowed is {error}; put back the file as it was, or set JIDI_{name.upper()}"
            ) from None
        except OSError as error:
            raise SettingsError(
                f"JIDI_INSTANCE: {folder / name} cannot be written or read: {error.strerror}; the instance folder must"
                " be writable by whoever runs Jidi"
            ) from None
    values.setdefault("host", "127.0.0.1")
    values.setdefault("port", 5000)
    defaults: dict[str, Any] = {
        "redis_url": None,
        "base_url": f"http://{values['host']}:{values['port']}",
        "mail_url": None,
        "mail_from": "jidi@localhost",
        "workers": 1,
        "threads": 4,
        "storage_url": (folder / "files").as_uri(),
        "trusted_proxies": 0,
        "plugins": None,
        "safe_mode": False,
        "strict": False,
    }
    complete = {"instance": folder, **defaults, **values}
    return Settings(**{field.name: complete[field.name] for field in fields(Settings)})


def _kept(file: Path, make: Callable[[], str]) -> str:
    """Return the secret kept in a file, making it on first use; two processes starting at once agree on one."""
    if not file.exists():
        fresh = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(make())
        try:
            os.link(fresh, file)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return file.read_text().strip()
