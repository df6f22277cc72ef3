"""Where items are read: their one address on this site, and what it is called from outside."""

from flask import current_app, url_for

from core.content.models import ANNOUNCEMENT, PAGE, Item


def address(item: Item) -> str:
    """Return the address at which visitors read an item: one, at however many bases it is shown."""
    return address_of(item.type, item.base.slug if item.base else None, item.path)


def address_of(kind: str, base: str | None, path: str) -> str:
    """Return the address of an item of which only type, slug of the base (None: the consortium) and path are known."""
    if kind == PAGE:
        return url_for("content.page", base=base, path=path) if base else url_for("content.portal_page", path=path)
    if kind == ANNOUNCEMENT:
        if base is None:
            return url_for("content.consortium_announcement", slug=path)
        return url_for("content.announcement", base=base, slug=path)
    return url_for("content.typed", base=base, type=kind.rpartition(".")[2], slug=path)


def writing_address(scope: str, item: Item) -> str:
    """Return the address at which an item is written on, in the manage pages of a scope."""
    if item.type == PAGE:
        return url_for("content_manage.edit_page", scope=scope, id=item.id)
    if item.type == ANNOUNCEMENT:
        return url_for("content_manage.edit", scope=scope, id=item.id)
    return url_for("content_typed.edit", scope=scope, type=item.type.rpartition(".")[2], id=item.id)


def absolute(path: str) -> str:
    """Return the whole address of a path on this site, as the settings name the site (`JIDI_BASE_URL`)."""
    return str(current_app.extensions["jidi_settings"].base_url).rstrip("/") + path
