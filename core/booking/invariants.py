"""Proves from the rows alone that bookings are in order, whatever wrote them; `jidi check --bookings` prints it.

Each rule is one statement that returns what breaks it, the same on both engines. The database sorts and sweeps, and
rows are fetched as they come: memory does not grow with the number of bookings.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.sql.elements import TextClause

from core import clock
from core.audit import AuditEntry
from core.booking import guards
from core.booking.states import BEGINNINGS, LAPSING, MOVES, OPEN, TAKING, WAITING
from core.booking.sync import LOWERED
from core.db import db

FETCHED = 1000
"""Rows fetched at once."""


class Violation(NamedTuple):
    """A rule that is broken, by its name, and by what, in a sentence for whoever runs the site."""

    rule: str
    what: str


class Rule(NamedTuple):
    """A rule: its name, the statement that returns what breaks it, and the sentence about each row."""

    name: str
    statement: str
    sentence: str


PLACE = "coalesce(base.slug || '/', '') || resource.slug"

FRAGMENTS: Mapping[str, Mapping[str, str]] = {
    "sqlite": {
        "place": PLACE,
        "uses": "json_each(session.uses) AS used",
        "skipped": "json_each(booking_series.skipped) AS skipped",
        "chain": "json_each(booking.rules, '$.kind.chain') AS link",
        "position": "link.key",
        "needed": """CASE WHEN json_extract(link.value, '$.need') = 'all'
            THEN json_array_length(link.value, '$.roles') ELSE 1 END""",
        "steps": "coalesce(json_array_length(booking.rules, '$.kind.chain'), 0)",
        # SQLite stores whatever it is given; PostgreSQL only what its column takes.
        "no_whole_numbers": """
            SELECT 'allocation ' || id AS what FROM allocation
            WHERE typeof(start_at) <> 'integer' OR typeof(end_at) <> 'integer' OR typeof(units) <> 'integer'
              OR typeof(active) <> 'integer' OR active NOT IN (0, 1)
            UNION ALL
            SELECT 'booking ' || ref FROM booking
            WHERE typeof(start_at) <> 'integer' OR typeof(end_at) <> 'integer' OR typeof(units) <> 'integer'
            UNION ALL
            SELECT 'session ' || id FROM session
            WHERE typeof(start_at) <> 'integer' OR typeof(end_at) <> 'integer' OR typeof(seats) <> 'integer'
            UNION ALL
            SELECT 'closure ' || id FROM closure WHERE typeof(start_at) <> 'integer' OR typeof(end_at) <> 'integer'
            """,
    },
    "postgresql": {
        "place": PLACE,
        "uses": "LATERAL json_array_elements_text(session.uses) AS used(value)",
        "skipped": "LATERAL json_object_keys(booking_series.skipped) AS skipped(key)",
        "chain": """LATERAL json_array_elements(booking.rules -> 'kind' -> 'chain')
            WITH ORDINALITY AS link(value, number)""",
        "position": "(link.number - 1)",
        "needed": "CASE WHEN link.value ->> 'need' = 'all' THEN json_array_length(link.value -> 'roles') ELSE 1 END",
        "steps": "coalesce(json_array_length(booking.rules -> 'kind' -> 'chain'), 0)",
        "no_whole_numbers": """
            SELECT 'column ' || table_name || '.' || column_name AS what FROM information_schema.columns
            WHERE table_schema = current_schema()
              AND table_name IN ('allocation', 'booking', 'session', 'closure')
              AND column_name IN ('start_at', 'end_at', 'units', 'seats')
              AND data_type NOT IN ('integer', 'bigint')
            """,
    },
}
"""What the engines do not share."""

USE = """
WITH change AS (
  SELECT resource_id, start_at AS moment, units FROM allocation WHERE active AND start_at < end_at
  UNION ALL
  SELECT resource_id, end_at, -units FROM allocation WHERE active AND start_at < end_at
), step AS (
  SELECT resource_id, moment, sum(units) AS units FROM change GROUP BY resource_id, moment
), level AS (
  SELECT resource_id, moment AS start_at,
    sum(units) OVER (PARTITION BY resource_id ORDER BY moment ROWS UNBOUNDED PRECEDING) AS units,
    lead(moment) OVER (PARTITION BY resource_id ORDER BY moment) AS end_at
  FROM step
)
SELECT level.resource_id, {place} AS place, level.start_at, level.end_at, level.units,
  coalesce(resource.capacity, 0) AS capacity
FROM level LEFT JOIN resource ON resource.id = level.resource_id LEFT JOIN base ON base.id = resource.base_id
WHERE level.units > coalesce(resource.capacity, 0)
ORDER BY level.resource_id, level.start_at"""
"""Every stretch in which more of a resource is taken than it has now."""

OVER = "{place}: {units} taken from {start_at} to {end_at}, and there are {capacity}"

RULES = (
    Rule("whole numbers", "{no_whole_numbers}", "{what}: times or units that are no whole numbers"),
    Rule(
        "order",
        "SELECT id, start_at, end_at, units FROM allocation WHERE NOT (start_at < end_at AND units > 0)",
        "allocation {id}: {units} units from {start_at} to {end_at}",
    ),
    Rule(
        "one owner",
        """
        SELECT allocation.id,
          CASE WHEN booking.id IS NULL THEN 0 ELSE 1 END + CASE WHEN session.id IS NULL THEN 0 ELSE 1 END
          + CASE WHEN closure.id IS NULL THEN 0 ELSE 1 END AS owners
        FROM allocation
        LEFT JOIN booking ON booking.id = allocation.booking_id
        LEFT JOIN session ON session.id = allocation.session_id
        LEFT JOIN closure ON closure.id = allocation.closure_id
        WHERE CASE WHEN booking.id IS NULL THEN 0 ELSE 1 END + CASE WHEN session.id IS NULL THEN 0 ELSE 1 END
          + CASE WHEN closure.id IS NULL THEN 0 ELSE 1 END <> 1""",
        "allocation {id}: belongs to {owners} of a booking, a session and a closure that exist, not to exactly one",
    ),
    # --- bookings ---
    Rule(
        "place of a booking",
        """
        SELECT ref, state FROM booking
        WHERE state IN :taking
          AND NOT EXISTS (SELECT 1 FROM allocation WHERE allocation.booking_id = booking.id AND allocation.active)""",
        "booking {ref}: is {state} and takes nothing",
    ),
    Rule(
        "place of a booking",
        """
        SELECT booking.ref, booking.state, allocation.id
        FROM booking JOIN allocation ON allocation.booking_id = booking.id AND allocation.active
        WHERE booking.state NOT IN :taking""",
        "booking {ref}: is {state} and still takes something (allocation {id})",
    ),
    Rule(
        "place of a booking",
        """
        SELECT booking.ref, booking.start_at, booking.end_at, booking.units, allocation.id,
          allocation.start_at AS taken_start_at, allocation.end_at AS taken_end_at, allocation.units AS taken_units
        FROM booking JOIN allocation ON allocation.booking_id = booking.id AND allocation.active
        WHERE booking.state IN :taking AND NOT allocation.covering
          AND (allocation.start_at > booking.start_at
            OR (allocation.end_at < booking.end_at AND booking.state <> 'no_show')
            OR (allocation.units <> booking.units AND (booking.session_id IS NOT NULL OR allocation.units <> 1)
              AND NOT EXISTS (SELECT 1 FROM resource AS part WHERE part.parent_id = allocation.resource_id)))""",
        "booking {ref}: is for {units} from {start_at} to {end_at}, "
        "and allocation {id} takes {taken_units} from {taken_start_at} to {taken_end_at}",
    ),
    Rule(
        "seats of a booking",
        """
        SELECT booking.ref, booking.session_id, count(allocation.id) AS taken,
          count(CASE WHEN allocation.resource_id = session.seats_resource_id THEN 1 END) AS right_ones
        FROM booking
        JOIN session ON session.id = booking.session_id
        JOIN allocation ON allocation.booking_id = booking.id AND allocation.active
        WHERE booking.state IN :taking
        GROUP BY booking.id, booking.ref, booking.session_id
        HAVING count(allocation.id) <> 1
          OR count(CASE WHEN allocation.resource_id = session.seats_resource_id THEN 1 END) <> 1""",
        "booking {ref}: has {taken} allocations, {right_ones} of them seats of session {session_id}, not exactly one",
    ),
    Rule(
        "session of a booking",
        """
        SELECT booking.ref, booking.state, session.id, session.state AS session_state, booking.start_at, booking.end_at
        FROM booking JOIN session ON session.id = booking.session_id
        WHERE booking.state IN :open
          AND (session.state <> 'published' OR booking.start_at <> session.start_at
            OR booking.end_at <> session.end_at)""",
        "booking {ref}: is {state} from {start_at} to {end_at}, and session {id} is {session_state} or at another time",
    ),
    Rule(
        "history of a booking",
        """
        WITH walk AS (
          SELECT booking_id, to_state, lead(id) OVER (PARTITION BY booking_id ORDER BY id) AS next FROM booking_step
        )
        SELECT booking.ref, booking.state, coalesce(walk.to_state, 'nothing') AS last
        FROM booking LEFT JOIN walk ON walk.booking_id = booking.id AND walk.next IS NULL
        WHERE walk.to_state IS NULL OR walk.to_state <> booking.state""",
        "booking {ref}: is {state}, and its history ends with {last}",
    ),
    Rule(
        "history of a booking",
        """
        WITH walk AS (
          SELECT booking_id, id, action, from_state, to_state,
            lag(to_state) OVER (PARTITION BY booking_id ORDER BY id) AS before
          FROM booking_step
        )
        SELECT booking.ref, walk.id, walk.action, walk.to_state,
          coalesce(walk.from_state, 'nothing') AS from_state, coalesce(walk.before, 'nothing') AS before
        FROM walk JOIN booking ON booking.id = walk.booking_id
        WHERE coalesce(walk.from_state, '') <> coalesce(walk.before, '')
          OR coalesce(walk.from_state, '') || ' ' || walk.action || ' ' || walk.to_state NOT IN :moves""",
        "booking {ref}: step {id} goes by {action} from {from_state} to {to_state}, after {before}: no such move",
    ),
    Rule(
        "answer of a booking",
        """
        SELECT booking.ref, base.slug || '/' || booking_kind.slug AS owner, coalesce(intake_form.owner, 'none') AS form
        FROM booking
        JOIN booking_kind ON booking_kind.id = booking.kind_id
        JOIN base ON base.id = booking.base_id
        LEFT JOIN intake_answer ON intake_answer.id = booking.answer_id
        LEFT JOIN intake_form ON intake_form.id = intake_answer.form_id
        WHERE booking_kind.base_id <> booking.base_id
          OR (booking.answer_id IS NOT NULL
            AND coalesce(intake_form.owner, '') <> base.slug || '/' || booking_kind.slug)""",
        "booking {ref}: is of {owner}, and its answer is to a form of {form}",
    ),
    # --- families ---
    Rule(
        "parts and wholes",
        # Parts that came later are not taken by what was taken before them: only what lies ahead is looked at.
        """
        SELECT {place} AS place, part.slug AS part, allocation.id, allocation.start_at, allocation.end_at
        FROM allocation
        JOIN resource ON resource.id = allocation.resource_id
        LEFT JOIN base ON base.id = resource.base_id
        JOIN resource AS part ON part.parent_id = resource.id AND part.archived_at IS NULL AND part.capacity > 0
        WHERE allocation.active AND allocation.end_at > :now
          AND NOT allocation.covering
          AND NOT EXISTS (
            SELECT 1 FROM allocation AS other
            WHERE other.active AND other.covering AND other.resource_id = part.id AND other.units >= part.capacity
              AND other.start_at = allocation.start_at AND other.end_at = allocation.end_at
              AND coalesce(other.booking_id, 0) = coalesce(allocation.booking_id, 0)
              AND coalesce(other.session_id, 0) = coalesce(allocation.session_id, 0)
              AND coalesce(other.closure_id, 0) = coalesce(allocation.closure_id, 0)
          )""",
        "{place}: is taken from {start_at} to {end_at} (allocation {id}), and its part {part} is not, or not all of it",
    ),
    Rule(
        "parts and wholes",
        # Whatever takes parts takes as much of what they belong to; what is out of service is not counted.
        """
        WITH taken AS (
          SELECT part.parent_id AS whole_id, allocation.start_at, allocation.end_at, min(allocation.id) AS id,
            coalesce(allocation.booking_id, 0) AS booking_id, coalesce(allocation.session_id, 0) AS session_id,
            coalesce(allocation.closure_id, 0) AS closure_id, sum(allocation.units) AS units
          FROM allocation JOIN resource AS part ON part.id = allocation.resource_id AND part.archived_at IS NULL
          WHERE part.parent_id IS NOT NULL AND allocation.active AND allocation.end_at > :now
          GROUP BY part.parent_id, allocation.start_at, allocation.end_at, coalesce(allocation.booking_id, 0),
            coalesce(allocation.session_id, 0), coalesce(allocation.closure_id, 0)
        ), covered AS (
          SELECT taken.*, (
            SELECT coalesce(sum(other.units), 0) FROM allocation AS other
            WHERE other.active AND other.resource_id = taken.whole_id
              AND other.start_at = taken.start_at AND other.end_at = taken.end_at
              AND coalesce(other.booking_id, 0) = taken.booking_id
              AND coalesce(other.session_id, 0) = taken.session_id
              AND coalesce(other.closure_id, 0) = taken.closure_id
          ) AS around FROM taken
        )
        SELECT {place} AS place, covered.id, covered.start_at, covered.end_at, covered.units, covered.around
        FROM covered
        JOIN resource ON resource.id = covered.whole_id AND resource.archived_at IS NULL
        LEFT JOIN base ON base.id = resource.base_id
        WHERE covered.units > covered.around""",
        "{place}: {units} of its parts are taken from {start_at} to {end_at} (allocation {id}), and {around} of itself",
    ),
    Rule(
        "deadline of a booking",
        """
        SELECT ref, state, CASE WHEN lapses_at IS NULL THEN 'no deadline' ELSE 'a deadline' END AS deadline FROM booking
        WHERE (state IN :lapsing) <> (lapses_at IS NOT NULL)""",
        "booking {ref}: is {state} and has {deadline}",
    ),
    Rule(
        "waiting list",
        """
        SELECT ref, state, offers FROM booking
        WHERE (state IN ('waitlisted', 'offered') AND waiting_since IS NULL) OR (state = 'offered' AND offers < 1)""",
        "booking {ref}: is {state} after {offers} offers, and has no place in the waiting list",
    ),
    Rule(
        "waiting list",
        """
        SELECT booking.ref, booking.state, count(booking_charge.id) AS charges
        FROM booking JOIN booking_charge ON booking_charge.booking_id = booking.id
        WHERE booking.state IN ('held', 'waitlisted') AND booking_charge.given_back_at IS NULL
        GROUP BY booking.id, booking.ref, booking.state""",
        "booking {ref}: is {state} and charged all the same ({charges})",
    ),
    # --- approval ---
    Rule(
        "approvals of a booking",
        """
        SELECT booking.ref, booking.state, {position} + 1 AS number, {needed} AS needed,
          (SELECT count(*) FROM booking_approval
            WHERE booking_approval.booking_id = booking.id AND booking_approval.round = booking.round
              AND booking_approval.step = {position}) AS given
        FROM booking CROSS JOIN {chain}
        WHERE (booking.state IN ('confirmed', 'checked_in', 'completed', 'no_show')
            OR (booking.state IN :waiting AND {position} < booking.step))
          AND {needed} > (SELECT count(*) FROM booking_approval
            WHERE booking_approval.booking_id = booking.id AND booking_approval.round = booking.round
              AND booking_approval.step = {position})""",
        "booking {ref}: is {state}, and step {number} of its approval has {given} approvals, not {needed}",
    ),
    Rule(
        "approvals of a booking",
        """
        SELECT booking.ref, booking.state, booking.step + 1 AS number, {steps} AS steps FROM booking
        WHERE booking.state IN :waiting AND (booking.step < 0 OR booking.step >= {steps})""",
        "booking {ref}: is {state} at step {number} of its approval, and there are {steps}",
    ),
    Rule(
        "approvals of a booking",
        """
        SELECT booking.ref, approval.id, approval.round, booking.round AS present
        FROM booking_approval AS approval JOIN booking ON booking.id = approval.booking_id
        WHERE approval.round > booking.round OR approval.step < 0 OR approval.step >= {steps}""",
        "booking {ref}: approval {id} is of a round or a step that there is not",
    ),
    Rule(
        "approvals by different people",
        """
        SELECT booking.ref, first.id, second.id AS other
        FROM booking_approval AS first
        JOIN booking_approval AS second
          ON second.booking_id = first.booking_id AND second.round = first.round AND second.id > first.id
        JOIN booking ON booking.id = first.booking_id
        WHERE first.user_id IN (second.user_id, second.instead_of_id)
          OR first.instead_of_id IN (second.user_id, second.instead_of_id)""",
        "booking {ref}: approvals {id} and {other} are by the same person, or in the same person's place",
    ),
    # --- sessions ---
    Rule(
        "seats of a session",
        """
        SELECT session.id, session.seats,
          coalesce(resource.kind || ' of ' || resource.capacity, 'nothing') AS owned
        FROM session LEFT JOIN resource ON resource.id = session.seats_resource_id
        WHERE session.state = 'published'
          AND (resource.id IS NULL OR resource.kind <> 'seats' OR resource.capacity <> session.seats)""",
        "session {id}: is published with {seats} seats, and owns {owned}",
    ),
    Rule(
        "seats of a session",
        "SELECT id FROM session WHERE state = 'draft' AND seats_resource_id IS NOT NULL",
        "session {id}: is a draft and owns seats",
    ),
    Rule(
        "what a session takes",
        """
        SELECT session.id, used.value AS resource_id
        FROM session CROSS JOIN {uses}
        WHERE session.state = 'published' AND NOT EXISTS (
          SELECT 1 FROM allocation
          WHERE allocation.session_id = session.id AND allocation.active
            AND allocation.resource_id = CAST(used.value AS integer)
            AND NOT allocation.covering
            AND allocation.start_at = session.start_at AND allocation.end_at = session.end_at
            AND (allocation.units IN (1, session.seats)
              OR EXISTS (SELECT 1 FROM resource AS part WHERE part.parent_id = allocation.resource_id))
        )""",
        "session {id}: is published and does not take resource {resource_id}, which it uses, for its time",
    ),
    Rule(
        "what a session takes",
        """
        SELECT session.id, allocation.id AS allocation_id
        FROM session JOIN allocation ON allocation.session_id = session.id AND allocation.active
        WHERE session.state = 'published' AND NOT allocation.covering AND (
          allocation.start_at <> session.start_at OR allocation.end_at <> session.end_at
          OR NOT EXISTS (SELECT 1 FROM {uses} WHERE CAST(used.value AS integer) = allocation.resource_id)
        )""",
        "session {id}: takes what it does not use, or at another time (allocation {allocation_id})",
    ),
    Rule(
        "what a session takes",
        """
        SELECT session.id, session.state, allocation.id AS allocation_id
        FROM session JOIN allocation ON allocation.session_id = session.id AND allocation.active
        WHERE session.state <> 'published'""",
        "session {id}: is {state} and still takes something (allocation {allocation_id})",
    ),
    # --- series ---
    Rule(
        "series of a booking",
        """
        SELECT booking.ref, booking_series.id FROM booking JOIN booking_series ON booking_series.id = booking.series_id
        WHERE booking.base_id <> booking_series.base_id OR booking.kind_id <> booking_series.kind_id
          OR booking.organisation_id <> booking_series.organisation_id OR booking.occurrence_on IS NULL
          OR booking.session_id IS NOT NULL""",
        "booking {ref}: belongs to series {id} and is of another base, kind or organisation, or of no day of it",
    ),
    Rule(
        "dates of a series",
        """
        SELECT series_id, occurrence_on, count(*) AS standing FROM booking
        WHERE series_id IS NOT NULL AND state NOT IN ('rejected', 'cancelled', 'expired')
        GROUP BY series_id, occurrence_on HAVING count(*) > 1""",
        "series {series_id}: has {standing} bookings for {occurrence_on}",
    ),
    Rule(
        "dates of a series",
        """
        SELECT booking_series.id, booking.ref, booking.occurrence_on
        FROM booking_series CROSS JOIN {skipped}
        JOIN booking ON booking.series_id = booking_series.id AND CAST(booking.occurrence_on AS varchar) = skipped.key
        WHERE booking.state IN :open""",
        "series {id}: skips {occurrence_on}, and booking {ref} stands for it",
    ),
    # --- closures ---
    Rule(
        "what a closure takes",
        """
        SELECT closure.id, allocation.id AS allocation_id
        FROM closure JOIN allocation ON allocation.closure_id = closure.id AND allocation.active
        WHERE closure.lifted_at IS NOT NULL""",
        "closure {id}: is lifted and still takes something (allocation {allocation_id})",
    ),
    Rule(
        "what a closure takes",
        # One that is over took the whole of what there was then.
        """
        SELECT closure.id, {place} AS place, closure.start_at, closure.end_at, resource.capacity
        FROM closure
        JOIN resource ON resource.id = closure.resource_id
        LEFT JOIN base ON base.id = resource.base_id
        WHERE closure.lifted_at IS NULL AND NOT EXISTS (
          SELECT 1 FROM allocation
          WHERE allocation.closure_id = closure.id AND allocation.active
            AND allocation.resource_id = closure.resource_id
            AND allocation.start_at = closure.start_at AND allocation.end_at = closure.end_at
            AND (allocation.units >= resource.capacity OR closure.end_at <= :now)
        )""",
        "closure {id}: does not take all {capacity} of {place} from {start_at} to {end_at}",
    ),
    # --- quotas ---
    Rule(
        "use of a quota",
        """
        SELECT quota.id, organisation.slug AS organisation, quota.used, quota.granted,
          coalesce(sum(booking_charge.amount), 0) AS charged
        FROM quota
        JOIN agreement ON agreement.id = quota.agreement_id
        JOIN organisation ON organisation.id = agreement.organisation_id
        LEFT JOIN booking_charge ON booking_charge.quota_id = quota.id AND booking_charge.given_back_at IS NULL
        GROUP BY quota.id, organisation.slug, quota.used, quota.granted
        HAVING quota.used <> coalesce(sum(booking_charge.amount), 0) OR quota.used > quota.granted""",
        "quota {id} of {organisation}: {used} of {granted} are said to be used, and bookings use {charged}",
    ),
    Rule(
        "charge of a booking",
        # One that was cancelled may stay counted, as its manager decides.
        """
        SELECT booking.ref, booking.state, booking_charge.amount, booking_charge.quota_id
        FROM booking_charge JOIN booking ON booking.id = booking_charge.booking_id
        WHERE booking_charge.given_back_at IS NULL AND booking.state IN ('rejected', 'expired', 'waitlisted')""",
        "booking {ref}: is {state} and still uses {amount} of quota {quota_id}",
    ),
    Rule(
        "charge of a booking",
        """
        SELECT booking.ref, booking_charge.quota_id
        FROM booking_charge
        JOIN booking ON booking.id = booking_charge.booking_id
        JOIN quota ON quota.id = booking_charge.quota_id
        JOIN agreement ON agreement.id = quota.agreement_id
        WHERE agreement.organisation_id <> booking.organisation_id OR quota.base_id <> booking.base_id""",
        "booking {ref}: uses quota {quota_id}, which is another organisation's or for another base",
    ),
    Rule(
        "charge of a booking",
        # A session that is moved takes its bookings along, and leaves what they were counted for.
        """
        WITH counting AS (
          SELECT booking.ref, booking_charge.quota_id, booking_charge.amount,
            CASE quota.unit WHEN 'minutes' THEN (booking.end_at - booking.start_at + 59) / 60
              ELSE booking.units END AS due
          FROM booking_charge
          JOIN booking ON booking.id = booking_charge.booking_id
          JOIN quota ON quota.id = booking_charge.quota_id
          WHERE booking_charge.given_back_at IS NULL AND (quota.unit <> 'minutes' OR booking.session_id IS NULL)
        )
        SELECT ref, quota_id, amount, due FROM counting WHERE amount <> due""",
        "booking {ref}: uses {amount} of quota {quota_id}, and it is for {due}",
    ),
)
"""Every rule but those about capacity and guards."""

COUNTED = {
    "bookings": "SELECT count(*) FROM booking",
    "active allocations": "SELECT count(*) FROM allocation WHERE active",
    "resources": "SELECT count(*) FROM resource",
    "sessions": "SELECT count(*) FROM session",
    "closures": "SELECT count(*) FROM closure",
    "quotas": "SELECT count(*) FROM quota",
}


@contextmanager
def snapshot() -> Iterator[Connection]:
    """Open a connection that sees one state of the database throughout, however much is booked meanwhile."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        yield connection


def violations(connection: Connection) -> Iterator[Violation]:
    """Yield what is wrong with bookings, sessions, closures and their guards, in the whole database.

    Args:
        connection: that of `snapshot`; one result is read from it at a time.
    """
    for name in guards.missing(connection):
        yield Violation("guard", f"{name}: is missing, switched off or changed: run `jidi upgrade`")
    yield from _over(connection)
    for rule in RULES:
        for row in _rows(connection, rule.statement):
            yield Violation(rule.name, _sentence(rule.sentence, row))


def counts(connection: Connection) -> dict[str, int]:
    """Return how many rows of each sort were looked at."""
    return {what: connection.execute(text(statement)).scalar_one() for what, statement in COUNTED.items()}


def _over(connection: Connection) -> Iterator[Violation]:
    """Yield the stretches in which more is taken than there was; a capacity lowered later does not bind the past."""
    lowered: dict[str, list[tuple[float, int]]] = {}
    for subject, at, details in connection.execute(
        select(AuditEntry.subject, AuditEntry.at, AuditEntry.details).where(AuditEntry.action == LOWERED)
    ):
        lowered.setdefault(subject, []).append((at.timestamp(), details["before"]))
    for row in _rows(connection, USE):
        changes = lowered.get(f"resource:{row['resource_id']}", ())
        there = max([row["capacity"], *(before for at, before in changes if row["start_at"] < at)])
        if row["units"] > there:
            yield Violation("capacity", _sentence(OVER, {**row, "capacity": there}))


def _rows(connection: Connection, statement: str) -> Iterator[Mapping[str, Any]]:
    prepared = _prepared(statement.format(**FRAGMENTS[connection.dialect.name]))
    with connection.execution_options(yield_per=FETCHED).execute(prepared) as result:
        for row in result.mappings():
            yield dict(row)


def _prepared(statement: str) -> TextClause:
    values: dict[str, object] = {
        "taking": sorted(TAKING),
        "open": sorted(OPEN),
        "waiting": sorted(WAITING),
        "lapsing": sorted(LAPSING),
        "moves": [f"{before} {action} {after}" for (before, action), after in MOVES.items()]
        + [f" {action} {state}" for action, state in BEGINNINGS],
        "now": int(clock.now().timestamp()),
    }
    used = {name: value for name, value in values.items() if f":{name}" in statement}
    return text(statement).bindparams(
        *(bindparam(name, value, expanding=isinstance(value, list)) for name, value in used.items())
    )


def _sentence(sentence: str, row: Mapping[str, Any]) -> str:
    shown = {name: _moment(value) if name.endswith("_at") else value for name, value in row.items()}
    return sentence.format(**shown)


def _moment(value: object) -> str:
    """Return a moment for people, or what stands in its place as it is: nothing that is wrong stops the check."""
    try:
        return f"{clock.local(datetime.fromtimestamp(value, UTC)):%Y-%m-%d %H:%M}"  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError, OSError):
        return str(value)
