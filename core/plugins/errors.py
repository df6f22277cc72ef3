"""What can go wrong with plugins."""

from flask_babel import lazy_gettext as _l

from core.errors import DomainError


class PluginError(Exception):
    """Why a plugin was quarantined, in a sentence for whoever runs the site."""


class PluginFailed(DomainError):
    """A plugin's rule could not be checked, so the booking is refused.

    Attributes:
        reference: what to look for in the server's log.
    """

    status = 503
    code = "plugin_failed"

    def __init__(self, reference: str) -> None:
        super().__init__(
            _l(
                "We are sorry: a rule of this base could not be checked, so nothing was booked."
                " Please try again later or call the base. Reference: %(reference)s",
                reference=reference,
            )
        )
        self.reference = reference
