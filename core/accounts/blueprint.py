"""The one blueprint of this feature: pages of one's own account (`views.py`) and of all users (`manage.py`)."""

from flask import Blueprint

bp = Blueprint("accounts", __name__)
