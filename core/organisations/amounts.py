"""What quotas are called and count, in words for people."""

from flask_babel import gettext as _

from core import dates
from core.organisations.models import Quota


def amount(unit: str, number: int) -> str:
    """Return an amount of a quota: hours for minutes, or person-times."""
    if unit == "minutes":
        return str(_("%(hours)s hours", hours=f"{number / 60:.2f}".rstrip("0").removesuffix(".")))
    return str(_("%(number)s person-times", number=number))


def quota_name(quota: Quota) -> str:
    """Return what a quota is called: the name of its term, or its days."""
    return quota.label or quota_days(quota)


def quota_days(quota: Quota) -> str:
    """Return the days on which a quota counts."""
    first, last = dates.short_day(quota.valid_from), dates.short_day(quota.valid_until)
    return str(_("%(start)s to %(end)s", start=first, end=last))
