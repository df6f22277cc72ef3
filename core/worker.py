"""The worker: does the jobs that are due, and what must happen without anybody asking."""

import logging
import os
import socket
import threading
from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from sqlalchemy import delete
from sqlalchemy.exc import SQLAlchemyError

from core import clock, ending, jobs
from core.accounts import tokens
from core.booking import approvals, holding, waiting, workflow
from core.booking.models import Retry
from core.calendars.rebuild import follow_names
from core.calendars.tidy import tidy as tidy_calendars
from core.content import autosaves, trash
from core.content.media import keeping as media
from core.db import db, write
from core.intake import uploads
from core.plugins.facade import plugins

log = logging.getLogger(__name__)

PAUSE = 1.0
"""Seconds between looks at an empty queue."""

AFTER_TROUBLE = 5.0
"""Seconds to wait when the database does not answer."""

BEAT = timedelta(seconds=10)
"""How often a worker says that it is alive."""

ROUND = timedelta(seconds=30)
"""How often it looks for what has lapsed."""


def run(app: Flask, stop: threading.Event | None = None) -> None:
    """Work until told to stop: by SIGTERM or SIGINT (the job in hand is finished first), or by the event.

    Any number of workers may run at once, on any number of hosts.

    Args:
        app: the application whose jobs are done.
        stop: set by the caller to end the loop; signals are heard only without it.
    """
    if stop is None:
        stop = threading.Event()
        ending.when_told(stop.set)
    name = f"{socket.gethostname()}:{os.getpid()}"[:120]
    log.info("worker %s begins", name)
    next_beat = next_round = clock.now()
    while not stop.is_set():
        try:
            with app.app_context():
                if clock.now() >= next_beat:
                    jobs.beat(name)
                    next_beat = clock.now() + BEAT
                if clock.now() >= next_round:
                    tidy()
                    next_round = clock.now() + ROUND
                done = jobs.run_due(limit=10)
        except SQLAlchemyError:
            log.exception("worker %s: the database does not answer", name)
            stop.wait(AFTER_TROUBLE)
        else:
            if not done:
                stop.wait(PAUSE)
    log.info("worker %s ends", name)


def tidy() -> None:
    """Do what must happen without anybody asking; one chore that fails keeps none of the others from being done."""
    for chore in (
        workflow.expire_lapsed,
        waiting.tidy,
        approvals.escalate_overdue,
        tidy_calendars,
        follow_names,
        uploads.forget_waiting,
        holding.forget,
        autosaves.forget,
        trash.erase_old,
        media.erase_old,
        plugins().save_failures,
        forget,
    ):
        _try(chore)


def forget() -> None:
    """Remove what is only kept for a time: answers to repeated requests, links in mails, jobs done long ago."""
    with write() as session:
        session.execute(delete(Retry).where(Retry.created_at < clock.now() - Retry.KEPT))
        tokens.clean(session)
        jobs.clean(session)


def _try(chore: Callable[[], object]) -> None:
    try:
        chore()
    except Exception:
        db.session.rollback()
        log.exception("worker: %s of %s failed", chore.__name__, chore.__module__)
