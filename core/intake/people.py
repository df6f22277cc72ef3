"""Numbers that belong to people: identity cards and telephones, checked, normalised, masked, recognised."""

import hashlib
import hmac
import re
import unicodedata
from datetime import date

from flask import current_app

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"


def normal(text: str) -> str:
    """Return a number as it is kept: full-width digits made plain, blanks and dashes left out, capitals."""
    return re.sub(r"[\s\-－–—]", "", unicodedata.normalize("NFKC", text)).upper()


def is_id_number(number: str) -> bool:
    """Say whether a normalised text is an identity-card number: 18 places, a real date, the check character right.

    Source: GB 11643-1999, with the check character of ISO 7064, MOD 11-2.
    """
    if not re.fullmatch(r"[1-9][0-9]{16}[0-9X]", number):
        return False
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, number, strict=False))
    return CHECKS[total % 11] == number[17]


def born(id_number: str) -> date:
    """Return the date of birth that a valid identity-card number tells (its places 7 to 14)."""
    return date.fromisoformat(id_number[6:14])


def is_phone(number: str) -> bool:
    """Say whether a normalised text can be a telephone number: 7 to 15 digits, a `+` before them at most."""
    return re.fullmatch(r"\+?[0-9]{7,15}", number) is not None


def person_index(id_number: str) -> str:
    """Return what recognises the same person again without telling who it is (HMAC-SHA-256, hexadecimal)."""
    key = hashlib.sha256(b"person index\0" + current_app.extensions["jidi_settings"].secret_key.encode()).digest()
    return hmac.new(key, normal(id_number).encode(), hashlib.sha256).hexdigest()


def mask_id_number(number: str) -> str:
    """Return an identity-card number of which only the first three and last two characters can be read."""
    return _mask(number, 3, 2)


def mask_phone(number: str) -> str:
    """Return a telephone number of which only the first three and last two digits can be read."""
    return _mask(number, 3, 2)


def mask_name(name: str) -> str:
    """Return a name of which only the first character can be read (“张**”)."""
    return _mask(name, 1, 0)


def mask_text(text: str) -> str:
    """Return a text of which nothing can be read, not even how long it is."""
    return "****" if text else ""


def _mask(text: str, first: int, last: int) -> str:
    if len(text) <= first + last:
        return "*" * len(text)
    return text[:first] + "*" * (len(text) - first - last) + text[len(text) - last :]
