"""The site for any WSGI server: `granian --interface wsgi wsgi:application`, `gunicorn wsgi:application` and the like."""

from core.app import create_app

application = create_app()
