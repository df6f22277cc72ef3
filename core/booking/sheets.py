"""Tables in XLSX files: a template to fill in, and the rows of one that comes back. Files are hostile until read.

A workbook is a ZIP of XML. Before openpyxl sees one its sizes are summed up, and what declares XML entities is refused;
then only so many rows and columns are read, one after another.
"""

import io
import unicodedata
import warnings
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from core import errors
from core.localised import LANGUAGES, freeze

LARGEST = 1024 * 1024
"""Bytes of a file, at most."""

LARGEST_OPEN = 16 * LARGEST
MOST_PARTS = 200
MOST_ROWS = 300
MOST_COLUMNS = 40
LONGEST_CELL = 10_000
"""Characters of a cell: twice what any column takes. A text that is kept once can fill each cell of a sheet."""
LOOKED_FOR_ROWS = 2000
"""Rows in which the filled ones are looked for; empty ones between them do not count."""

TWO_BYTES = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")
"""How XML in UTF-16 begins, with its mark or without: in it nothing is found that is looked for as ASCII."""


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        key: the field it fills.
        label: its head, lazy text; a file may have it in any of the site's languages.
        hint: what may stand in it, for the sheet that explains.
        example: what the example row says.
        needed: whether each row has to say something.
    """

    key: str
    label: object
    hint: object
    example: object = ""
    needed: bool = False


@dataclass(frozen=True)
class Row:
    """A row of a file: its number there, and the value of each column that the file has."""

    number: int
    values: dict[str, object]


@dataclass(frozen=True)
class Problem:
    """What is wrong in a row, in which column ("" for the row as a whole), and how to mend it."""

    row: int
    column: str
    message: str


@dataclass(frozen=True)
class Formula:
    """A cell that is calculated: what it would say is not in the file for sure."""


def template(columns: Sequence[Column], title: str) -> bytes:
    """Return a workbook to fill in: the heads and an example row, and a second sheet that explains the columns."""
    book = Workbook()
    sheet = book.active
    if sheet is None:
        raise RuntimeError("a new workbook has a sheet")
    sheet.title = title[:31]
    sheet.append([str(column.label) for column in columns])
    sheet.append([column.example if isinstance(column.example, int) else str(column.example) for column in columns])
    sheet.freeze_panes = "A2"
    notes = book.create_sheet(_("How to fill it in"))
    notes.append([_("Column"), _("Needed"), _("What may stand there")])
    for number, column in enumerate(columns, start=1):
        notes.append([str(column.label), _("yes") if column.needed else _("no"), str(column.hint)])
        sheet.column_dimensions[get_column_letter(number)].width = 18
    notes.append([])
    notes.append([_("The second row of the first sheet is an example: please write over it.")])
    for letter, width in (("A", 18), ("B", 8), ("C", 80)):
        notes.column_dimensions[letter].width = width
    for page in (sheet, notes):
        for cell in page[1]:
            cell.font = Font(bold=True)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(content: bytes, columns: Sequence[Column]) -> list[Row]:
    """Return the filled rows of the first sheet of a workbook.

    Raises:
        errors.Invalid: it is none, too large, or its heads are not those of the template; the field is `file`.
    """
    refuse_bombs(content)
    try:
        with warnings.catch_warnings(action="ignore"):  # openpyxl warns of features that are of no use here
            lines = _lines(content)
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        SyntaxError,  # of XML, by either of the parsers that openpyxl may use
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        IndexError,
        OverflowError,
        LookupError,
        NotImplementedError,
        EOFError,
        OSError,
        RecursionError,
    ) as error:  # openpyxl has no error of its own for what it cannot read
        raise _unreadable() from error
    if not lines:
        raise errors.Invalid({"file": _("The first sheet is empty. Please fill in the template.")})
    keys = _keys(lines[0][1], columns)
    rows = [Row(number, {key: line[at] for at, key in keys.items() if at < len(line)}) for number, line in lines[1:]]
    if not rows:
        raise errors.Invalid({"file": _("There is no row below the heads. Please fill in one at least.")})
    if len(rows) > MOST_ROWS:
        raise errors.Invalid(
            {"file": _("The file has more than %(most)s rows. Please part it into several.", most=MOST_ROWS)}
        )
    return rows


def plain(value: object) -> str:
    """Return a cell's value as text without blanks around it, full-width signs as plain ones."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return unicodedata.normalize("NFKC", ILLEGAL_CHARACTERS_RE.sub("", str(value))).strip()


def text(value: object) -> str:
    """Return a cell's value as a text that people read: as written, but for blanks around it."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else ILLEGAL_CHARACTERS_RE.sub("", str(value)).strip()


def refuse_bombs(content: bytes) -> None:
    """Refuse a file that is too large, unpacks to too much, or declares XML entities; `read` asks this first.

    Raises:
        errors.Invalid: it is such a file, or no workbook at all.
    """
    if len(content) > LARGEST:
        raise errors.Invalid({"file": _("The file is larger than 1 MB. Please leave out pictures, or part it.")})
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_OPEN:
                raise errors.Invalid({"file": _("The file holds too much. Please copy its rows into the template.")})
            for part in parts:
                # What is read never exceeds the size a part says; one that lies fails its checksum.
                start = archive.read(part)
                if b"<!DOCTYPE" in start or b"<!ENTITY" in start or start.startswith(TWO_BYTES):
                    raise _unreadable()
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError, zlib.error):
        raise _unreadable() from None


def _lines(content: bytes) -> list[tuple[int, list[object]]]:
    book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a file says of its size is not believed
        found: list[tuple[int, list[object]]] = []
        for number, cells in enumerate(sheet.iter_rows(max_row=LOOKED_FOR_ROWS, max_col=MOST_COLUMNS), start=1):
            values: list[object] = [Formula() if cell.data_type == "f" else cell.value for cell in cells]
            if any(isinstance(value, str) and len(value) > LONGEST_CELL for value in values):
                message = _(
                    "A cell of row %(row)s holds more than %(most)s characters. Please shorten it.",
                    row=number,
                    most=LONGEST_CELL,
                )
                raise errors.Invalid({"file": message})
            if any(not _is_blank(value) for value in values):
                found.append((number, values))
            if len(found) > MOST_ROWS + 2:
                break
        return found
    finally:
        book.close()


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _keys(heads: Sequence[object], columns: Sequence[Column]) -> dict[int, str]:
    """Return which column of a file fills which field."""
    names = {
        plain(label).casefold(): column.key
        for column in columns
        for label in (freeze(column.label)[language] for language in LANGUAGES)
    }
    keys: dict[int, str] = {}
    for at, head in enumerate(heads):
        said = plain(head)
        if not said:
            continue
        key = names.get(said.casefold())
        if key is None or key in keys.values():
            message = _("Column “%(name)s” is not one of the template, or stands there twice.", name=said[:40])
            raise errors.Invalid({"file": message})
        keys[at] = key
    missing = [str(column.label) for column in columns if column.needed and column.key not in keys.values()]
    if missing:
        message = _("The first row lacks: %(names)s. Please use the template.", names=_(", ").join(missing))
        raise errors.Invalid({"file": message})
    return keys


def _unreadable() -> errors.Invalid:
    message = _("This is no XLSX file that can be read. Please fill in the template and save it as .xlsx.")
    return errors.Invalid({"file": message})
