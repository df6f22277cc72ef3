"""`Idempotency-Key`: a request of a program that is sent twice is carried out once, and answered the same.

The answer is rendered and stored in the transaction of the deed (`retries.py`); refusals are not stored.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from apiflask import Schema
from apiflask.fields import String
from apiflask.validators import Length
from flask import request
from sqlalchemy.orm import Session

from core.booking import retries

T = TypeVar("T")

HEADER = "Idempotency-Key"


class OnceHeader(Schema):
    """The key under which a request is carried out once."""

    key = String(data_key=HEADER, validate=Length(min=1, max=200))


def once(deed: Callable[[str | None], T], render: Callable[[T], Any], load: Callable[[Session, Any], T]) -> Any:
    """Carry out a deed, or return the answer of the request that came first with its key.

    Args:
        deed: does it; gets the key, or None.
        render: makes the answer, a JSON value, of what the deed returns.
        load: returns what the deed returns, of what its service remembers; called inside the transaction.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return render(deed(None))
    kept = retries.Kept(lambda session, answer: render(load(session, answer)))
    with retries.keeping(kept):
        done = deed(f"api {key}")
    return render(done) if kept.found is None else kept.found
