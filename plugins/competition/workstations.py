"""The numbered workstations."""

from core.plugin_api import lazy_gettext as _l

WORKSTATIONS = 12
"""How many workstations the base has; an example, the report of 2014 gives no number."""


def workstation_name(number: int) -> object:
    """Return what a workstation is called, by its number from 1."""
    return _l("Workstation %(number)s", number=f"{number:02}")
