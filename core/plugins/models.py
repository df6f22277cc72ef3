"""What a site remembers of its plugins."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Model, UTCDateTime


class PluginState(Model):
    """One plugin's state: switched on or off, and what became of its tables at the last upgrade.

    `changes` grows with each change of its state, not with failures; the sum over all rows is the
    version that caches are keyed by.
    """

    __tablename__ = "plugin_state"
    __public__ = "site"

    slug: Mapped[str] = mapped_column(String(30), primary_key=True)
    enabled: Mapped[bool] = mapped_column(default=True)
    migrations: Mapped[str] = mapped_column(String(64), default="")  # fingerprint of the migrations applied
    problem: Mapped[str] = mapped_column(Text, default="")  # why the last upgrade could not bring it up to date
    failures: Mapped[int] = mapped_column(default=0)  # of its hooks while the site ran, since the last upgrade
    failure: Mapped[str] = mapped_column(Text, default="")  # the last of them
    changes: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
