"""Answers: taken from a form, saved with the version of the form, shown again with personal values masked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, object_session
from werkzeug.datastructures import MultiDict

from core import clock, errors
from core.intake import people, uploads
from core.intake.forms import IntakeForm, PartForm, RosterField, form_class
from core.intake.frozen import fingerprint, freeze_fields, thaw_fields
from core.intake.models import Answer, FormVersion, Trainee, Upload
from core.intake.tables import RowsField
from core.plugins import fields as declared
from core.plugins.declarations import Person
from core.plugins.fields import Field

BASIC_COLUMNS = ("name", "id_number", "phone")


@dataclass(frozen=True)
class Cleaned:
    """What a valid form holds, as JSON values.

    Attributes:
        values: by field name; a file stands there with its name. Figures and days are texts.
        personal: values of fields declared personal.
        roster: rows by name of the roster field, each by column.
        uploads: keys of the files by field name.
    """

    values: dict[str, Any] = field(default_factory=dict)
    personal: dict[str, Any] = field(default_factory=dict)
    roster: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    uploads: dict[str, str] = field(default_factory=dict)

    def count(self, name: str) -> int:
        """Return the number that a field says: a whole number, or how many people a roster has.

        Raises:
            KeyError: the form has no such answer.
        """
        return len(self.roster[name]) if name in self.roster else int((self.values | self.personal)[name] or 0)

    def mark(self) -> dict[str, Any]:
        """Return what tells one filled-in form from another; a file sent twice is kept twice: it counts by its name."""
        return {"values": self.values, "personal": self.personal, "roster": self.roster}

    def people(self) -> tuple[Person, ...]:
        """Return everybody on the rosters as rules see them: no name, no number."""
        return tuple(
            Person(
                index=people.person_index(row["id_number"]) if row.get("id_number") else None,
                details={name: value for name, value in row.items() if name not in BASIC_COLUMNS},
                born=people.born(row["id_number"]) if row.get("id_number") else None,
            )
            for rows in self.roster.values()
            for row in rows
        )

    def typed(self, fields: Sequence[Field]) -> dict[str, Any]:
        """Return the values that are not personal as rules read them: figures as Decimal, days as date."""
        kinds = {entry.name: entry for entry in fields}
        return {name: _typed(kinds.get(name), value) for name, value in self.values.items()}


def _typed(entry: Field | None, value: Any) -> Any:
    if isinstance(entry, declared.Figure) and value is not None:
        return Decimal(value)
    if isinstance(entry, declared.Day) and value is not None:
        return date.fromisoformat(value)
    return value


def clean(form: IntakeForm | PartForm) -> Cleaned:
    """Take the declared answers from a form that has been validated."""
    cleaned = Cleaned()
    for entry in form.declared:
        control: Any = form[entry.name]
        if isinstance(control, RosterField):
            cleaned.roster[entry.name] = [
                {name: value for name, value in row.items() if value} for row in control.rows()
            ]
            continue
        value = control.rows() if isinstance(control, RowsField) else _value(entry, control.data)
        if isinstance(entry, declared.File) and control.kept is not None:
            cleaned.uploads[entry.name] = control.kept.key
            value = control.kept.filename
        (cleaned.personal if entry.personal else cleaned.values)[entry.name] = value
    return cleaned


def _value(entry: Field, data: Any) -> Any:
    if isinstance(entry, declared.Consent):
        return entry.version if data else None
    if isinstance(data, Decimal):
        return str(data)
    if isinstance(data, date):
        return data.isoformat()
    return None if data == "" else data


def from_values(fields: Sequence[Field], values: Mapping[str, Any]) -> Cleaned:
    """Check answers given as plain values, by the same form as a person's, and return them cleaned.

    Args:
        fields: the declared fields.
        values: by field name; a list of values for Choices, a list of rows for a Roster or Rows, True for a Consent, a
            `FileStorage` for a File.

    Raises:
        errors.Invalid: an answer is missing or cannot be used.
    """
    sent: MultiDict[str, Any] = MultiDict()
    for name, value in values.items():
        _send(sent, name, value)
    form = form_class(fields)(formdata=sent, meta={"csrf": False})
    if not form.validate():
        raise errors.Invalid({name: " ".join(map(str, _flat(messages))) for name, messages in form.errors.items()})
    return clean(form)


def _send(sent: "MultiDict[str, Any]", name: str, value: Any) -> None:
    if isinstance(value, list | tuple):
        for number, item in enumerate(value):
            if isinstance(item, Mapping):
                for column, text in item.items():
                    sent.add(f"{name}-{number}-{column}", str(text))
            else:
                sent.add(name, str(item))
    elif value is True:
        sent.add(name, "y")
    elif isinstance(value, str | int | float | Decimal | date) and value is not False:
        sent.add(name, str(value))
    elif value not in (None, False):
        sent.add(name, value)


def _flat(messages: Any) -> list[Any]:
    if isinstance(messages, Mapping):
        messages = messages.values()
    elif not isinstance(messages, list | tuple):
        return [messages]
    return [text for message in messages for text in _flat(message)]


def current_form(session: Session, owner: str, fields: Sequence[Field]) -> FormVersion:
    """Return the version of a form as its fields are declared now; a new one is made when they have changed.

    Args:
        session: the session of the open `db.write()`.
        owner: “base slug/kind slug”.
        fields: the declared fields.
    """
    frozen = freeze_fields(fields)
    mark = fingerprint(frozen)
    wanted = select(FormVersion).where(FormVersion.owner == owner, FormVersion.fingerprint == mark)
    found = session.scalar(wanted)
    if found is not None:
        return found
    last = session.scalar(select(func.max(FormVersion.version)).where(FormVersion.owner == owner)) or 0
    form = FormVersion(owner=owner, version=last + 1, fingerprint=mark, fields=frozen, created_at=clock.now())
    try:
        with session.begin_nested():
            session.add(form)
    except IntegrityError:
        # On PostgreSQL somebody else has made it at the same moment.
        return session.scalars(wanted).one()
    return form


def save(
    session: Session, *, owner: str, fields: Sequence[Field], cleaned: Cleaned, answer: Answer | None = None
) -> Answer:
    """Write an answer with its roster and files, or write it anew over an old one.

    Args:
        session: the session of the open `db.write()`.
        owner: “base slug/kind slug”.
        fields: the declared fields the form was made of.
        cleaned: what `clean` returned.
        answer: the answer to be replaced; None for a new one.

    Raises:
        errors.Invalid: a file is no longer there.
    """
    answer = answer or Answer()
    answer.form = current_form(session, owner, fields)
    answer.values = dict(cleaned.values)
    answer.personal = dict(cleaned.personal) or None
    answer.updated_at = clock.now()
    session.add(answer)
    answer.roster.clear()
    session.flush()  # the old rows are gone before new ones take their positions
    for name, rows in cleaned.roster.items():
        answer.roster.extend(_trainee(name, position, row) for position, row in enumerate(rows, start=1))
    session.flush()
    uploads.bind(session, answer, list(cleaned.uploads.values()))
    return answer


def _trainee(name: str, position: int, row: Mapping[str, str]) -> Trainee:
    number = row.get("id_number")
    return Trainee(
        field=name,
        position=position,
        name=row["name"],
        id_number=number,
        phone=row.get("phone"),
        details={column: value for column, value in row.items() if column not in BASIC_COLUMNS},
        person_index=people.person_index(number) if number else None,
    )


def fill(form: type[IntakeForm], answer: Answer) -> IntakeForm:
    """Return a form that holds an answer, to be edited; what a request has sent goes before it."""
    stored = answer.values | (answer.personal or {})
    kept = {upload.field: upload.key for upload in uploads_of(answer)}
    data: dict[str, Any] = {}
    for entry in form.declared:
        if isinstance(entry, declared.Roster):
            data[entry.name] = [_row(trainee) for trainee in answer.roster if trainee.field == entry.name]
        elif isinstance(entry, declared.File):
            data[entry.name] = kept.get(entry.name)
        elif isinstance(entry, declared.Consent):
            data[entry.name] = stored.get(entry.name) == entry.version
        else:
            data[entry.name] = _typed(entry, stored.get(entry.name))
    return form(data=data)


def kept(answer: Answer) -> Cleaned:
    """Return an answer as it was cleaned when it was saved, so that rules can be asked about it again."""
    cleaned = Cleaned(values=dict(answer.values), personal=dict(answer.personal or {}))
    for trainee in answer.roster:
        row = {name: str(value) for name, value in _row(trainee).items() if value}
        cleaned.roster.setdefault(trainee.field, []).append(row)
    cleaned.uploads.update({upload.field: upload.key for upload in uploads_of(answer)})
    return cleaned


def _row(trainee: Trainee) -> dict[str, Any]:
    return {"name": trainee.name, "id_number": trainee.id_number, "phone": trainee.phone} | trainee.details


def uploads_of(answer: Answer) -> list[Upload]:
    """Return the files of an answer."""
    session = object_session(answer)
    return list(session.scalars(select(Upload).where(Upload.answer_id == answer.id))) if session else []


def masked(answer: Answer) -> dict[str, Any]:
    """Return an answer as values by field name for programs: what is personal masked, a roster as masked names."""
    values = dict(answer.values)
    for name, value in (answer.personal or {}).items():
        values[name] = people.mask_text(str(value)) if value is not None else None
    for trainee in answer.roster:
        values.setdefault(trainee.field, []).append({"name": people.mask_text(trainee.name)})
    return values


class Shown(NamedTuple):
    """One answer to be read: its question and a text, or a file's row, or a table of people (heads and rows)."""

    label: str
    text: str
    upload: Upload | None = None
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


class Section(NamedTuple):
    """Answers that stand under one heading ("" for none)."""

    title: str
    items: list[Shown]


def shown(answer: Answer, *, whole: bool = False) -> list[Section]:
    """Return an answer as people read it, by the questions that were asked, in the reader's language.

    Args:
        answer: the answer, its form and roster loaded.
        whole: whether personal values are shown; each such view is to be audited by the caller.
    """
    files = {upload.field: upload for upload in uploads_of(answer)}
    sections: dict[str, list[Shown]] = {}
    for entry in thaw_fields(answer.form.fields):
        sections.setdefault(str(entry.section), []).append(_shown(answer, entry, files.get(entry.name), whole=whole))
    return [Section(title, items) for title, items in sections.items()]


def _shown(answer: Answer, entry: Field, upload: Upload | None, *, whole: bool) -> Shown:
    label = str(entry.label)
    if isinstance(entry, declared.Roster):
        return _table(answer, entry, whole=whole)
    value = ((answer.personal or {}) if entry.personal else answer.values).get(entry.name)
    text = text_of(entry, value)
    if entry.personal and not whole:
        masked = people.mask_phone(text) if isinstance(entry, declared.Phone) else people.mask_text(text)
        return Shown(label, masked)
    return Shown(label, text, upload=upload)


def text_of(entry: Field, value: Any) -> str:
    """Return an answer's value in words, in the reader's language; rows of a table a line each."""
    if value is None or value == []:
        return ""
    if isinstance(entry, declared.Whole | declared.Figure):
        return f"{value}{entry.unit}"
    if isinstance(entry, declared.Choice | declared.Choices):
        labels = {key: str(label) for key, label in entry.options}
        values = value if isinstance(value, list) else [value]
        return " / ".join(str(labels.get(item, item)) for item in values)
    if isinstance(entry, declared.Consent):
        return str(_("Accepted, version %(version)s", version=value))
    if isinstance(entry, declared.Rows):
        return "\n".join(" ".join(filter(None, row.values())) for row in value)
    return str(value)


def _table(answer: Answer, entry: declared.Roster, *, whole: bool) -> Shown:
    heads = [_("Name")]
    heads += [_("Identity-card number")] if entry.id_number else []
    heads += [_("Phone")] if entry.phone else []
    heads += [str(column.label) for column in entry.columns]
    trainees = [trainee for trainee in answer.roster if trainee.field == entry.name]
    rows = tuple(_cells(entry, trainee, whole=whole) for trainee in trainees)
    count = _("%(count)s people", count=len(trainees))
    return Shown(str(entry.label), count, heads=tuple(heads), rows=rows)


def _cells(entry: declared.Roster, trainee: Trainee, *, whole: bool) -> tuple[str, ...]:
    number, phone = trainee.id_number or "", trainee.phone or ""
    cells = [trainee.name if whole else people.mask_name(trainee.name)]
    cells += [number if whole else people.mask_id_number(number)] if entry.id_number else []
    cells += [phone if whole else people.mask_phone(phone)] if entry.phone else []
    further = [str(trainee.details.get(column.name, "")) for column in entry.columns]
    cells += further if whole else [people.mask_text(text) for text in further]
    return tuple(cells)
