"""Loads the plugins of one application and keeps what became of each."""

from flask import Flask

from core.config import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Find and load the plugins for this application."""
