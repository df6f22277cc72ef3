"""Uploaded files: bytes under a random key in the site's storage (any fsspec address), facts about them in rows."""

import logging
import secrets
from typing import BinaryIO, cast

import fsspec
from flask import Flask, current_app

from core.config import Settings

log = logging.getLogger(__name__)


def init_app(app: Flask, settings: Settings) -> None:
    """Remember where files go; the folder is made on first use."""
    app.extensions["jidi_storage"] = settings.storage_url


def store(content: bytes) -> str:
    """Keep a file's bytes and return the key to read them by."""
    key = secrets.token_hex(20)
    filesystem, root = _storage()
    filesystem.makedirs(root, exist_ok=True)
    try:
        with filesystem.open(f"{root}/{key}", "wb") as out:
            out.write(content)
    except BaseException:
        remove(key)
        raise
    return key


def put(key: str, content: bytes) -> None:
    """Keep bytes that can be made again under a key of their own, whole or not at all.

    Several may put the same key at once: readers find the bytes of one of them.
    """
    filesystem, root = _storage()
    part = store(content)
    try:
        filesystem.mv(f"{root}/{part}", f"{root}/{key}")
    except BaseException:
        remove(part)
        raise


def exists(key: str) -> bool:
    """Say whether there are bytes under a key."""
    filesystem, root = _storage()
    return bool(filesystem.exists(f"{root}/{key}"))


def size(key: str) -> int:
    """Return how many bytes there are under a key.

    Raises:
        FileNotFoundError: there are none.
    """
    filesystem, root = _storage()
    return int(filesystem.size(f"{root}/{key}"))


def opened(key: str) -> BinaryIO:
    """Open a file's bytes for reading from any place; the caller closes it.

    Raises:
        FileNotFoundError: there is no file under this key.
    """
    filesystem, root = _storage()
    return cast("BinaryIO", filesystem.open(f"{root}/{key}", "rb"))


def read(key: str) -> bytes:
    """Return a file's bytes.

    Raises:
        FileNotFoundError: there is no file under this key.
    """
    filesystem, root = _storage()
    return cast("bytes", filesystem.cat_file(f"{root}/{key}"))


def remove(key: str) -> None:
    """Delete a file's bytes; does nothing when they are gone already.

    Storage that fails is logged and no more: the row is gone, and what was asked for is done.
    """
    filesystem, root = _storage()
    try:
        if filesystem.exists(f"{root}/{key}"):
            filesystem.rm_file(f"{root}/{key}")
    except OSError:
        log.warning("files: the bytes of %s could not be removed", key, exc_info=True)


def _storage() -> tuple[fsspec.AbstractFileSystem, str]:
    filesystem, root = fsspec.core.url_to_fs(current_app.extensions["jidi_storage"])
    return filesystem, root
