"""References of bookings: short, to be read out on the telephone, not to be guessed in a row."""

import secrets

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import db
from core.booking.models import Booking

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No 0 and O, no 1, I and L, no U."""

LENGTHS = (4, 4, 4, 5, 5, 6, 7, 8)
"""Characters after “JD-” at each try: they grow when the short ones are used up."""


def add_with_reference(session: Session, booking: Booking) -> None:
    """Write a new booking under a reference that no other has.

    Args:
        session: the session of the open `db.write()`.
        booking: complete but for its reference.
    """
    for length in LENGTHS:
        booking.ref = "JD-" + "".join(secrets.choice(ALPHABET) for _place in range(length))
        try:
            with session.begin_nested():
                session.add(booking)
        except IntegrityError as error:
            if "ref" not in db.violated(error):
                raise
            continue
        return
    raise RuntimeError("no free reference found")
