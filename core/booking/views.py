"""Pages of booking: a session, the booking form, an organisation's bookings."""

from flask import Blueprint

bp = Blueprint("booking", __name__)
