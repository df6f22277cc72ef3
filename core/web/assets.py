"""Addresses of our own style sheets, scripts and pictures, marked with their content so that browsers keep them."""

from functools import lru_cache
from hashlib import sha256

from flask import Flask, url_for
from flask_compress import Compress

from core import paths

COMPRESSED = ["text/css", "text/javascript", "image/svg+xml", "application/atom+xml", "application/xml"]
"""What holds no secret. Never pages: one with a secret and what a reader typed would tell it by its length (BREACH)."""


def init_app(app: Flask) -> None:
    """Send style sheets and scripts compressed; they are six times smaller so."""
    app.config["COMPRESS_MIMETYPES"] = COMPRESSED
    Compress(app)


def asset(name: str) -> str:
    """Return the address of a file under core/static, with a mark that changes when the file does."""
    file = paths.STATIC / name
    try:
        stamp = file.stat().st_mtime_ns
    except FileNotFoundError:
        return url_for("static", filename=name)  # not built: the page still comes, without it
    return url_for("static", filename=name, v=_mark(name, stamp))


@lru_cache(maxsize=64)
def _mark(name: str, stamp: int) -> str:
    return sha256((paths.STATIC / name).read_bytes()).hexdigest()[:10]
