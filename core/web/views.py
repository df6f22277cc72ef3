"""The portal, its pages of explanation, and the way into the manage pages."""

from flask import Blueprint, Response, render_template

from core.web.appearance import stylesheet
from core.web.portal import portal as collect

bp = Blueprint("web", __name__)


@bp.get("/")
def portal() -> str:
    """Show the bases, the next sessions and the latest announcements."""
    return render_template("web/portal.html", portal=collect())


@bp.get("/help")
def help() -> str:
    """Explain how to look, book and follow up."""
    return render_template("web/help.html")


@bp.get("/privacy")
def privacy() -> str:
    """Say which personal data is kept, why and for how long."""
    return render_template("web/privacy.html")


@bp.get("/bases.css")
def appearance() -> Response:
    """Serve the colours of the bases."""
    return Response(stylesheet(), mimetype="text/css")


@bp.get("/manage/")
def manage() -> str:
    """Lead whoever manages one base to it; show all to whoever manages several, or the consortium."""
    return render_template("web/manage.html")
