"""A plugin's tables: its own, told by their first word, and out of the way when the plugin is quarantined.

All plugins share the core's metadata, so that their foreign keys can name core tables, but each has a declarative
base of its own: a broken relationship then breaks that plugin alone.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import Column, Constraint, Index, Table, event
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, RelationshipProperty
from sqlalchemy.schema import SchemaItem

from core.db import Model, db
from core.plugins.errors import PluginError
from core.plugins.manifest import RESERVED


def of(slug: str) -> list[Table]:
    """Return the tables that bear a plugin's slug."""
    return [table for table in db.metadata.tables.values() if table.name.startswith(f"{slug}_")]


def names() -> set[str]:
    """Return the names of all tables known at the moment."""
    return set(db.metadata.tables)


@contextmanager
def closed(known: set[str]) -> Iterator[None]:
    """While a plugin is imported, refuse what it would add to tables that were there before: it could not be undone."""

    def refuse(item: SchemaItem, parent: SchemaItem) -> None:
        if isinstance(parent, Table) and parent.name in known and parent is db.metadata.tables.get(parent.name):
            raise PluginError(f"table {parent.name} belongs to another: a plugin makes tables of its own")

    kinds = (Column, Constraint, Index)
    for kind in kinds:
        event.listen(kind, "before_parent_attach", refuse)
    try:
        yield
    finally:
        for kind in kinds:
            event.remove(kind, "before_parent_attach", refuse)


def remove(tables: Iterable[Table | str]) -> None:
    """Take tables out of the metadata, so that nothing of the core stumbles over them."""
    for entry in tables:
        table = db.metadata.tables.get(entry) if isinstance(entry, str) else entry
        if table is not None:
            db.metadata.remove(table)


def check(slug: str, base: type[DeclarativeBase] | None, fresh: Iterable[str]) -> None:
    """Check a plugin's tables and models.

    Args:
        slug: the plugin.
        base: what `declare_models` returned.
        fresh: names of the tables that came with the plugin's import.

    Raises:
        PluginError: a table without the plugin's slug, a model that cannot be mapped, a foreign key to the core
            without ON DELETE, or a relationship that would change a model of the core.
    """
    strangers = sorted(name for name in fresh if not name.startswith(f"{slug}_"))
    if strangers:
        raise PluginError(f"table {', '.join(strangers)}: the names of its tables must begin with {slug}_")
    if base is None:
        if of(slug):
            raise PluginError("it has tables, so declare_models must return their declarative base")
        return
    if issubclass(base, Model) or base.metadata is not db.metadata:
        raise PluginError(
            "declare_models must return a DeclarativeBase of the plugin's own with metadata = plugin_api.metadata"
        )
    _check_keys(slug)
    _check_models(slug, base)


def _check_keys(slug: str) -> None:
    for table in of(slug):
        for key in table.foreign_keys:
            target = key.target_fullname.partition(".")[0]
            if not target.startswith(f"{slug}_") and target.partition("_")[0] not in RESERVED:
                raise PluginError(
                    f"{table.name}.{key.parent.name}: a foreign key leads to its own tables or the core's, not {target}"
                )
            if target not in db.metadata.tables:
                raise PluginError(f"{table.name}.{key.parent.name}: there is no table {target}")
            if not target.startswith(f"{slug}_") and key.ondelete is None:
                raise PluginError(
                    f"{table.name}.{key.parent.name}: a foreign key to {target} needs an explicit ondelete"
                )


def _check_models(slug: str, base: type[DeclarativeBase]) -> None:
    for mapper in base.registry.mappers:
        foreign = [str(table) for table in mapper.tables if not str(table).startswith(f"{slug}_")]
        if foreign:
            raise PluginError(f"{mapper.class_.__name__}: table {', '.join(foreign)} belongs to another")
        for name, attribute in vars(mapper.class_).items():
            if not isinstance(attribute, InstrumentedAttribute):
                continue
            prop = attribute.comparator.prop
            if isinstance(prop, RelationshipProperty) and prop.backref:
                raise PluginError(f"{mapper.class_.__name__}.{name}: no backref, it would change the other model")
    try:
        Model.registry.configure(cascade=True)
        base.registry.configure(cascade=True)
    except Exception as error:
        raise PluginError(f"its models cannot be mapped: {error}") from error


def forget(slug: str, base: type[DeclarativeBase] | None) -> None:
    """Take a quarantined plugin's tables and mappings away."""
    remove(of(slug))
    if base is not None and not issubclass(base, Model):
        base.registry.dispose(cascade=True)
