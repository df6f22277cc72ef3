"""The application factory: puts the house together, in one explicit order."""

from pathlib import Path

from apiflask import APIFlask
from flask import Flask
from sqlalchemy import select
from werkzeug.middleware.proxy_fix import ProxyFix

from core import build, caching, config, db, events, files, paths, versions
from core.accounts import events as account_events
from core.accounts import signing_in
from core.accounts import views as accounts
from core.bases import api as bases_api
from core.bases import manage as bases_manage
from core.booking import agreements, waiting
from core.booking import events as booking_events
from core.booking import manage as booking_manage
from core.booking import views as booking
from core.booking.api import availability, catalogue, holds
from core.booking.api import bookings as bookings_api
from core.booking.api import series as series_api
from core.booking.models import Booking
from core.booking.states import LAPSING
from core.calendars import announced, embed, following, projection, server
from core.calendars import views as calendars
from core.content import api as content_api
from core.content import assist as content_assist
from core.content import editor as content_manage
from core.content import events as content_events
from core.content import feeds, manage_desk, manage_items, manage_pages, preview_views
from core.content import home as bases
from core.content import typed as content
from core.content import typed_manage as content_typed
from core.content.media import manage as media_manage
from core.content.media import picking as media_picking
from core.content.media import views as media
from core.content.models import Frame, Item
from core.content.search import indexing
from core.content.search import views as search
from core.notify import content_messages, messages
from core.notify import views as notify
from core.organisations import events as organisation_events
from core.organisations import views as organisations
from core.plugins import manager as plugins
from core.web import assets, errors, filters, health, languages, portal_manage, sanity, security
from core.web import plugins as plugins_manage
from core.web import views as web
from core.web.api import authentication, bodies, description, problems

BLUEPRINTS = (
    web.bp,
    health.bp,
    accounts.bp,
    organisations.bp,
    bases.bp,  # the bases' own, with the home page that content adds
    bases_manage.bp,
    content.bp,
    feeds.bp,
    content_manage.bp,
    content_typed.bp,
    search.bp,
    manage_items.bp,
    manage_desk.bp,
    preview_views.bp,
    content_assist.bp,
    manage_pages.bp,
    media.bp,
    media_picking.bp,
    media_manage.bp,
    booking.bp,
    agreements.bp,
    booking_manage.bp,
    booking_manage.instructors,
    booking_manage.instructor_hours,
    calendars.bp,
    following.bp,
    embed.bp,
    notify.bp,
    plugins_manage.bp,
    portal_manage.bp,
    description.bp,
)

API = (bases_api.bp, catalogue.bp, availability.bp, bookings_api.bp, holds.bp, series_api.bp, content_api.bp)
"""The blueprints of the REST API, which its description tells of."""

LISTENERS: tuple[tuple[type, events.Listener], ...] = (
    (account_events.AccessChanged, projection.access_changed),
    (booking_events.SessionChanged, projection.session_changed),
    (booking_events.BookingChanged, projection.booking_changed),
    (booking_events.ClosureChanged, projection.closure_changed),
    (content_events.ContentChanged, announced.content_changed),
    (content_events.ContentErased, announced.content_erased),
    (booking_events.BookingChanged, messages.booking_changed),
    (booking_events.SessionChanged, messages.session_changed),
    (booking_events.BookingOverdue, messages.decision_overdue),
    (booking_events.DelegationChanged, messages.delegation_changed),
    (booking_events.BookingChanged, waiting.booking_changed),
    (booking_events.SessionChanged, waiting.session_changed),
    (booking_events.ClosureChanged, waiting.closure_changed),
    (organisation_events.AccountRequested, messages.account_requested),
    (content_events.ContentChanged, content_messages.content_changed),
    (content_events.ContentChanged, indexing.content_changed),
    (content_events.MediaChanged, indexing.media_changed),
    (booking_events.SessionChanged, indexing.session_changed),
    (booking_events.ResourceChanged, indexing.resource_changed),
)
"""Who hears of what inside the transaction, in this order: calendars first, then messages."""

MOMENTS = {
    "content": tuple(map(select, (Item.publish_at, Item.expire_at, Item.pinned_until, Frame.banner_until))),
    "booking": (select(Booking.lapses_at).where(Booking.state.in_(LAPSING)),),
}
"""Where the moments stand at which public pages change by themselves, by topic (`moments.py`)."""


def create_app(settings: config.Settings | None = None) -> Flask:
    """Build the application.

    Args:
        settings: checked settings; read from the environment and `jidi.toml` when None.

    Raises:
        config.SettingsError: a setting cannot be used.
    """
    settings = settings or config.load()
    app = APIFlask(
        "core",
        json_errors=False,
        spec_path=None,
        docs_path=None,
        template_folder=str(paths.TEMPLATES),
        static_folder=str(paths.STATIC),
    )
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="jidi",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https:"),
        MAX_CONTENT_LENGTH=32 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,  # of a text: 200,000 characters of Chinese take three bytes each
    )
    app.extensions["jidi_settings"] = settings
    db.init_app(app, settings)
    versions.listen()
    files.init_app(app, settings)
    events.init_app(app, LISTENERS)
    sanity.init_app(app)
    languages.init_app(app)
    security.init_app(app)
    assets.init_app(app)
    errors.init_app(app)
    filters.init_app(app)
    signing_in.init_app(app)
    authentication.init_app(app)
    bodies.init_app(app)
    problems.init_app(app)
    description.init_app(app, API)
    for blueprint in (*BLUEPRINTS, *API):
        app.register_blueprint(blueprint)
    plugins.init_app(app, settings)
    caching.init_app(app, columns=MOMENTS, language_cookie=languages.COOKIE, build=lambda: build.mark(_folders(app)))
    app.wsgi_app = embed.WithoutCookies(app.wsgi_app)  # type: ignore[method-assign]
    server.init_app(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _folders(app: Flask) -> list[Path]:
    """Return the folders of the plugins that are loaded."""
    loaded = app.extensions["jidi_plugins"].loaded()
    return [plugin.candidate.folder for plugin in loaded if plugin.candidate.folder is not None]
