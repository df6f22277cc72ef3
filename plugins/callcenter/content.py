"""The supply-and-demand board: notices of six kinds, as the platform's purpose in the report of 2014 names them."""

from datetime import timedelta
from decimal import Decimal

from core.plugin_api import Choice, ContentType, Figure, LongText, Text
from core.plugin_api import lazy_gettext as _l

SIDES = (("demand", _l("Wanted")), ("supply", _l("Offered")))

KINDS = (
    ("software", _l("Software development")),
    ("reengineering", _l("Business-process re-engineering")),
    ("outsourcing", _l("Outsourcing demand")),
    ("technology", _l("Technology")),
    ("prices", _l("Prices")),
    ("talent", _l("Talent")),
)
"""The kinds of information that outsourcing firms query and answer on the platform, by the report of 2014."""

BOARD = ContentType(
    slug="board",
    title=_l("Supply-and-demand notice"),
    plural=_l("Supply and demand"),
    summary=_l("What a firm wants or offers. Name a unit and a role to turn to, no person."),
    icon="arrow-left-right",
    behaviours=frozenset({"scheduled", "pinned", "attachable"}),
    fields=(
        Choice(name="side", label=_l("Wanted or offered"), options=SIDES),
        Choice(name="kind", label=_l("Kind of information"), options=KINDS),
        Text(name="organisation", label=_l("Who publishes it"), longest=80),
        Text(name="contact", label=_l("Whom to turn to"), hint=_l("A role or a department."), longest=80),
        Text(name="quantity", label=_l("Quantity"), hint=_l("For instance 20 seats for three months."), required=False),
        Figure(name="price", label=_l("Price"), unit=_l("yuan"), most=Decimal(100_000_000), required=False),
        Text(name="price_unit", label=_l("Price per"), hint=_l("For instance a call."), longest=40, required=False),
        LongText(name="requirements", label=_l("Requirements"), required=False),
    ),
    expires=timedelta(days=60),
)
