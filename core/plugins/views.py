"""The administrator's page of plugins: what is found, what works, what failed and why."""

from flask import Blueprint

bp = Blueprint("plugins_manage", __name__, url_prefix="/manage/plugins")
