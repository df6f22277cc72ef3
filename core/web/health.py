"""For those who run the site: is it alive, is it ready."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from core import clock, jobs, upgrade
from core.db import db
from core.plugins.facade import plugins

bp = Blueprint("health", __name__)

SILENCE = timedelta(minutes=1)
"""A worker that has not been heard of for so long is taken for dead; it speaks every ten seconds."""

SHOWN = ("slug", "kind", "version", "state", "reason", "failures", "failure")


@bp.after_request
def _of_the_moment(response: Response) -> Response:
    """Keep an answer out of every cache; said here, so that nobody looks up who asks."""
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/healthz")
def alive() -> Response:
    """Say that the process answers; touches nothing else."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
def ready() -> ResponseReturnValue:
    """Say whether pages can be served (200, else 503), and what ails: schema, worker, plugins.

    A plugin that failed or a worker that is silent is told, but the site goes on without: still 200.
    """
    report = _report()
    return jsonify(report), 200 if report["ready"] else 503


def _report() -> dict[str, Any]:
    try:
        schema = "current" if upgrade.is_current() else "run `jidi upgrade`"
        worker = _worker()
    except SQLAlchemyError:
        db.session.rollback()
        return {"ready": False, "database": "does not answer", "plugins": _plugins()}
    return {
        "ready": schema == "current",
        "database": "ok",
        "schema": schema,
        "worker": worker,
        "plugins": _plugins(),
    }


def _worker() -> str:
    seen = jobs.last_beat()
    if seen is None or clock.now() - seen > SILENCE:
        return "silent: start `jidi worker`"
    return "ok"


def _plugins() -> list[dict[str, Any]]:
    records = [asdict(record) for record in plugins().records()]
    return [{key: record[key] for key in SHOWN} for record in records]
