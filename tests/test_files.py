"""Uploaded files in the site's storage."""

import pytest
from flask import Flask

from core import files


def test_what_is_stored_is_read_by_its_key_until_it_is_removed(app: Flask) -> None:
    with app.app_context():
        first, second = files.store(b"one"), files.store(b"two")
        assert (files.read(first), files.read(second)) == (b"one", b"two")
        files.remove(first)
        with pytest.raises(FileNotFoundError):
            files.read(first)
        assert files.read(second) == b"two"


def test_removing_what_is_gone_does_nothing(app: Flask) -> None:
    with app.app_context():
        key = files.store(b"one")
        files.remove(key)
        files.remove(key)
