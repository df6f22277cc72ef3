"""Pages about bases: the list, a base's home, and the settings its manager may change."""

from flask import Blueprint

bp = Blueprint("bases", __name__)
