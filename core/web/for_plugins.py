"""What the pages and fragments of plugins need: permissions of the signed-in user, and rendering."""

from flask import render_template
from flask_login import current_user
from markupsafe import Markup

from core.accounts import roles
from core.bases.queries import find_base
from core.content.queries import navigation


def may(permission: str, base: str) -> bool:
    """Say whether the signed-in user has one of the core's permissions at a base.

    Args:
        permission: a key of `core.accounts.roles.PERMISSIONS`, as `session.manage`.
        base: the base's slug.
    """
    return roles.allows(current_user, permission, base_id=find_base(base).id)


def require(permission: str, base: str) -> None:
    """Refuse whoever lacks the permission at the base; arguments as for `may`.

    Raises:
        Forbidden: the user does not have it, or nobody is signed in.
    """
    roles.require(current_user, permission, base_id=find_base(base).id)


def fragment(template: str, **context: object) -> Markup:
    """Render one of the plugin's templates as a piece of a page, for `render_region`."""
    return Markup(render_template(template, **context))  # noqa: S704 (the template has escaped what it was given)


def render_page(template: str, base: str, **context: object) -> str:
    """Render a page of a base: one of the plugin's templates that extends `bases/frame.html`.

    Args:
        template: its name, `<slug>/…`.
        base: the base's slug.
        context: what the template needs beside the frame's own `base` and `pages`.

    Raises:
        NotFound: the base is not to be seen.
    """
    row = find_base(base)
    return render_template(template, base=row, pages=navigation(row), **context)
