"""What can be booked at a base, and by which rules."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from core.accounts import roles
from core.bases.models import Base
from core.bases.queries import find_base
from core.booking import resource_queries, rule_setting
from core.booking.models import Kind
from core.booking.pages import kind_rules
from core.booking.pages.forms import refuse
from core.booking.pages.rule_forms import KindForm, kind_form
from core.errors import Invalid, NotFound


def kinds(base: str) -> str:
    """List what can be booked, with its rules in a few sentences."""
    row = _base(base)
    listed = [kind_rules.Listed(kind) for kind in resource_queries.kinds_of(row.id)]
    return render_template("manage/kinds.html", base=row, kinds=listed)


def edit(base: str, kind: str) -> ResponseReturnValue:
    """Change the rules of a kind; a step is added, moved or removed without saving."""
    row = _base(base)
    found = _kind(row, kind)
    form = kind_form(found)
    if "do" in request.form:
        return _page(row, found, form), 200
    if form.validate_on_submit():
        try:
            rule_setting.set_rules(actor=current_user, kind_id=found.id, values=form.values())
        except Invalid as error:
            refuse(form, kind_rules.at_rows(form, error.problems))
        else:
            flash(_("The rules are saved. They hold for bookings made from now on."), "good")
            return redirect(url_for("booking_manage.kind_edit", base=base, kind=kind))
    return _page(row, _kind(row, kind), form), 422 if form.errors else 200


def reset(base: str, kind: str) -> ResponseReturnValue:
    """Let one rule, or all, follow the plugin's declaration again."""
    row = _base(base)
    found = _kind(row, kind)
    rule = request.form.get("rule", "")
    declared = found.declared["rules"]
    values = declared if not rule else {name: declared[name] for name in kind_rules.belonging(rule) if name in declared}
    rule_setting.set_rules(actor=current_user, kind_id=found.id, values=values)
    flash(_("As it comes with the base's plugin again, for bookings made from now on."), "good")
    return redirect(url_for("booking_manage.kind_edit", base=base, kind=kind))


def _base(slug: str) -> Base:
    row = find_base(slug)
    roles.require(current_user, "base.settings", base_id=row.id)
    return row


def _kind(base: Base, slug: str) -> Kind:
    for kind in resource_queries.kinds_of(base.id):
        if kind.slug == slug:
            return kind
    raise NotFound


def _page(base: Base, kind: Kind, form: KindForm) -> str:
    return render_template(
        "manage/kind.html",
        base=base,
        kind=kind,
        form=form,
        shown=kind_rules.Listed(kind),
        declared=kind_rules.as_declared(kind),
    )
