"""What visitors read: pages and announcements."""

from flask import Blueprint

bp = Blueprint("content", __name__)
