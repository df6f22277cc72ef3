"""The command that says what is wrong with a site and how to mend it."""

import logging
import os
import smtplib
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import click
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from core import clock, files, jobs
from core.booking import invariants
from core.calendars import rebuild
from core.cli.running import application
from core.config import Settings, unknown
from core.db import db
from core.plugins.facade import plugins
from core.upgrade import is_current

PATIENCE = 10  # seconds for the mail server
SILENCE = timedelta(minutes=5)

Finding = tuple[str, str]
"""What was looked at, and what is wrong with it and how to mend it; "" when nothing is."""


@click.command()
@click.option("--bookings", is_flag=True, help="Prove instead that nothing is booked twice and every booking fits.")
@click.option("--calendars", is_flag=True, help="Compare instead each calendar entry with what it stands for.")
def check(bookings: bool, calendars: bool) -> None:
    """Look at settings, database, plugins, worker, storage and mail; ends with 1 when anything is wrong."""
    if bookings:
        _check_bookings()
    if calendars:
        _check_calendars()
    if bookings or calendars:
        return
    logging.getLogger("core.plugins").setLevel(logging.CRITICAL)  # the reasons are printed anyway
    app = application(strict=False)
    with app.app_context():
        findings = list(_findings(app.extensions["jidi_settings"]))
    for what, wrong in findings:
        click.echo(f"{'WRONG' if wrong else 'ok':<6} {what}" + (f": {wrong}" if wrong else ""))
    if any(wrong for _, wrong in findings):
        raise SystemExit(1)


def _check_bookings() -> None:
    """Print each violation of the rules of booking in a line, or how much was looked at when there is none."""
    with application(plugins=False).app_context():
        database = _database()
        if database:
            raise click.ClickException(f"The database {database}")
        found = False
        with invariants.snapshot() as connection:
            for violation in invariants.violations(connection):
                click.echo(f"{violation.rule}: {violation.what}")
                found = True
            counts = invariants.counts(connection)
    if found:
        raise SystemExit(1)
    click.echo("no violation in " + ", ".join(f"{number} {what}" for what, number in counts.items()))


def _check_calendars() -> None:
    """Print each entry that is not what its source says, in a line, or how many were compared when there is none."""
    with application().app_context():
        database = _database()
        if database:
            raise click.ClickException(f"The database {database}")
        found = False
        for difference in rebuild.differences():
            click.echo(difference)
            found = True
        count = rebuild.count()
    if found:
        raise SystemExit(1)
    click.echo(f"no difference in {count} entries")


def _findings(settings: Settings) -> Iterator[Finding]:
    yield f"settings (instance folder {settings.instance})", _unknown(settings)
    database = _database()
    yield "database", database
    for record in plugins().records():
        wrong = record.reason if record.state == "failed" else ""
        yield f"plugin {record.slug} ({record.origin}), {record.state}", wrong
    if not database:
        yield "worker", _worker()
    yield "storage", _storage()
    yield "mail", _mail(settings)


def _unknown(settings: Settings) -> str:
    names = unknown(os.environ)
    if names:
        return f"{', '.join(names)} in the environment: there is no such setting"
    missing = [slug for slug in settings.plugins or () if plugins().find(slug) is None]
    return f"JIDI_PLUGINS names {', '.join(missing)}: there is no such plugin" if missing else ""


def _database() -> str:
    try:
        db.session.execute(text("SELECT 1"))
        if not is_current():
            return "its tables are not up to date: run `jidi upgrade`"
    except SQLAlchemyError as error:
        db.session.rollback()
        reason = str(error.orig if isinstance(error, DBAPIError) else error).partition("\n")[0]
        return f"cannot be used: {reason}; see JIDI_DATABASE_URL"
    return ""


def _worker() -> str:
    beat = jobs.last_beat()
    if beat is None:
        return "none has run yet, so no mail goes out: start `jidi worker`"
    if clock.now() - beat > SILENCE:
        return f"the last sign of life is of {clock.local(beat):%Y-%m-%d %H:%M}: start `jidi worker`"
    return ""


def _storage() -> str:
    try:
        files.remove(files.store(b"jidi check"))
    except Exception as error:  # noqa: BLE001 (each kind of storage has errors of its own)
        return f"cannot be written: {error}; see JIDI_STORAGE_URL"
    return ""


def _mail(settings: Settings) -> str:
    if settings.mail_url is None:
        return ""
    url = urlsplit(settings.mail_url)
    connect = smtplib.SMTP_SSL if url.scheme == "smtps" else smtplib.SMTP
    try:
        with connect(url.hostname or "", url.port or 0, timeout=PATIENCE) as server:
            server.noop()
    except (OSError, smtplib.SMTPException) as error:
        return f"{url.hostname} does not answer ({error}); see JIDI_MAIL_URL"
    return ""
