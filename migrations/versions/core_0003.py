"""Calendars for every client: events, invitations, tokens for calendars, and the site's own name.

Collections and their memberships are made anew, with numbers that never come twice; `jidi upgrade` fills them again
from their sources. Entries stay: their UIDs are in people's calendars.
"""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "core_0003"
down_revision = "core_0002"
branch_labels = None
depends_on = None

CHECKED_COLUMNS = (
    ("content_item", "event_end", "BIGINT", "event", "(event_start IS NULL) = (event_end IS NULL)"),
    ("user_api_token", "purpose", "VARCHAR(10) DEFAULT 'api' NOT NULL", "purpose", "purpose IN ('api', 'calendar')"),
    ("user_api_token", "scope", "VARCHAR(80) DEFAULT '' NOT NULL", "scope", "purpose = 'calendar' OR scope = ''"),
)
"""Columns that come with a rule: SQLite takes one only with its column, other than by a copy of the whole table."""


def upgrade() -> None:
    _make_tables()
    _remake_collections()
    with op.batch_alter_table("calendar_entry") as batch:
        batch.add_column(sa.Column("transparent", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch.create_check_constraint(op.f("ck_calendar_entry_audience"), "audience IN ('public', 'full')")
    op.add_column("content_item", sa.Column("event_start", sa.BigInteger(), nullable=True))
    for table, column, kind, name, rule in CHECKED_COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind} CONSTRAINT ck_{table}_{name} CHECK ({rule})")
    all_day = "BOOLEAN DEFAULT false NOT NULL CONSTRAINT ck_content_item_event_order CHECK (event_start < event_end)"
    op.execute(f"ALTER TABLE content_item ADD COLUMN event_all_day {all_day}")
    stated = sa.text("event_end IS NOT NULL")
    op.create_index(
        "ix_content_item_event", "content_item", ["event_end"], sqlite_where=stated, postgresql_where=stated
    )
    op.add_column("user_api_token", sa.Column("used_by", sa.String(length=120), server_default="", nullable=False))


def _make_tables() -> None:
    identity = op.create_table(
        "site_identity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_site_identity_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_identity")),
    )
    op.bulk_insert(identity, [{"id": 1, "uuid": str(uuid4())}])
    op.create_table(
        "calendar_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("base_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("location", sa.String(length=200), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("start_at", sa.BigInteger(), nullable=False),
        sa.Column("end_at", sa.BigInteger(), nullable=False),
        sa.Column("all_day", sa.Boolean(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.CheckConstraint("start_at < end_at", name=op.f("ck_calendar_event_order")),
        sa.ForeignKeyConstraint(
            ["base_id"], ["base.id"], name=op.f("fk_calendar_event_base_id_base"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_calendar_event_session_id_session"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_event")),
        sa.UniqueConstraint("base_id", "name", name=op.f("uq_calendar_event_base_id_name")),
    )
    op.create_index("ix_calendar_event_session_id", "calendar_event", ["session_id"])
    op.create_table(
        "calendar_invitation",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("method IN ('REQUEST', 'CANCEL', 'PUBLISH')", name=op.f("ck_calendar_invitation_method")),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["calendar_entry.id"],
            name=op.f("fk_calendar_invitation_entry_id_calendar_entry"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_calendar_invitation_user_id_user_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("entry_id", "user_id", name=op.f("pk_calendar_invitation")),
    )
    op.create_index("ix_calendar_invitation_user", "calendar_invitation", ["user_id"])


def _remake_collections() -> None:
    op.drop_table("calendar_membership")
    op.drop_table("calendar_collection")
    op.create_table(
        "calendar_collection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_collection")),
        sa.UniqueConstraint("key", name=op.f("uq_calendar_collection_key")),
    )
    op.create_table(
        "calendar_membership",
        sa.Column("collection_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["calendar_collection.id"],
            name=op.f("fk_calendar_membership_collection_id_calendar_collection"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["calendar_entry.id"],
            name=op.f("fk_calendar_membership_entry_id_calendar_entry"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("collection_id", "entry_id", name=op.f("pk_calendar_membership")),
    )
    op.create_index("ix_calendar_membership_entry_id", "calendar_membership", ["entry_id"])
    op.create_index("ix_calendar_membership_change", "calendar_membership", ["collection_id", "change"])
    op.create_index(
        "ix_calendar_membership_pending",
        "calendar_membership",
        ["collection_id"],
        sqlite_where=sa.text("change < 0"),
        postgresql_where=sa.text("change < 0"),
    )


def downgrade() -> None:
    raise NotImplementedError("invitations that went out cannot be told in the old tables: restore a backup")
