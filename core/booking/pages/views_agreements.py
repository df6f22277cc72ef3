"""An organisation's own agreements: what they grant, what is left, and which bookings have used it."""

from flask import render_template, request
from flask_login import current_user

from core.accounts.roles import allows
from core.accounts.signing_in import login_required
from core.booking import quota_queries
from core.booking.pages import agreement_words as words
from core.booking.pages.asking import read_number
from core.errors import NotFound
from core.organisations import queries


@login_required
def own() -> str:
    """Show the agreements of the organisations one is a contact of, with their quotas."""
    names = words.scope_names()
    found = [words.card(entry, names) for entry in queries.agreements(current_user.organisation_ids())]
    return render_template("booking/agreements.html", groups=words.grouped(found))


@login_required
def used(quota_id: int) -> str:
    """Show the bookings that count against a quota of one's own organisation."""
    row = queries.quota(quota_id)
    if not allows(current_user, "booking.read_own", organisation_id=row.agreement.organisation_id):
        raise NotFound
    charged = quota_queries.charged(quota_id, read_number(request.args.get("page")) or 1)
    return render_template("booking/quota.html", line=words.line(row), uses=words.uses(charged))
