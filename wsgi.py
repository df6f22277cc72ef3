"""The site for any WSGI server: `gunicorn wsgi:application`, `granian --interface wsgi wsgi:application` and so on."""

from core.app import create_app

application = create_app()
