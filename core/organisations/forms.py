"""Forms of organisations and of requests for an account."""

from typing import TypedDict

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, SelectField, StringField, TelField, TextAreaField
from wtforms.validators import InputRequired, Length

from core.accounts.forms import MAIL, NAME, PHONE, named, or_none_chosen
from core.forms import Form, option

KINDS = {
    "lead": _l("Lead school"),
    "school": _l("School"),
    "branch": _l("Branch"),
    "enterprise": _l("Enterprise"),
    "other": _l("Other"),
}


class AskForAccount(Form):
    """What the contact of a new organisation tells the office."""

    organisation_name = StringField(
        _l("Full name of your organisation"),
        validators=[InputRequired(_l("Fill in the name of your organisation.")), Length(max=120)],
        render_kw={"autocomplete": "organization"},
    )
    kind = SelectField(
        _l("What it is"),
        choices=[option(kind, label) for kind, label in KINDS.items() if kind != "lead"],
        default="school",
    )
    contact_name = StringField(_l("Your name"), validators=NAME, render_kw={"autocomplete": "name"})
    email = EmailField(
        _l("E-mail"), validators=MAIL, description=_l("The answer is sent here."), render_kw={"autocomplete": "email"}
    )
    phone = TelField(
        _l("Phone"),
        validators=[InputRequired(_l("Fill in the phone number.")), *PHONE[1:]],
        description=_l("Seen by the managers of the bases you book, and by the office. Kept encrypted."),
        render_kw={"autocomplete": "tel"},
    )
    message = TextAreaField(_l("What you want to book"), validators=[Length(max=2000)])


class Accept(Form):
    """For which organisation the contact is invited."""

    organisation = SelectField(_l("Organisation"), default="")
    short_name = StringField(
        _l("Short name"), validators=[Length(max=40)], description=_l("For narrow places; only for a new one.")
    )

    def offer(self, organisations: list[tuple[int, str]], *, new: str) -> None:
        """Set what can be chosen.

        Args:
            organisations: id and name of those that are there.
            new: the name asked for.
        """
        none, *known = named(organisations)
        self.organisation.choices = [option(none.value, _l("New: %(name)s", name=new)), *known]


class Decline(Form):
    """Why a request is not accepted."""

    reason = TextAreaField(
        _l("Reason"),
        validators=[InputRequired(_l("Please give the reason: the contact will read it.")), Length(max=1000)],
    )


class Given(TypedDict):
    """An organisation as the services take it."""

    name: str
    short_name: str
    kind: str
    parent_id: int | None
    member: bool
    note: str


class EditOrganisation(Form):
    """What is known of an organisation."""

    name = StringField(_l("Full name"), validators=[InputRequired(_l("Fill in the full name.")), Length(max=120)])
    short_name = StringField(_l("Short name"), validators=[Length(max=40)], description=_l("For narrow places."))
    kind = SelectField(_l("What it is"), choices=[option(kind, label) for kind, label in KINDS.items()])
    parent_id = SelectField(_l("Branch of"), filters=[or_none_chosen])
    member = BooleanField(_l("Member of the consortium"), default=True)
    note = TextAreaField(_l("Remark"), validators=[Length(max=2000)], description=_l("Seen by the office only."))

    def offer(self, organisations: list[tuple[int, str]]) -> None:
        """Set the organisations (id and name) it can be a branch of."""
        self.parent_id.choices = named(organisations)

    def given(self) -> Given:
        """Return what was filled in as the services take it."""
        return {
            "name": self.name.data or "",
            "short_name": self.short_name.data or "",
            "kind": self.kind.data,
            "parent_id": int(self.parent_id.data) if self.parent_id.data else None,
            "member": self.member.data,
            "note": self.note.data or "",
        }
