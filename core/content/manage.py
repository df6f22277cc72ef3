"""Pages with which announcements are written and pages edited."""

from flask import Blueprint

bp = Blueprint("content_manage", __name__)
