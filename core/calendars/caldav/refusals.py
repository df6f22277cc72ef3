"""What is said no to, in the words of WebDAV."""


class Refused(Exception):
    """A request that is not answered as it was meant.

    Args:
        status: of the answer.
        reason: for whoever reads a log, in English.
        condition: ready XML of the condition that was not met (RFC 4918, 16), or "".
    """

    def __init__(self, status: int, reason: str, condition: str = "") -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.condition = condition


class Unauthorized(Exception):
    """Credentials are needed, or those that came are wrong."""
