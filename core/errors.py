"""Errors for people: what, where, why, what next. Mapped once to pages in `core/web/errors.py`."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l


class DomainError(Exception):
    """A request that cannot be carried out, with a sentence for the person who made it.

    Attributes:
        status: HTTP status of the answer.
        code: stable machine-readable name (API.md, “Refusals”).
        message: what is wrong and how to mend it, in the reader's language.
    """

    status = 409
    code = "conflict"

    def __init__(self, message: object, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code

    def __str__(self) -> str:
        return str(self.message)


class Forbidden(DomainError):
    """The actor is known but not allowed to do this."""

    status = 403
    code = "forbidden"

    def __init__(self, message: object = _l("Your account has no permission for this.")) -> None:
        super().__init__(message)


class NotFound(DomainError):
    """There is no such thing, or the actor may not know of it."""

    status = 404
    code = "not_found"

    def __init__(self, message: object = _l("There is nothing at this address.")) -> None:
        super().__init__(message)


class Invalid(DomainError):
    """Input that cannot be used.

    Attributes:
        problems: message by field name; the name "" stands for the form as a whole.
    """

    status = 422
    code = "invalid"

    def __init__(self, problems: Mapping[str, object]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems.values()))
        self.problems = dict(problems)


class StateChanged(DomainError):
    """Somebody else was faster: the thing is no longer in the state the actor saw."""

    code = "state_changed"

    def __init__(
        self, message: object = _l("This has changed in the meantime. Please look at it as it is now.")
    ) -> None:
        super().__init__(message)
