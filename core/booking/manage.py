"""Addresses with which a base's managers work: today, decisions, sessions, closures."""

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue
from flask_login import current_user

from core.booking.pages import (
    manage_bookings,
    manage_closures,
    manage_day,
    manage_hours,
    manage_import,
    manage_instructors,
    manage_kinds,
    manage_resources,
    manage_sessions,
    manage_timeline,
    resource_hours,
    views_waiting,
)

bp = Blueprint("booking_manage", __name__, url_prefix="/manage/<base>")
instructors = Blueprint("instructors", __name__, url_prefix="/manage/instructors")
instructor_hours = Blueprint("instructor_hours", __name__, url_prefix="/manage/instructors/<resource>/hours")

bp.add_url_rule("/", "today", manage_day.today)
bp.add_url_rule("/schedule", "schedule", manage_day.schedule)
bp.add_url_rule("/timeline", "timeline", manage_timeline.show)
bp.add_url_rule("/timeline.json", "timeline_data", manage_timeline.data)
bp.add_url_rule("/timeline/<ref>", "timeline_drop", manage_timeline.drop, methods=["POST"])
bp.add_url_rule("/bookings/", "waiting", manage_bookings.waiting)
bp.add_url_rule("/bookings/<ref>/<action>", "decide", manage_bookings.decide, methods=["POST"])
bp.add_url_rule("/sessions/", "sessions", manage_sessions.sessions)
bp.add_url_rule("/sessions/new", "session_new", manage_sessions.new, methods=["GET", "POST"])
bp.add_url_rule("/sessions/import", "sessions_import", manage_import.sessions, methods=["GET", "POST"])
bp.add_url_rule("/sessions/import/template.xlsx", "sessions_template", manage_import.sessions_template)
bp.add_url_rule("/sessions/<int:id>", "session_edit", manage_sessions.edit, methods=["GET", "POST"])
bp.add_url_rule("/sessions/<int:id>/copy", "session_copy", manage_sessions.copy)
bp.add_url_rule("/sessions/<int:id>/copy", "session_copy_days", manage_sessions.copy_days, methods=["POST"])
bp.add_url_rule("/sessions/<int:id>/publish", "session_publish", manage_sessions.publish, methods=["POST"])
bp.add_url_rule("/sessions/<int:id>/cancel", "session_cancel", manage_sessions.cancel, methods=["POST"])
bp.add_url_rule("/resources/", "resources", manage_resources.resources)
bp.add_url_rule("/resources/new", "resource_new", manage_resources.new, methods=["GET", "POST"])
bp.add_url_rule("/resources/import", "resources_import", manage_import.resources, methods=["GET", "POST"])
bp.add_url_rule("/resources/import/template.xlsx", "resources_template", manage_import.resources_template)
bp.add_url_rule("/resources/<resource>", "resource_edit", manage_resources.edit, methods=["GET", "POST"])
bp.add_url_rule("/resources/<resource>/retire", "resource_retire", manage_resources.retire, methods=["POST"])
bp.add_url_rule("/resources/<resource>/return", "resource_return", manage_resources.bring_back, methods=["POST"])
bp.add_url_rule("/waiting/", "waiting_lists", views_waiting.lists)
bp.add_url_rule("/kinds/", "kinds", manage_kinds.kinds)
bp.add_url_rule("/kinds/<kind>", "kind_edit", manage_kinds.edit, methods=["GET", "POST"])
bp.add_url_rule("/kinds/<kind>/reset", "kind_reset", manage_kinds.reset, methods=["POST"])
bp.add_url_rule("/closures/", "closures", manage_closures.closures, methods=["GET", "POST"])
bp.add_url_rule("/closures/<int:id>/lift", "closure_lift", manage_closures.lift, methods=["POST"])
bp.add_url_rule("/hours", "hours", manage_hours.hours, methods=["GET", "POST"])
bp.add_url_rule("/hours/days", "hours_days", manage_hours.days_set, methods=["POST"])
bp.add_url_rule("/hours/days/remove", "hours_days_removed", manage_hours.days_removed, methods=["POST"])
bp.add_url_rule("/hours/periods/new", "period_new", manage_hours.edit_period, methods=["GET", "POST"])
bp.add_url_rule("/hours/periods/<period>", "period", manage_hours.edit_period, methods=["GET", "POST"])
bp.add_url_rule("/hours/periods/<period>/switch", "period_switched", manage_hours.period_switched, methods=["POST"])

_OF_RESOURCE = "/resources/<resource>/hours"
bp.add_url_rule(_OF_RESOURCE, "resource_hours", resource_hours.hours, methods=["GET", "POST"])
bp.add_url_rule(f"{_OF_RESOURCE}/days", "resource_days", resource_hours.days_set, methods=["POST"])
bp.add_url_rule(f"{_OF_RESOURCE}/days/remove", "resource_days_removed", resource_hours.days_removed, methods=["POST"])
instructor_hours.add_url_rule("", "hours", resource_hours.hours, methods=["GET", "POST"])
instructor_hours.add_url_rule("/days", "days", resource_hours.days_set, methods=["POST"])
instructor_hours.add_url_rule("/days/remove", "days_removed", resource_hours.days_removed, methods=["POST"])


instructors.add_url_rule("/", "index", manage_instructors.instructors)
instructors.add_url_rule("/new", "new", manage_instructors.new, methods=["GET", "POST"])
instructors.add_url_rule("/<resource>", "edit", manage_instructors.edit, methods=["GET", "POST"])
instructors.add_url_rule("/<resource>/retire", "retire", manage_instructors.retire, methods=["POST"])
instructors.add_url_rule("/<resource>/return", "bring_back", manage_instructors.bring_back, methods=["POST"])


@bp.before_request
@instructors.before_request
@instructor_hours.before_request
def _sign_in_first() -> ResponseReturnValue | None:
    """Lead a visitor to sign in, and back to the page afterwards."""
    if current_user.is_authenticated:
        return None
    answer: ResponseReturnValue = current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
    return answer
