"""Calendar pages, their entries as JSON, and the public iCalendar feeds."""

from flask import Blueprint

bp = Blueprint("calendars", __name__)
