"""The database's own guards: no statement can take more of a resource at any instant than it has.

An active allocation is refused when, at its start or at any start of another inside its interval, the units taken
exceed the resource's capacity (an archived resource has none). The same rule, under the same names, on both engines:

- `allocation_capacity`: an allocation, new or changed, that exceeds the capacity;
- `allocation_values`: times or units that are no whole numbers (SQLite would store and compare texts);
- `resource_capacity`: a capacity lowered under what is taken now or ahead;
- `allocation_isolation`: (PostgreSQL) a transaction whose snapshot would hide what others have committed.

`db.violated(error)` gives the name. SQLite has one writer at a time, so a trigger sees all there is. On PostgreSQL the
trigger first locks the resource's row; each statement after that sees what was committed before it.
"""

from sqlalchemy.engine import Connection

NEAR_INDEX = "ix_allocation_near"
"""PostgreSQL's index for the trigger. It stands here, not in the model: its expressions cannot be compared."""

SQLITE_TRIGGERS = (
    "allocation_insert",
    "allocation_update",
    "allocation_values_insert",
    "allocation_values_update",
    "resource_capacity",
)

POSTGRESQL_TRIGGERS = ("allocation_capacity", "resource_capacity")

_SQLITE_INSTALLED = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"

_POSTGRESQL_INSTALLED = """
SELECT tgname, prosrc FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
WHERE tgrelid IN ('allocation'::regclass, 'resource'::regclass) AND tgenabled IN ('O', 'A')"""


def install(connection: Connection) -> None:
    """Create the guards anew; to be called after every migration, since SQLite's drop triggers with their table."""
    statements = _sqlite() if connection.dialect.name == "sqlite" else _POSTGRESQL
    for statement in statements:
        connection.exec_driver_sql(statement)


def lift(connection: Connection) -> None:
    """Take SQLite's guards away while tables are migrated: one that names a table keeps it from being copied."""
    if connection.dialect.name == "sqlite":
        for statement in _lifted():
            connection.exec_driver_sql(statement)


def missing(connection: Connection) -> list[str]:
    """Return the names of the triggers that are not there, are switched off, or are not those of this version."""
    sqlite = connection.dialect.name == "sqlite"
    asked = _SQLITE_INSTALLED if sqlite else _POSTGRESQL_INSTALLED
    there = {name: body.split() for name, body in connection.exec_driver_sql(asked)}
    return [name for name, body in (_sqlite_bodies() if sqlite else _postgresql_bodies()) if there.get(name) != body]


def _sqlite_bodies() -> list[tuple[str, list[str]]]:
    return [(words[2], words) for words in map(str.split, _sqlite()) if words[0] == "CREATE"]


def _postgresql_bodies() -> list[tuple[str, list[str]]]:
    functions = [statement.split("$$")[1].split() for statement in _POSTGRESQL if "$$" in statement]
    return list(zip(POSTGRESQL_TRIGGERS, functions, strict=True))


def _lifted() -> list[str]:
    return [f"DROP TRIGGER IF EXISTS {name}" for name in SQLITE_TRIGGERS]


def _sqlite() -> list[str]:
    return [
        *_lifted(),
        _sqlite_values("insert", "INSERT ON allocation"),
        _sqlite_values("update", "UPDATE ON allocation"),
        _sqlite_capacity("insert", "INSERT ON allocation", "NEW.id"),
        _sqlite_capacity("update", "UPDATE ON allocation", "OLD.id"),
        _SQLITE_LOWERED,
    ]


def _sqlite_values(name: str, when: str) -> str:
    return f"""
CREATE TRIGGER allocation_values_{name} BEFORE {when}
WHEN typeof(NEW.start_at) <> 'integer' OR typeof(NEW.end_at) <> 'integer' OR typeof(NEW.units) <> 'integer'
  OR NEW.active NOT IN (0, 1) OR typeof(NEW.active) <> 'integer'
BEGIN SELECT RAISE(ABORT, 'allocation_values'); END"""


def _sqlite_capacity(name: str, when: str, own_id: str) -> str:
    # No value from outside goes into these texts.
    others = f"resource_id = NEW.resource_id AND active AND end_at > NEW.start_at AND id IS NOT {own_id}"
    return f"""
CREATE TRIGGER allocation_{name} BEFORE {when} WHEN NEW.active
BEGIN
  SELECT RAISE(ABORT, 'allocation_capacity') WHERE EXISTS (
    SELECT 1 FROM (
      SELECT NEW.start_at AS moment
      UNION
      SELECT start_at FROM allocation WHERE {others} AND start_at > NEW.start_at AND start_at < NEW.end_at
    ) AS point
    WHERE NEW.units + (
      SELECT coalesce(sum(units), 0) FROM allocation
      WHERE {others} AND end_at > point.moment AND start_at <= point.moment
    ) > coalesce((SELECT capacity FROM resource WHERE id = NEW.resource_id AND archived_at IS NULL), 0)
  );
END"""  # noqa: S608


_SQLITE_LOWERED = """
CREATE TRIGGER resource_capacity BEFORE UPDATE OF capacity ON resource WHEN NEW.capacity < OLD.capacity
BEGIN
  SELECT RAISE(ABORT, 'resource_capacity') WHERE EXISTS (
    SELECT 1 FROM (
      SELECT max(start_at, CAST(strftime('%s', 'now') AS INTEGER)) AS moment FROM allocation
      WHERE resource_id = NEW.id AND active AND end_at > CAST(strftime('%s', 'now') AS INTEGER)
    ) AS point
    WHERE (
      SELECT sum(units) FROM allocation
      WHERE resource_id = NEW.id AND active AND end_at > point.moment AND start_at <= point.moment
    ) > NEW.capacity
  );
END"""

# Without a per cent sign: the driver would take it for a parameter.
_POSTGRESQL = (
    f"""
CREATE INDEX IF NOT EXISTS {NEAR_INDEX} ON allocation
USING gist (int4range(resource_id, resource_id, '[]'), int8range(start_at, end_at)) WHERE active""",
    """
CREATE OR REPLACE FUNCTION allocation_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  room integer;
  peak bigint;
BEGIN
  IF NEW.start_at >= NEW.end_at THEN
    RETURN NEW;  -- the table's own CHECK refuses it, by its name
  END IF;
  IF current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN
    RAISE EXCEPTION USING ERRCODE = '23P01', CONSTRAINT = 'allocation_isolation',
      MESSAGE = 'allocations are written under READ COMMITTED only';
  END IF;
  SELECT capacity INTO room FROM resource WHERE id = NEW.resource_id AND archived_at IS NULL FOR NO KEY UPDATE;
  WITH near AS (
    SELECT start_at, end_at, units FROM allocation
    WHERE active
      AND int4range(resource_id, resource_id, '[]') && int4range(NEW.resource_id, NEW.resource_id, '[]')
      AND int8range(start_at, end_at) && int8range(NEW.start_at, NEW.end_at)
      AND id <> NEW.id
      AND (TG_OP = 'INSERT' OR id <> OLD.id)
  ), point AS (
    SELECT NEW.start_at AS moment UNION SELECT start_at FROM near WHERE start_at > NEW.start_at
  )
  SELECT max((SELECT coalesce(sum(units), 0) FROM near WHERE start_at <= moment AND end_at > moment))
  INTO peak FROM point;
  IF peak + NEW.units > coalesce(room, 0) THEN
    RAISE EXCEPTION USING ERRCODE = '23P01', CONSTRAINT = 'allocation_capacity',
      MESSAGE = 'resource ' || NEW.resource_id || ': its capacity would be exceeded';
  END IF;
  RETURN NEW;
END $$""",
    "DROP TRIGGER IF EXISTS allocation_capacity ON allocation",
    """
CREATE TRIGGER allocation_capacity BEFORE INSERT OR UPDATE ON allocation
FOR EACH ROW WHEN (NEW.active) EXECUTE FUNCTION allocation_guard()""",
    """
CREATE OR REPLACE FUNCTION resource_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT 1 FROM (
      SELECT greatest(start_at, floor(extract(epoch FROM clock_timestamp()))::bigint) AS moment FROM allocation
      WHERE resource_id = NEW.id AND active AND end_at > extract(epoch FROM clock_timestamp())
    ) AS point
    WHERE (
      SELECT sum(units) FROM allocation
      WHERE resource_id = NEW.id AND active AND end_at > point.moment AND start_at <= point.moment
    ) > NEW.capacity
  ) THEN
    RAISE EXCEPTION USING ERRCODE = '23P01', CONSTRAINT = 'resource_capacity',
      MESSAGE = 'resource ' || NEW.id || ': more is taken than the new capacity';
  END IF;
  RETURN NEW;
END $$""",
    "DROP TRIGGER IF EXISTS resource_capacity ON resource",
    """
CREATE TRIGGER resource_capacity BEFORE UPDATE OF capacity ON resource
FOR EACH ROW WHEN (NEW.capacity < OLD.capacity) EXECUTE FUNCTION resource_guard()""",
)
