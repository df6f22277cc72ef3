"""What the base publishes of its competitions: result lists and technical documents."""

from core.plugin_api import Choice, Column, ContentType, Day, Rows, Text
from core.plugin_api import lazy_gettext as _l

GROUPS = (
    ("students", _l("Students' group")),
    ("employees", _l("Employees' group")),
    ("teachers", _l("Teachers' group")),
)

RESULTS = ContentType(
    slug="results",
    title=_l("Result list"),
    plural=_l("Competition results"),
    summary=_l("The ranking of a competition as the jury has confirmed it: teams and schools, no names of persons."),
    icon="list-ol",
    behaviours=frozenset({"scheduled", "pinned", "attachable"}),
    fields=(
        Text(name="event", label=_l("Competition event"), longest=80),
        Day(name="day", label=_l("Day of the competition")),
        Choice(name="group", label=_l("Group"), options=GROUPS),
        Rows(
            name="ranking",
            label=_l("Ranking"),
            hint=_l("The best first; equal scores share a rank."),
            columns=(
                Column(name="rank", label=_l("Rank"), required=True),
                Column(name="team", label=_l("Team"), required=True),
                Column(name="school", label=_l("School or enterprise"), required=True),
                Column(name="score", label=_l("Score"), required=True),
            ),
        ),
    ),
    line="result_line.html",
    reviewed=True,
    order="day",
)

DOCUMENTS = ContentType(
    slug="documents",
    title=_l("Technical document"),
    plural=_l("Technical documents"),
    summary=_l("What a competition is judged by: task book, scoring, equipment list. Attach the official file."),
    icon="file-earmark-ruled",
    fields=(
        Text(name="event", label=_l("Competition event"), longest=80),
        Choice(
            name="part",
            label=_l("Kind of document"),
            options=(
                ("rules", _l("Competition rules")),
                ("tasks", _l("Task book")),
                ("scoring", _l("Scoring")),
                ("equipment", _l("Equipment and tools")),
            ),
        ),
        Text(name="edition", label=_l("Edition"), longest=40, required=False),
        Day(name="valid_from", label=_l("Valid from"), required=False),
    ),
)
