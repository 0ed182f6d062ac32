"""What does the database itself refuse, beyond keys and checks? Exclusions and triggers, declared for both databases.

The migrations create exactly these and a check compares them with both catalogues, because a table that is rebuilt on SQLite
loses its triggers without a word.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Guard:
    """One guard: a constraint or trigger on PostgreSQL and triggers on SQLite, by the names in both catalogues."""

    name: str
    table: str
    postgresql: tuple[str, ...]
    sqlite: dict[str, str]  # trigger name -> statement
    beside: tuple[str, ...] = ()  # further triggers on PostgreSQL


def _overlap(name: str, table: str, same: tuple[str, ...], start: str, end: str, where: str = "") -> Guard:
    """No two rows with the same `same` may overlap in [start, end), among those that `where` holds for."""
    keys = ", ".join(f"{column} WITH =" for column in same)
    clause = f" WHERE ({where})" if where else ""
    excluded = f"ALTER TABLE {table} ADD CONSTRAINT {name} EXCLUDE USING gist ({keys}, tstzrange({start}, {end}) WITH &&){clause}"
    return Guard(name, table, (excluded,), dict(_overlap_triggers(name, table, same, start, end, where)))


def _overlap_triggers(
    name: str, table: str, same: tuple[str, ...], start: str, end: str, where: str
) -> Iterator[tuple[str, str]]:
    def of(row: str, expression: str) -> str:
        for column in ("arrive_at", "starts_at", "ends_at", "status"):
            expression = expression.replace(column, f"{row}.{column}")
        return expression

    equal = " AND ".join(f"other.{column} = NEW.{column}" for column in (*same,))
    others = f" AND {of('other', where)}" if where else ""
    when = f" WHEN {of('NEW', where)}" if where else ""
    for moment in ("INSERT", "UPDATE"):
        trigger = f"{name}_{moment.lower()}"
        yield (
            trigger,
            f"CREATE TRIGGER {trigger} BEFORE {moment} ON {table}{when} BEGIN "
            f"SELECT RAISE(ABORT, '{name}') FROM {table} AS other WHERE {equal} AND other.id <> NEW.id"
            f" AND {of('other', start)} < {of('NEW', end)} AND {of('NEW', start)} < {of('other', end)}{others}; END",
        )


def _append_only(table: str) -> Guard:
    """Rows may be added, and never changed or taken away."""
    name = f"{table}_append_only"
    function = (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    trigger = f"CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
    whole = f"CREATE TRIGGER {name}_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
    sqlite = {
        f"{name}_{moment.lower()}": f"CREATE TRIGGER {name}_{moment.lower()} BEFORE {moment} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for moment in ("UPDATE", "DELETE")
    }
    return Guard(name, table, (function, trigger, whole), sqlite, (f"{name}_truncate",))


NO_LANE_TWICE = _overlap(
    "booking_no_lane_twice", "booking", ("clinic_id", "resource_id", "lane"), "starts_at", "ends_at"
)
NO_PATIENT_TWICE = _overlap(
    "session_no_patient_twice",
    "session",
    ("clinic_id", "patient_id"),
    "coalesce(arrive_at, starts_at)",
    "ends_at",
    "status IN ('booked', 'arrived', 'dosed')",
)
GUARDS = (NO_LANE_TWICE, NO_PATIENT_TWICE, _append_only("record_entry"), _append_only("consent_event"))


def statements(dialect: str) -> list[str]:
    """Every statement that creates the guards on this dialect, in order."""
    if dialect == "postgresql":
        return [statement for guard in GUARDS for statement in guard.postgresql]
    return [statement for guard in GUARDS for statement in guard.sqlite.values()]


def expected(dialect: str) -> set[str]:
    """The names that the catalogue must hold."""
    if dialect == "postgresql":
        return {name for guard in GUARDS for name in (guard.name, *guard.beside)}
    return {trigger for guard in GUARDS for trigger in guard.sqlite}


def present(connection: Connection) -> set[str]:
    """The names of exclusions and triggers that the catalogue holds."""
    if connection.dialect.name == "postgresql":
        query = (
            "SELECT conname FROM pg_constraint WHERE contype = 'x' AND connamespace = 'public'::regnamespace "
            "UNION SELECT tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE NOT tgisinternal AND c.relnamespace = 'public'::regnamespace"
        )
    else:
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    return set(connection.execute(text(query)).scalars())
