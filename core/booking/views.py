"""Addresses of booking: sessions, the booking form, and an organisation's bookings."""

from flask import Blueprint

from core.booking.pages import (
    views_booking,
    views_deciding,
    views_making,
    views_moving,
    views_public,
    views_series,
    views_waiting,
)

bp = Blueprint("booking", __name__)

bp.add_url_rule("/bases/<base>/sessions/<int:id>", "session", views_public.session)
bp.add_url_rule("/bases/<base>/book/", "choose", views_public.choose)
bp.add_url_rule("/bases/<base>/book/<kind>", "book", views_making.book, methods=["GET", "POST"])
bp.add_url_rule("/bases/<base>/book/<kind>/series", "series_new", views_series.new, methods=["GET", "POST"])
bp.add_url_rule("/bookings/series/<int:id>", "series", views_series.series)
bp.add_url_rule("/bookings/series/<int:id>/edit", "series_edit", views_series.edit, methods=["GET", "POST"])
bp.add_url_rule("/bookings/series/<int:id>/add", "series_add", views_series.add, methods=["POST"])
bp.add_url_rule("/bookings/series/<int:id>/cancel", "series_cancel", views_series.cancel, methods=["POST"])
bp.add_url_rule("/bookings/", "index", views_booking.index)
bp.add_url_rule("/bookings/<ref>", "show", views_booking.show)
bp.add_url_rule("/bookings/<ref>/accept", "accept", views_waiting.accept, methods=["POST"])
bp.add_url_rule("/bookings/<ref>/release", "release", views_waiting.release, methods=["POST"])
bp.add_url_rule("/bookings/<ref>/edit", "edit", views_making.edit, methods=["GET", "POST"])
bp.add_url_rule("/bookings/<ref>/move", "move", views_moving.move, methods=["GET", "POST"])
bp.add_url_rule("/bookings/<ref>/cancel", "cancel", views_booking.cancel, methods=["POST"])
bp.add_url_rule("/bookings/<ref>/personal", "personal", views_booking.personal, methods=["POST"])
bp.add_url_rule("/bookings/<ref>/print", "paper", views_booking.paper)
bp.add_url_rule("/bookings/<ref>/files/<int:id>", "upload", views_booking.upload)
bp.add_url_rule("/manage/waiting", "waiting", views_deciding.waiting)
bp.add_url_rule("/manage/waiting", "approve_marked", views_deciding.approve, methods=["POST"])
bp.add_url_rule("/manage/delegations", "delegations", views_deciding.lend, methods=["GET", "POST"])
bp.add_url_rule("/manage/delegations/<int:id>/end", "delegation_end", views_deciding.end, methods=["POST"])
