"""The inbox of messages, and the outbox of mails for the administrator."""

from flask import Blueprint

bp = Blueprint("notify", __name__)
