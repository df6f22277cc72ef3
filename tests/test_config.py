"""Settings: where they come from, what is refused and in which words, keys made once."""

import os
import re
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from core import config
from core.config import SettingsError


def test_a_fresh_instance_runs_on_sqlite_with_keys_of_its_own(tmp_path: Path) -> None:
    settings = config.load({}, instance=tmp_path / "new")
    assert settings.database_url == f"sqlite:///{tmp_path}/new/jidi.db"
    assert (settings.host, settings.port, settings.base_url) == ("127.0.0.1", 5000, "http://127.0.0.1:5000")
    assert settings.mail_url is None
    for name in ("secret_key", "data_keys"):
        assert stat.S_IMODE((tmp_path / "new" / name).stat().st_mode) == 0o600


def test_keys_made_once_are_kept(tmp_path: Path) -> None:
    first, second = config.load({}, instance=tmp_path), config.load({}, instance=tmp_path)
    assert (first.secret_key, first.data_keys) == (second.secret_key, second.data_keys)


def test_processes_that_start_together_agree_on_the_keys(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _n: config.load({}, instance=tmp_path).secret_key, range(64)))
    assert len(keys) == 1
    assert sorted(file.name for file in tmp_path.iterdir()) == ["data_keys", "secret_key"]


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("JIDI_PORT", "abc", "a whole number from 1 to 65535"),
        ("JIDI_PORT", "70000", "a whole number from 1 to 65535"),
        ("JIDI_WORKERS", "0", "a whole number from 1 to 64"),
        ("JIDI_DATABASE_URL", "mysql://localhost/jidi", "sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE"),
        ("JIDI_MAIL_URL", "mail.example.org", "an address beginning with smtp:// or smtps://"),
        ("JIDI_BASE_URL", "example.org", "an address beginning with http:// or https://"),
        ("JIDI_BASE_URL", "http://", "an address beginning with http:// or https://, then a host and perhaps a port"),
        (
            "JIDI_MAIL_URL",
            "smtp://h:x",
            "an address beginning with smtp:// or smtps://, then a host and perhaps a port",
        ),
        (
            "JIDI_DATABASE_URL",
            "postgresql://db:port/jidi",
            "sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE; special characters in them are written %40 and so on",  # noqa: E501
        ),
        ("JIDI_SAFE_MODE", "perhaps", "1 or 0"),
    ],
)
def test_a_value_of_no_use_is_named_with_what_is_allowed(tmp_path: Path, name: str, value: str, allowed: str) -> None:
    with pytest.raises(SettingsError) as refused:
        config.load({name: value}, instance=tmp_path)
    assert str(refused.value) == f"{name} (environment): read '{value}', allowed is {allowed}"


def test_all_wrong_settings_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"(?s)JIDI_PORT.*JIDI_THREADS"):
        config.load({"JIDI_PORT": "abc", "JIDI_THREADS": "many"}, instance=tmp_path)


def test_a_secret_of_no_use_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        config.load({"JIDI_DATA_KEYS": "hunter2"}, instance=tmp_path)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("JIDI_MAIL_URL", "http://me:hunter2@mail.example.org"), ("JIDI_DATABASE_URL", "mysql://me:hunter2:@x@db/jidi")],
)
def test_a_password_in_an_address_is_not_repeated(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{name}.*://me:…@") as refused:
        config.load({name: value}, instance=tmp_path)
    assert "hunter2" not in str(refused.value)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match=r"JIDI_INSTANCE: .*/file/instance cannot be made"):
        config.load({}, instance=tmp_path / "file/instance")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "secret_key").mkdir()
    with pytest.raises(SettingsError, match=r"JIDI_INSTANCE: .*/secret_key cannot be written or read"):
        config.load({}, instance=tmp_path)


@pytest.mark.parametrize("name", ["secret_key", "data_keys"])
def test_a_kept_key_that_was_spoilt_is_named_and_not_made_anew(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("")
    with pytest.raises(SettingsError, match=f"/{name}: read …, allowed is .*put back the file"):
        config.load({}, instance=tmp_path)
    assert (tmp_path / name).read_text() == ""


def test_what_looks_like_a_setting_and_is_none_is_found() -> None:
    assert config.unknown({"JIDI_PORT": "1", "JIDI_INSTANCE": "x", "JIDI_PROT": "1", "PATH": ""}) == ["JIDI_PROT"]


def test_the_file_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / "jidi.toml").write_text('port = 8000\nmail_from = "base@example.org"\nplugins = ["one", "two"]\n')
    settings = config.load({"JIDI_PORT": "9000"}, instance=tmp_path)
    assert (settings.port, settings.mail_from, settings.plugins) == (9000, "base@example.org", ("one", "two"))


def test_the_file_is_named_when_its_value_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "jidi.toml"
    file.write_text("port = true\n")
    with pytest.raises(SettingsError, match=re.escape(f"JIDI_PORT ({file}): read True")):
        config.load({}, instance=tmp_path)


def test_an_unknown_setting_in_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "jidi.toml").write_text("prot = 8000\n")
    with pytest.raises(SettingsError, match=r"unknown settings prot; known are .*port"):
        config.load({}, instance=tmp_path)


@pytest.mark.parametrize("content", [b"port = ", b"\xff\xfe"])
def test_a_file_that_is_no_toml_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "jidi.toml").write_bytes(content)
    with pytest.raises(SettingsError, match="not readable as TOML"):
        config.load({}, instance=tmp_path)


def test_postgresql_wants_its_keys_given_for_hosts_would_make_different_ones(tmp_path: Path) -> None:
    environ = {"JIDI_DATABASE_URL": "postgresql://jidi@db/jidi", "JIDI_SECRET_KEY": "x"}
    with pytest.raises(SettingsError, match="JIDI_DATA_KEYS: must be given"):
        config.load(environ, instance=tmp_path)
    settings = config.load(environ | {"JIDI_DATA_KEYS": Fernet.generate_key().decode()}, instance=tmp_path)
    assert settings.database_url == "postgresql+psycopg://jidi@db/jidi"


def test_the_instance_folder_is_that_of_the_environment(tmp_path: Path) -> None:
    settings = config.load({"JIDI_INSTANCE": str(tmp_path / "here")})
    assert settings.instance == tmp_path / "here"
    assert os.listdir(settings.instance)  # noqa: PTH208 (that it was made is all that matters)
