"""Addresses of agreements and quotas: those of the office, and an organisation's own."""

from flask import Blueprint

from core.booking.pages import manage_agreements, views_agreements

bp = Blueprint("agreements", __name__)

bp.add_url_rule("/bookings/agreements/", "own", views_agreements.own)
bp.add_url_rule("/bookings/agreements/quotas/<int:quota_id>", "used", views_agreements.used)

bp.add_url_rule("/manage/agreements/", "index", manage_agreements.index)
bp.add_url_rule("/manage/agreements/new", "new", manage_agreements.new, methods=["GET", "POST"])
bp.add_url_rule("/manage/agreements/<int:agreement_id>", "edit", manage_agreements.edit, methods=["GET", "POST"])
bp.add_url_rule("/manage/agreements/<int:agreement_id>/end", "end", manage_agreements.end, methods=["POST"])
bp.add_url_rule(
    "/manage/agreements/<int:agreement_id>/quotas", "quota_new", manage_agreements.quota_new, methods=["GET", "POST"]
)
bp.add_url_rule("/manage/agreements/quotas/<int:quota_id>", "quota", manage_agreements.quota, methods=["GET", "POST"])
bp.add_url_rule(
    "/manage/agreements/quotas/<int:quota_id>/remove", "quota_remove", manage_agreements.quota_remove, methods=["POST"]
)
