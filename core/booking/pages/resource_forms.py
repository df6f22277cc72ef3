"""Forms about resources and instructors, and the words for their kinds."""

from collections.abc import Iterable
from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.fields.core import Field
from wtforms.form import BaseForm
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from core.booking.cells import facts as facts_of
from core.booking.models import Resource
from core.booking.pages.forms import NEEDED, CheckboxesField
from core.booking.resources import MOST_UNITS, Own, Shown
from core.forms import Form

KINDS = {
    "machine": _l("Machine"),
    "cell": _l("Production cell"),
    "workstation": _l("Workstation"),
    "room": _l("Room"),
    "seats": _l("Seats (a pool)"),
    "instructor": _l("Instructor"),
}
"""Words for kinds of resources; a kind of a plugin's own that is not here is shown as it is written."""

LONGEST = 1440


def kind_name(kind: str) -> str:
    """Return what a kind of resource is called."""
    return str(KINDS.get(kind, kind))


def write_facts(facts: Iterable[tuple[str, str]]) -> str:
    """Return pairs as lines of “label: value”."""
    return "\n".join(f"{label}{_(': ')}{value}" for label, value in facts)


def _readable(form: BaseForm, field: Field) -> None:
    try:
        facts_of(field.data or "")
    except ValueError as error:
        raise ValidationError(str(error)) from error


class ResourceForm(Form):
    """What a manager may set of every resource."""

    name = StringField(_l("Name of the resource"), [Length(max=120)])
    setup = IntegerField(
        _l("Set-up before each booking (minutes)"),
        [Optional(), NumberRange(0, LONGEST)],
        render_kw={"inputmode": "numeric", "min": 0, "max": LONGEST},
    )
    cleanup = IntegerField(
        _l("Clean-up after each booking (minutes)"),
        [Optional(), NumberRange(0, LONGEST)],
        render_kw={"inputmode": "numeric", "min": 0, "max": LONGEST},
    )
    position = IntegerField(
        _l("Place in lists"),
        [InputRequired(NEEDED), NumberRange(1, 99_999)],
        render_kw={"inputmode": "numeric", "min": 1},
    )

    def shown(self) -> Shown:
        """Return what a valid form says."""
        return Shown(
            name=self.name.data or "",
            setup=_span(self.setup.data),
            cleanup=_span(self.cleanup.data),
            position=self.position.data,
        )


class OwnForm(ResourceForm):
    """A resource of the base's own; kinds and possible parents are set by the view."""

    name = StringField(_l("Name of the resource"), [DataRequired(NEEDED), Length(max=120)])
    kind = SelectField(
        _l("Kind"), description=_l("Whatever can be booked with this kind of resource can be booked with this one too.")
    )
    capacity = IntegerField(
        _l("Units that can be booked at the same time"),
        [InputRequired(NEEDED), NumberRange(1, MOST_UNITS)],
        description=_l("1: whoever books it has it alone. A resource with parts has as many as its parts together."),
        render_kw={"inputmode": "numeric", "min": 1, "max": MOST_UNITS},
    )
    parent = SelectField(
        _l("Part of"), description=_l("Whoever books the whole takes this one too, and the other way round.")
    )
    facts = TextAreaField(
        _l("Facts for the equipment table"),
        [Optional(), Length(max=4000), _readable],
        description=_l("One to a line, such as “Travel: 600 mm”."),
        render_kw={"rows": 4},
    )

    def own(self) -> Own:
        """Return what a valid form says."""
        return Own(
            kind=str(self.kind.data),
            capacity=self.capacity.data or 0,
            parent_id=int(self.parent.data) if self.parent.data else None,
            facts=facts_of(self.facts.data or ""),
        )


class InstructorForm(Form):
    """An instructor of the consortium; the bases and the accounts to choose from are set by the view."""

    name = StringField(_l("Name"), [DataRequired(NEEDED), Length(max=120)], description=_l("As contacts will read it."))
    bases = CheckboxesField(_l("Works at"), [DataRequired(_l("Please choose one base at least."))])
    account = SelectField(
        _l("Account"), description=_l("Whose calendar shows what is booked. Only accounts with the role of instructor.")
    )


def resource_data(resource: Resource) -> dict[str, object]:
    """Return a resource as the data of its form."""
    data: dict[str, object] = {
        "name": resource.name,
        "setup": int(resource.setup.total_seconds()) // 60,
        "cleanup": int(resource.cleanup.total_seconds()) // 60,
        "position": resource.position,
    }
    if resource.own:
        data |= {
            "kind": resource.kind,
            "capacity": resource.declared.get("capacity", resource.capacity),
            "parent": str(resource.parent_id or ""),
            "facts": write_facts(resource.facts),
        }
    return data


def _span(minutes: int | None) -> timedelta | None:
    return None if minutes is None else timedelta(minutes=minutes)
