"""Who is signed in (Flask-Login), and how often one may try."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Set up sign-in and rate limits for an application."""
