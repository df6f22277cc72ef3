"""Addresses with which a base's managers work: today, decisions, sessions, closures."""

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue
from flask_login import current_user

from core.booking.pages import manage_bookings, manage_closures, manage_day, manage_sessions

bp = Blueprint("booking_manage", __name__, url_prefix="/manage/<base>")

bp.add_url_rule("/", "today", manage_day.today)
bp.add_url_rule("/schedule", "schedule", manage_day.schedule)
bp.add_url_rule("/bookings/", "waiting", manage_bookings.waiting)
bp.add_url_rule("/bookings/<ref>/<action>", "decide", manage_bookings.decide, methods=["POST"])
bp.add_url_rule("/sessions/", "sessions", manage_sessions.sessions)
bp.add_url_rule("/sessions/new", "session_new", manage_sessions.new, methods=["GET", "POST"])
bp.add_url_rule("/sessions/<int:id>", "session_edit", manage_sessions.edit, methods=["GET", "POST"])
bp.add_url_rule("/sessions/<int:id>/copy", "session_copy", manage_sessions.copy)
bp.add_url_rule("/sessions/<int:id>/copy", "session_copy_days", manage_sessions.copy_days, methods=["POST"])
bp.add_url_rule("/sessions/<int:id>/publish", "session_publish", manage_sessions.publish, methods=["POST"])
bp.add_url_rule("/sessions/<int:id>/cancel", "session_cancel", manage_sessions.cancel, methods=["POST"])
bp.add_url_rule("/closures/", "closures", manage_closures.closures, methods=["GET", "POST"])
bp.add_url_rule("/closures/<int:id>/lift", "closure_lift", manage_closures.lift, methods=["POST"])


@bp.before_request
def _sign_in_first() -> ResponseReturnValue | None:
    """Lead a visitor to sign in, and back to the page afterwards."""
    if current_user.is_authenticated:
        return None
    answer: ResponseReturnValue = current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
    return answer
