"""Passwords: what may be one, and how it is kept. Slow on purpose: never call it inside `db.write()`."""

import unicodedata
from base64 import b64encode

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import lazy_gettext as _l

from core.errors import Invalid

SHORTEST = 10
LONGEST = 200
FEWEST_DIFFERENT = 5
COMMON = frozenset(["1234567890", "0123456789", "qwertyuiop", "password123", "1qaz2wsx3edc", "woaini1314"])
"""Well-known passwords that are long enough otherwise."""

_hasher = PasswordHasher()


def _nobody() -> str:
    """Return a hash that no password has, with today's parameters, so that checking it takes as long as any."""
    salt, digest = (b64encode(b"\0" * size).decode().rstrip("=") for size in (_hasher.salt_len, _hasher.hash_len))
    cost = f"m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${digest}"


_NOBODY = _nobody()


def hashed(password: str, *, email: str, field: str = "password") -> str:
    """Check a new password against the rules and return its hash.

    Args:
        password: as typed.
        email: address of its user, which it must not be.
        field: name of the form's field, for the message.

    Raises:
        Invalid: it breaks a rule.
    """
    password = _same(password)
    if problem := _problem(password, email):
        raise Invalid({field: problem})
    return _hasher.hash(password)


def matches(password: str, kept: str | None) -> bool:
    """Say whether a password is the one kept; takes as long when there is none (None)."""
    try:
        _hasher.verify(kept or _NOBODY, _same(password[:LONGEST]))
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def outdated(kept: str) -> bool:
    """Say whether a hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(kept)


def rehashed(password: str) -> str:
    """Return today's hash of a password that was right, whatever the rules say now."""
    return _hasher.hash(_same(password))


def _same(password: str) -> str:
    # The same characters can be typed composed or not, depending on the keyboard.
    return unicodedata.normalize("NFKC", password)


def _problem(password: str, email: str) -> object:
    simple = password.casefold()
    if len(password) < SHORTEST:
        return _l("A password has at least %(count)s characters.", count=SHORTEST)
    if len(password) > LONGEST:
        return _l("A password has at most %(count)s characters.", count=LONGEST)
    if email and simple in {email.casefold(), email.partition("@")[0].casefold()}:
        return _l("The password must not be your e-mail address.")
    if simple in COMMON or len(set(simple)) < FEWEST_DIFFERENT:
        return _l("This password is easy to guess. Please choose another one.")
    return None
