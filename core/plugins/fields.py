"""The fields of an intake form, as a plugin declares them: frozen data. `core/intake` builds forms and schemas of it.

`label` and `hint` are lazy gettext texts. `personal` values are stored encrypted. A field's `name` is its key in the
answers, for ever.
"""

from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class Field:
    """What every field has.

    Attributes:
        name: key of the answer, `[a-z][a-z0-9_]*`.
        label: the question.
        hint: a sentence that helps to answer, or "".
        required: whether it must be answered.
        personal: whether the answer is personal data.
        section: heading under which it stands; fields of one section stand together.
    """

    name: str
    label: object
    hint: object = ""
    required: bool = True
    personal: bool = False
    section: object = ""


@dataclass(frozen=True, kw_only=True)
class Text(Field):
    """One line, at most `longest` characters."""

    longest: int = 120


@dataclass(frozen=True, kw_only=True)
class LongText(Field):
    """Several lines, at most `longest` characters."""

    longest: int = 2000


@dataclass(frozen=True, kw_only=True)
class Whole(Field):
    """A whole number from `least` to `most`, both allowed, with its unit (“人”)."""

    least: int = 0
    most: int = 1_000_000
    unit: object = ""


@dataclass(frozen=True, kw_only=True)
class Figure(Field):
    """A decimal number from `least` to `most` with at most `places` decimals, with its unit (“kg”)."""

    least: Decimal = Decimal(0)
    most: Decimal = Decimal(1_000_000)
    places: int = 2
    unit: object = ""


@dataclass(frozen=True, kw_only=True)
class Choice(Field):
    """One of several options: (value, label) pairs."""

    options: tuple[tuple[str, object], ...]


@dataclass(frozen=True, kw_only=True)
class Choices(Field):
    """Any of several options: (value, label) pairs."""

    options: tuple[tuple[str, object], ...]


@dataclass(frozen=True, kw_only=True)
class Day(Field):
    """A date."""


@dataclass(frozen=True, kw_only=True)
class Phone(Field):
    """A telephone number; personal by nature."""

    personal: bool = True


@dataclass(frozen=True, kw_only=True)
class Consent(Field):
    """Terms to be accepted. `version` names the text that was accepted and is recorded with the answer."""

    terms: object
    version: str


@dataclass(frozen=True, kw_only=True)
class File(Field):
    """One uploaded file: allowed endings (without dot) and greatest size in bytes."""

    endings: tuple[str, ...]
    largest: int = 20 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a table of `Rows`, or a further one of a roster beside name and numbers: a short text."""

    name: str
    label: object
    required: bool = False


@dataclass(frozen=True, kw_only=True)
class Roster(Field):
    """A list of trainees: name, and as declared identity-card number, phone and further columns. Always personal.

    Attributes:
        least, most: how many people.
        id_number: whether the identity-card number is asked (and then required).
        phone: whether the phone number is asked.
        columns: further columns.
    """

    personal: bool = True
    least: int = 1
    most: int = 200
    id_number: bool = True
    phone: bool = False
    columns: tuple[Column, ...] = field(default=())


@dataclass(frozen=True, kw_only=True)
class Rows(Field):
    """A table of short texts, such as a result list: its columns, and how many rows. For content types only.

    The answer is a list of rows, each a mapping of column name to text. The first column heads its row.
    """

    columns: tuple[Column, ...]
    least: int = 1
    most: int = 200
