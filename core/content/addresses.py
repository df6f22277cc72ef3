"""Where items are read: their one address on this site, and what it is called from outside."""

from flask import current_app, url_for

from core.content.models import PAGE, Item


def address(item: Item) -> str:
    """Return the address at which visitors read an item: one, at however many bases it is shown."""
    base = item.base.slug if item.base else None
    if item.type == PAGE:
        return (
            url_for("content.page", base=base, path=item.path)
            if base
            else url_for("content.portal_page", path=item.path)
        )
    if base:
        return url_for("content.announcement", base=base, slug=item.path)
    return url_for("content.consortium_announcement", slug=item.path)


def absolute(path: str) -> str:
    """Return the whole address of a path on this site, as the settings name the site (`JIDI_BASE_URL`)."""
    return str(current_app.extensions["jidi_settings"].base_url).rstrip("/") + path
