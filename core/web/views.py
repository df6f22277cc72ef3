"""The portal, its pages of explanation, and the way into the manage pages."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from core.caching import public_page
from core.errors import Forbidden
from core.web.appearance import stylesheet
from core.web.chrome import manage_nav, managed_bases
from core.web.portal import portal as collect

bp = Blueprint("web", __name__)


@bp.get("/")
@public_page("content", "booking", until="minute")
def portal() -> str:
    """Show the bases, the next sessions and the latest announcements."""
    return render_template("web/portal.html", portal=collect())


@bp.get("/help", endpoint="help")
@public_page("content")
def help_page() -> str:
    """Explain how to look, book and follow up."""
    return render_template("web/help.html")


@bp.get("/privacy")
@public_page("content")
def privacy() -> str:
    """Say which personal data is kept, why and for how long."""
    return render_template("web/privacy.html")


@bp.get("/bases.css")
def appearance() -> Response:
    """Serve the colours of the bases."""
    return Response(stylesheet(), mimetype="text/css")


@bp.get("/manage/")
def manage() -> ResponseReturnValue:
    """Lead whoever works at one base to it; show all to whoever works at several, or for the consortium (`?all=1`)."""
    bases, tasks = managed_bases(), manage_nav(None)[1:]
    if not bases and not tasks:
        raise Forbidden
    of_a_base = all(item.href == url_for("booking.waiting") for item in tasks)
    if len(bases) == 1 and of_a_base and "all" not in request.args:
        return redirect(bases[0][1][0].href)
    return render_template("web/manage.html", bases=bases, tasks=tasks)
