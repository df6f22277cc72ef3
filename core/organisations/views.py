"""Pages of the consortium's organisations and of the requests for an account."""

from flask import Blueprint

bp = Blueprint("organisations", __name__)
