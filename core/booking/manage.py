"""Pages with which a base's managers work: today, decisions, sessions, closures."""

from flask import Blueprint

bp = Blueprint("booking_manage", __name__)
