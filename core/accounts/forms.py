"""Forms of accounts, and how a refusal is shown at its field."""

from typing import TypedDict

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, HiddenField, PasswordField, SelectField, StringField, TelField
from wtforms.validators import Email, EqualTo, InputRequired, Length, Optional, Regexp

from core.accounts import passwords
from core.accounts.roles import Role
from core.errors import DomainError, Invalid
from core.forms import Form, Option, option

ROLES = {
    Role.CONTACT: _l("Contact of an organisation"),
    Role.INSTRUCTOR: _l("Instructor"),
    Role.PUBLISHER: _l("Publisher"),
    Role.MANAGER: _l("Base manager"),
    Role.OFFICE: _l("Consortium office"),
    Role.ADMINISTRATOR: _l("Administrator"),
}
LANGUAGES = [option("", _l("As the site")), option("zh", "中文"), option("en", "English")]
PASSWORD_RULE = _l("At least %(count)s characters, and not your e-mail address.", count=passwords.SHORTEST)
PHONE = (
    Optional(),
    Regexp(r"^\+?[0-9][0-9 \-]{5,18}[0-9]$", message=_l("This is not a phone number. Example: 023-12345678")),
)
MAIL = (
    InputRequired(_l("Fill in the e-mail address.")),
    Length(max=254),
    Email(_l("This is not an e-mail address. Example: name@school.cn")),
)
NAME = (InputRequired(_l("Fill in the person's name.")), Length(max=80))
PASSWORD = (InputRequired(_l("Fill in the password.")), Length(max=passwords.LONGEST))


def show(form: Form, error: DomainError) -> None:
    """Put a refusal into the form that led to it: at the fields it names, else above the form."""
    problems = error.problems if isinstance(error, Invalid) else {"": error.message}
    for name, message in problems.items():
        if name in form:
            form[name].errors = [*form[name].errors, str(message)]
        else:
            form.form_errors.append(str(message))


def named(rows: list[tuple[int, str]]) -> list[Option]:
    """Return a choice of rows by id and name, or of none of them."""
    return [option("", "—"), *(option(str(key), name) for key, name in rows)]


def or_none_chosen(value: str | None) -> str:
    """Return what a select field has for a row that has nothing there."""
    return value or ""


def new_password() -> PasswordField:
    """Return the field for a password that is to be set."""
    return PasswordField(
        _l("New password"), validators=PASSWORD, description=PASSWORD_RULE, render_kw={"autocomplete": "new-password"}
    )


def password_again() -> PasswordField:
    """Return the field in which what stands in the field `password` is typed once more."""
    same = EqualTo("password", _l("The two passwords differ. Please type both again."))
    return PasswordField(
        _l("New password once more"), validators=[*PASSWORD, same], render_kw={"autocomplete": "new-password"}
    )


class SignIn(Form):
    """E-mail and password, and where to go afterwards."""

    email = StringField(
        _l("E-mail"),
        validators=[InputRequired(_l("Fill in the e-mail address.")), Length(max=254)],
        render_kw={"type": "email", "autocomplete": "username", "autocapitalize": "none"},
    )
    password = PasswordField(_l("Password"), validators=PASSWORD, render_kw={"autocomplete": "current-password"})
    next = HiddenField()


class Profile(Form):
    """What others see of a user, and how to reach them."""

    name = StringField(_l("Name"), validators=NAME, render_kw={"autocomplete": "name"})
    phone = TelField(
        _l("Phone"),
        validators=PHONE,
        description=_l("Seen by the managers of the bases you book, and by the office. Kept encrypted."),
        render_kw={"autocomplete": "tel"},
    )
    language = SelectField(_l("Language of messages"), choices=LANGUAGES, filters=[or_none_chosen])


class ChangePassword(Form):
    """The present password, and the new one twice."""

    current = PasswordField(_l("Present password"), validators=PASSWORD, render_kw={"autocomplete": "current-password"})
    password = new_password()
    again = password_again()


class NewToken(Form):
    """What a token is for, and how long it can be used."""

    label = StringField(
        _l("What for"),
        validators=[InputRequired(_l("Fill in what the token is for.")), Length(max=80)],
        description=_l("Example: import from the school's timetable"),
    )
    days = SelectField(
        _l("Ends"),
        choices=[
            option("30", _l("in 30 days")),
            option("90", _l("in 90 days")),
            option("365", _l("in a year")),
            option("", _l("never")),
        ],
        default="90",
    )

    def lasting(self) -> int | None:
        """Return after how many days it ends, None: never."""
        return int(self.days.data) if self.days.data else None


class Forgot(Form):
    """The address to which a link is sent."""

    email = EmailField(_l("E-mail"), validators=MAIL, render_kw={"autocomplete": "username"})


class NewPassword(Form):
    """A password, twice."""

    password = new_password()
    again = password_again()


class Invitation(NewPassword):
    """What a new user fills in."""

    name = StringField(_l("Name"), validators=NAME, render_kw={"autocomplete": "name"})
    phone = TelField(_l("Phone"), validators=PHONE, render_kw={"autocomplete": "tel"})


class Chosen(TypedDict):
    """A role with its scope, as the services take it."""

    role: Role
    base_id: int | None
    organisation_id: int | None


class GrantRole(Form):
    """A role, and for what it is held."""

    role = SelectField(_l("Role"), validators=[InputRequired(_l("Choose a role."))])
    base = SelectField(_l("Base"), default="", description=_l("For base managers, publishers and instructors."))
    organisation = SelectField(_l("Organisation"), default="", description=_l("For contacts."))

    def offer(self, roles: list[Role], bases: list[tuple[int, str]], organisations: list[tuple[int, str]]) -> None:
        """Set what can be chosen.

        Args:
            roles: the roles that the actor may give.
            bases, organisations: id and name.
        """
        self.role.choices = [option(role.value, ROLES[role]) for role in roles]
        self.base.choices = named(bases)
        self.organisation.choices = named(organisations)

    def chosen(self) -> Chosen:
        """Return the choice as the services take it."""
        return {
            "role": Role(self.role.data),
            "base_id": int(self.base.data) if self.base.data else None,
            "organisation_id": int(self.organisation.data) if self.organisation.data else None,
        }


class Invite(GrantRole):
    """Somebody to invite."""

    email = EmailField(_l("E-mail"), validators=MAIL)
    name = StringField(_l("Name"), validators=NAME, description=_l("Seen by others; may be a role."))
    language = SelectField(_l("Language of messages"), choices=LANGUAGES, filters=[or_none_chosen])
