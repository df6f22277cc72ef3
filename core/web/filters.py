"""What templates can call beside Jinja's own: dates, looks of states, errors of a form, addresses, the page's frame."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

from flask import Flask, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FieldList, Form, FormField
from wtforms.fields.core import Field

from core import clock, dates
from core.booking.models import Kind
from core.content import categories, frame, types
from core.content.addresses import absolute
from core.plugins.facade import plugins
from core.web import appearance, chrome
from core.web.assets import asset
from core.web.states import state_look


def form_problems(form: Form) -> list[tuple[str, str]]:
    """Return every error of a form, rows of nested lists included: id of the field ("" for the form), and message.

    Each message names its field.
    """
    problems = [("", str(message)) for message in form.form_errors]
    for field in form:
        problems += _problems(field)
    return problems


def _problems(field: Field) -> Iterator[tuple[str, str]]:
    if isinstance(field, FormField):
        for inner in field.form:
            yield from _problems(inner)
        return
    if isinstance(field, FieldList):
        for entry in field.entries:
            yield from _problems(entry)
    # A list's own errors are texts; what its rows say comes as lists and was told above.
    yield from (
        (field.id, _named(field, str(message)))
        for message in field.errors
        if not isinstance(message, list | tuple | dict)
    )


def _named(field: Field, message: str) -> str:
    """Return a message that says which field it is about, for the list on top of the form."""
    label = str(field.label.text)
    return message if label.lower() in message.lower() else f"{label}{_(': ')}{message}"


def language() -> str:
    """Return the language of the page, `zh` or `en`."""
    return "en" if dates.english() else "zh"


def _here(**change: object) -> str:
    query: dict[str, Any] = request.args.to_dict(flat=False)
    query.update(change)
    return f"{request.path}?{urlencode(query, doseq=True)}"


def language_url(name: str) -> str:
    """Return the address of the present page in another language."""
    return _here(lang=name)


def page_url(number: int) -> str:
    """Return the address of another page of the present list."""
    return _here(page=number)


CONSORTIUM = _l("West Chongqing Technician-Education Consortium")


def unit_of(kind: Kind) -> str:
    """Return what one seat of a booking kind is called (人, 队); the plain word when its plugin is gone."""
    declared = next((known for known in plugins().kinds(kind.base.slug) if known.slug == kind.slug), None)
    return str(declared.units_label) if declared else _("people")


FILTERS: dict[str, Callable[..., Any]] = {
    "ago": dates.ago,
    "day": dates.day,
    "day_number": dates.day_number,
    "form_problems": form_problems,
    "hour": dates.hour,
    "iso": dates.iso,
    "long_day": dates.long_day,
    "moment": dates.moment,
    "month": dates.month,
    "recent_day": dates.recent_day,
    "short_day": dates.short_day,
    "weekday": dates.weekday,
}
GLOBALS: dict[str, Callable[..., Any]] = {
    "absolute": absolute,
    "appearance_version": appearance.version,
    "asset": asset,
    "can": chrome.can,
    "category_label": categories.label,
    "chrome": chrome.chrome,
    "content_said": types.said,
    "content_plural": lambda name: types.known(name).plural,
    "content_types": types.of_base,
    "hours": dates.hours,
    "language": language,
    "language_url": language_url,
    "manage_nav": chrome.manage_nav,
    "now": clock.now,
    "page_url": page_url,
    "site_frame": frame.around,
    "span": dates.span,
    "state_look": state_look,
    "today": clock.today,
    "unit_of": unit_of,
}


def init_app(app: Flask) -> None:
    """Make the filters and functions known to the app's templates."""
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(GLOBALS, consortium=CONSORTIUM, categories=categories.CATEGORIES)
