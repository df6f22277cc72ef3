"""Create the core's tables."""

import sqlalchemy as sa
from alembic import op

revision = "core_0001"
down_revision = None
branch_labels = None
depends_on = None

# Counts the owners in words that both engines understand.
ONE_OWNER = (
    "CASE WHEN booking_id IS NULL THEN 0 ELSE 1 END + CASE WHEN session_id IS NULL THEN 0 ELSE 1 END"
    " + CASE WHEN closure_id IS NULL THEN 0 ELSE 1 END = 1"
)


def upgrade() -> None:
    op.create_table(
        "base",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=30), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("declared", sa.JSON(), nullable=False),
        sa.Column("summary_set", sa.Text(), nullable=True),
        sa.Column("contact", sa.String(length=200), nullable=False),
        sa.Column("keeps_holidays_set", sa.Boolean(), nullable=True),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_base")),
        sa.UniqueConstraint("slug", name=op.f("uq_base_slug")),
    )
    op.create_table(
        "calendar_collection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_collection")),
        sa.UniqueConstraint("key", name=op.f("uq_calendar_collection_key")),
    )
    op.create_table(
        "calendar_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column("uid", sa.String(length=120), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("start_at", sa.BigInteger(), nullable=False),
        sa.Column("end_at", sa.BigInteger(), nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_entry")),
        sa.UniqueConstraint("source", "audience", name=op.f("uq_calendar_entry_source_audience")),
        sa.UniqueConstraint("uid", name=op.f("uq_calendar_entry_uid")),
    )
    op.create_index("ix_calendar_entry_end", "calendar_entry", ["end_at"], unique=False)
    op.create_table(
        "intake_form",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_form")),
        sa.UniqueConstraint("owner", "fingerprint", name=op.f("uq_intake_form_owner_fingerprint")),
        sa.UniqueConstraint("owner", "version", name=op.f("uq_intake_form_owner_version")),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("dedupe", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("dedupe", name=op.f("uq_job_dedupe")),
    )
    op.create_index("ix_job_due", "job", ["state", "run_at"], unique=False)
    op.create_table(
        "job_worker",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_worker")),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("short_name", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("member", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('lead', 'school', 'branch', 'enterprise', 'other')", name=op.f("ck_organisation_kind")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["organisation.id"], name=op.f("fk_organisation_parent_id_organisation"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("name", name=op.f("uq_organisation_name")),
        sa.UniqueConstraint("slug", name=op.f("uq_organisation_slug")),
    )
    op.create_table(
        "plugin_state",
        sa.Column("slug", sa.String(length=30), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("migrations", sa.String(length=64), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_plugin_state")),
    )
    op.create_table(
        "term",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("weeks", sa.Integer(), nullable=False),
        sa.CheckConstraint("weeks BETWEEN 1 AND 60", name=op.f("ck_term_weeks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_term")),
        sa.UniqueConstraint("name", name=op.f("uq_term_name")),
    )
    op.create_table(
        "user_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=True),
        sa.Column("session_version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("email", name=op.f("uq_user_account_email")),
    )
    op.create_table(
        "working_year",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_working_year")),
    )
    op.create_table(
        "agreement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("scope", sa.JSON(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("valid_from <= valid_until", name=op.f("ck_agreement_order")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_agreement_organisation_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
    )
    op.create_index(op.f("ix_agreement_organisation_id"), "agreement", ["organisation_id"], unique=False)
    op.create_table(
        "announcement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("base_id", sa.Integer(), nullable=True),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("pinned_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state = 'draft' OR published_at IS NOT NULL", name=op.f("ck_announcement_published")),
        sa.CheckConstraint("state IN ('draft', 'published', 'archived')", name=op.f("ck_announcement_state")),
        sa.ForeignKeyConstraint(
            ["author_id"], ["user_account.id"], name=op.f("fk_announcement_author_id_user_account"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["base_id"], ["base.id"], name=op.f("fk_announcement_base_id_base"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
    )
    op.create_index(op.f("ix_announcement_base_id"), "announcement", ["base_id"], unique=False)
    op.create_index("ix_announcement_shown", "announcement", ["state", "published_at"], unique=False)
    op.create_index(
        "uq_announcement_address", "announcement", [sa.literal_column("coalesce(base_id, 0)"), "slug"], unique=True
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["user_account.id"], name=op.f("fk_audit_entry_actor_id_user_account"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index(op.f("ix_audit_entry_at"), "audit_entry", ["at"], unique=False)
    op.create_index(op.f("ix_audit_entry_subject"), "audit_entry", ["subject"], unique=False)
    op.create_table(
        "base_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("base_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.Column("declared", sa.Boolean(), nullable=False),
        sa.CheckConstraint("opens < closes", name=op.f("ck_base_hours_order")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_base_hours_weekday")),
        sa.ForeignKeyConstraint(["base_id"], ["base.id"], name=op.f("fk_base_hours_base_id_base"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_base_hours")),
        sa.UniqueConstraint(
            "base_id", "declared", "weekday", "opens", name=op.f("uq_base_hours_base_id_declared_weekday_opens")
        ),
    )
    op.create_table(
        "base_period",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("base_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("declared", sa.JSON(), nullable=False),
        sa.Column("label_set", sa.String(length=60), nullable=True),
        sa.Column("starts_set", sa.Time(), nullable=True),
        sa.Column("ends_set", sa.Time(), nullable=True),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("off", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["base_id"], ["base.id"], name=op.f("fk_base_period_base_id_base"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_base_period")),
        sa.UniqueConstraint("base_id", "slug", name=op.f("uq_base_period_base_id_slug")),
    )
    op.create_table(
        "base_special_day",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("base_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("spans", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["base_id"], ["base.id"], name=op.f("fk_base_special_day_base_id_base"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_base_special_day")),
        sa.UniqueConstraint("base_id", "day", name=op.f("uq_base_special_day_base_id_day")),
    )
    op.create_table(
        "booking_delegation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("base_id", sa.Integer(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_booking_delegation_order")),
        sa.CheckConstraint("from_id <> to_id", name=op.f("ck_booking_delegation_other")),
        sa.ForeignKeyConstraint(
            ["base_id"], ["base.id"], name=op.f("fk_booking_delegation_base_id_base"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["from_id"],
            ["user_account.id"],
            name=op.f("fk_booking_delegation_from_id_user_account"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["to_id"], ["user_account.id"], name=op.f("fk_booking_delegation_to_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_delegation")),
    )
    op.create_index(op.f("ix_booking_delegation_from_id"), "booking_delegation", ["from_id"], unique=False)
    op.create_index(op.f("ix_booking_delegation_to_id"), "booking_delegation", ["to_id"], unique=False)
    op.create_table(
        "booking_kind",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("base_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("declared", sa.JSON(), nullable=False),
        sa.Column("rules_set", sa.JSON(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["base_id"], ["base.id"], name=op.f("fk_booking_kind_base_id_base"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_kind")),
        sa.UniqueConstraint("base_id", "slug", name=op.f("uq_booking_kind_base_id_slug")),
    )
    op.create_table(
        "booking_retry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("route", sa.String(length=120), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["user_account.id"], name=op.f("fk_booking_retry_actor_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_retry")),
        sa.UniqueConstraint("actor_id", "route", "key", name=op.f("uq_booking_retry_actor_id_route_key")),
    )
    op.create_index(op.f("ix_booking_retry_created_at"), "booking_retry", ["created_at"], unique=False)
    op.create_table(
        "calendar_membership",
        sa.Column("collection_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
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
    op.create_index("ix_calendar_membership_change", "calendar_membership", ["collection_id", "change"], unique=False)
    op.create_index(op.f("ix_calendar_membership_entry_id"), "calendar_membership", ["entry_id"], unique=False)
    op.create_index(
        "ix_calendar_membership_pending",
        "calendar_membership",
        ["collection_id"],
        unique=False,
        sqlite_where=sa.text("change < 0"),
        postgresql_where=sa.text("change < 0"),
    )
    op.create_table(
        "intake_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("personal", sa.LargeBinary(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["form_id"], ["intake_form.id"], name=op.f("fk_intake_answer_form_id_intake_form"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_answer")),
    )
    op.create_index(op.f("ix_intake_answer_form_id"), "intake_answer", ["form_id"], unique=False)
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("link", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_message_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    op.create_index("ix_message_inbox", "message", ["user_id", "read_at", "created_at"], unique=False)
    op.create_table(
        "organisation_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("contact_name", sa.String(length=80), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('lead', 'school', 'branch', 'enterprise', 'other')", name=op.f("ck_organisation_request_kind")
        ),
        sa.CheckConstraint("state IN ('waiting', 'accepted', 'declined')", name=op.f("ck_organisation_request_state")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["user_account.id"],
            name=op.f("fk_organisation_request_decided_by_id_user_account"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_request")),
    )
    op.create_index(op.f("ix_organisation_request_state"), "organisation_request", ["state"], unique=False)
    op.create_table(
        "page",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("base_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=120), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("declared", sa.JSON(), nullable=True),
        sa.Column("title_set", sa.String(length=120), nullable=True),
        sa.Column("body_set", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["base_id"], ["base.id"], name=op.f("fk_page_base_id_base"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page")),
        sa.UniqueConstraint("base_id", "path", name=op.f("uq_page_base_id_path")),
    )
    op.create_table(
        "resource",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("base_id", sa.Integer(), nullable=True),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("declared", sa.JSON(), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("name_set", sa.String(length=120), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("setup_set", sa.Integer(), nullable=True),
        sa.Column("cleanup_set", sa.Integer(), nullable=True),
        sa.Column("own", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("capacity >= 0", name=op.f("ck_resource_capacity")),
        sa.ForeignKeyConstraint(["base_id"], ["base.id"], name=op.f("fk_resource_base_id_base"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["resource.id"], name=op.f("fk_resource_parent_id_resource"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_resource_user_id_user_account"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource")),
    )
    op.create_index(op.f("ix_resource_base_id"), "resource", ["base_id"], unique=False)
    op.create_index(op.f("ix_resource_parent_id"), "resource", ["parent_id"], unique=False)
    op.create_index(op.f("ix_resource_user_id"), "resource", ["user_id"], unique=False)
    op.create_index("uq_resource_address", "resource", [sa.literal_column("coalesce(base_id, 0)"), "slug"], unique=True)
    op.create_table(
        "user_api_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_user_api_token_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_api_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_user_api_token_digest")),
    )
    op.create_index(op.f("ix_user_api_token_user_id"), "user_api_token", ["user_id"], unique=False)
    op.create_table(
        "user_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("base_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(role IN ('manager', 'publisher', 'instructor') AND base_id IS NOT NULL AND organisation_id IS NULL)"
            " OR (role = 'contact' AND organisation_id IS NOT NULL AND base_id IS NULL)"
            " OR (role IN ('office', 'administrator') AND base_id IS NULL AND organisation_id IS NULL)",
            name=op.f("ck_user_grant_scope"),
        ),
        sa.ForeignKeyConstraint(["base_id"], ["base.id"], name=op.f("fk_user_grant_base_id_base"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_user_grant_organisation_id_organisation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_user_grant_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_grant")),
    )
    op.create_index(op.f("ix_user_grant_base_id"), "user_grant", ["base_id"], unique=False)
    op.create_index(op.f("ix_user_grant_organisation_id"), "user_grant", ["organisation_id"], unique=False)
    op.create_index(
        "uq_user_grant_held",
        "user_grant",
        [
            "user_id",
            "role",
            sa.literal_column("coalesce(base_id, 0)"),
            sa.literal_column("coalesce(organisation_id, 0)"),
        ],
        unique=True,
    )
    op.create_table(
        "user_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("purpose IN ('invitation', 'reset')", name=op.f("ck_user_token_purpose")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_user_token_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_user_token_digest")),
    )
    op.create_index(op.f("ix_user_token_user_id"), "user_token", ["user_id"], unique=False)
    op.create_table(
        "working_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("works", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("follows", sa.Integer(), nullable=True),
        sa.Column("edited", sa.Boolean(), nullable=False),
        sa.CheckConstraint("follows BETWEEN 0 AND 6", name=op.f("ck_working_day_follows")),
        sa.ForeignKeyConstraint(
            ["year"], ["working_year.year"], name=op.f("fk_working_day_year_working_year"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_working_day")),
    )
    op.create_index(op.f("ix_working_day_year"), "working_day", ["year"], unique=False)
    op.create_table(
        "booking_series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("base_id", sa.Integer(), nullable=False),
        sa.Column("kind_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("wish", sa.JSON(), nullable=False),
        sa.Column("skipped", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("units > 0", name=op.f("ck_booking_series_units")),
        sa.ForeignKeyConstraint(
            ["base_id"], ["base.id"], name=op.f("fk_booking_series_base_id_base"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["kind_id"], ["booking_kind.id"], name=op.f("fk_booking_series_kind_id_booking_kind"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"],
            ["user_account.id"],
            name=op.f("fk_booking_series_made_by_id_user_account"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_booking_series_organisation_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_series")),
    )
    op.create_index(op.f("ix_booking_series_base_id"), "booking_series", ["base_id"], unique=False)
    op.create_index(op.f("ix_booking_series_organisation_id"), "booking_series", ["organisation_id"], unique=False)
    op.create_table(
        "closure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("start_at", sa.BigInteger(), nullable=False),
        sa.Column("end_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("start_at < end_at", name=op.f("ck_closure_order")),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["user_account.id"],
            name=op.f("fk_closure_created_by_id_user_account"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_closure_resource_id_resource"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closure")),
    )
    op.create_index(op.f("ix_closure_resource_id"), "closure", ["resource_id"], unique=False)
    op.create_table(
        "intake_trainee",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("answer_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("id_number", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("person_index", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["answer_id"],
            ["intake_answer.id"],
            name=op.f("fk_intake_trainee_answer_id_intake_answer"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_trainee")),
        sa.UniqueConstraint("answer_id", "field", "position", name=op.f("uq_intake_trainee_answer_id_field_position")),
    )
    op.create_index(op.f("ix_intake_trainee_person_index"), "intake_trainee", ["person_index"], unique=False)
    op.create_table(
        "intake_upload",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("answer_id", sa.Integer(), nullable=True),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["answer_id"],
            ["intake_answer.id"],
            name=op.f("fk_intake_upload_answer_id_intake_answer"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_upload")),
        sa.UniqueConstraint("key", name=op.f("uq_intake_upload_key")),
    )
    op.create_index(op.f("ix_intake_upload_answer_id"), "intake_upload", ["answer_id"], unique=False)
    op.create_table(
        "quota",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("base_id", sa.Integer(), nullable=True),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("unit", sa.String(length=12), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("granted", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.CheckConstraint("unit IN ('minutes', 'person_times')", name=op.f("ck_quota_unit")),
        sa.CheckConstraint("granted >= 0", name=op.f("ck_quota_granted")),
        sa.CheckConstraint("used >= 0 AND used <= granted", name=op.f("ck_quota_used")),
        sa.CheckConstraint("valid_from <= valid_until", name=op.f("ck_quota_order")),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreement.id"], name=op.f("fk_quota_agreement_id_agreement"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["base_id"], ["base.id"], name=op.f("fk_quota_base_id_base"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota")),
    )
    op.create_index(op.f("ix_quota_agreement_id"), "quota", ["agreement_id"], unique=False)
    op.create_index(op.f("ix_quota_base_id"), "quota", ["base_id"], unique=False)
    op.create_table(
        "resource_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.Column("declared", sa.Boolean(), nullable=False),
        sa.CheckConstraint("opens < closes", name=op.f("ck_resource_hours_order")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_resource_hours_weekday")),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_resource_hours_resource_id_resource"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_hours")),
        sa.UniqueConstraint(
            "resource_id",
            "declared",
            "weekday",
            "opens",
            name=op.f("uq_resource_hours_resource_id_declared_weekday_opens"),
        ),
    )
    op.create_table(
        "resource_special_day",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("spans", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["resource_id"],
            ["resource.id"],
            name=op.f("fk_resource_special_day_resource_id_resource"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_special_day")),
        sa.UniqueConstraint("resource_id", "day", name=op.f("uq_resource_special_day_resource_id_day")),
    )
    op.create_table(
        "session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("base_id", sa.Integer(), nullable=False),
        sa.Column("kind_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("start_at", sa.BigInteger(), nullable=False),
        sa.Column("end_at", sa.BigInteger(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("seats_resource_id", sa.Integer(), nullable=True),
        sa.Column("uses", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'published', 'cancelled')", name=op.f("ck_session_state")),
        sa.CheckConstraint("seats > 0", name=op.f("ck_session_seats")),
        sa.CheckConstraint("start_at < end_at", name=op.f("ck_session_order")),
        sa.ForeignKeyConstraint(["base_id"], ["base.id"], name=op.f("fk_session_base_id_base"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["user_account.id"],
            name=op.f("fk_session_created_by_id_user_account"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["kind_id"], ["booking_kind.id"], name=op.f("fk_session_kind_id_booking_kind"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["seats_resource_id"],
            ["resource.id"],
            name=op.f("fk_session_seats_resource_id_resource"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("seats_resource_id", name=op.f("uq_session_seats_resource_id")),
    )
    op.create_index("ix_session_shown", "session", ["base_id", "state", "start_at"], unique=False)
    op.create_table(
        "booking",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("base_id", sa.Integer(), nullable=False),
        sa.Column("kind_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("start_at", sa.BigInteger(), nullable=False),
        sa.Column("end_at", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("lapses_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_id", sa.Integer(), nullable=True),
        sa.Column("wish", sa.JSON(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("decide_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("escalated", sa.Boolean(), nullable=False),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offers", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=True),
        sa.Column("occurrence_on", sa.Date(), nullable=True),
        sa.Column("detached", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'waitlisted') <= (waiting_since IS NOT NULL)", name=op.f("ck_booking_waiting")),
        sa.CheckConstraint(
            "(state IN ('held', 'offered', 'returned')) = (lapses_at IS NOT NULL)", name=op.f("ck_booking_deadline")
        ),
        sa.CheckConstraint(
            "answer_id IS NOT NULL OR state = 'held' OR state = 'expired' OR state = 'cancelled'",
            name=op.f("ck_booking_answer"),
        ),
        sa.CheckConstraint(
            "state IN ('held', 'submitted', 'in_review', 'returned', 'waitlisted', 'offered', 'confirmed', "
            "'checked_in', "
            "'completed', 'no_show', "
            "'rejected', 'cancelled', 'expired')",
            name=op.f("ck_booking_state"),
        ),
        sa.CheckConstraint("start_at < end_at", name=op.f("ck_booking_order")),
        sa.CheckConstraint("units > 0", name=op.f("ck_booking_units")),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["intake_answer.id"], name=op.f("fk_booking_answer_id_intake_answer"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["base_id"], ["base.id"], name=op.f("fk_booking_base_id_base"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["user_account.id"], name=op.f("fk_booking_contact_id_user_account"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["kind_id"], ["booking_kind.id"], name=op.f("fk_booking_kind_id_booking_kind"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["user_account.id"], name=op.f("fk_booking_made_by_id_user_account"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_booking_organisation_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["series_id"], ["booking_series.id"], name=op.f("fk_booking_series_id_booking_series"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_booking_session_id_session"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
        sa.UniqueConstraint("ref", name=op.f("uq_booking_ref")),
    )
    op.create_index(op.f("ix_booking_answer_id"), "booking", ["answer_id"], unique=False)
    op.create_index("ix_booking_at_base", "booking", ["base_id", "state", "start_at"], unique=False)
    op.create_index("ix_booking_due", "booking", ["state", "decide_by"], unique=False)
    op.create_index(op.f("ix_booking_kind_id"), "booking", ["kind_id"], unique=False)
    op.create_index("ix_booking_lapsing", "booking", ["state", "lapses_at"], unique=False)
    op.create_index("ix_booking_of_organisation", "booking", ["organisation_id", "start_at"], unique=False)
    op.create_index("ix_booking_queue", "booking", ["kind_id", "state", "waiting_since"], unique=False)
    op.create_index("ix_booking_series", "booking", ["series_id"], unique=False)
    op.create_index(op.f("ix_booking_session_id"), "booking", ["session_id"], unique=False)
    op.create_index(
        "uq_booking_occurrence",
        "booking",
        ["series_id", "occurrence_on"],
        unique=True,
        sqlite_where=sa.text("state NOT IN ('rejected', 'cancelled', 'expired')"),
        postgresql_where=sa.text("state NOT IN ('rejected', 'cancelled', 'expired')"),
    )
    op.create_table(
        "allocation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("start_at", sa.BigInteger(), nullable=False),
        sa.Column("end_at", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("leg", sa.Integer(), nullable=True),
        sa.Column("covering", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("closure_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(ONE_OWNER, name=op.f("ck_allocation_one_owner")),
        sa.CheckConstraint("start_at < end_at", name=op.f("ck_allocation_order")),
        sa.CheckConstraint("units > 0", name=op.f("ck_allocation_units")),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_allocation_booking_id_booking"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["closure_id"], ["closure.id"], name=op.f("fk_allocation_closure_id_closure"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_allocation_resource_id_resource"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_allocation_session_id_session"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocation")),
    )
    op.create_index(op.f("ix_allocation_booking_id"), "allocation", ["booking_id"], unique=False)
    op.create_index(op.f("ix_allocation_closure_id"), "allocation", ["closure_id"], unique=False)
    op.create_index(op.f("ix_allocation_session_id"), "allocation", ["session_id"], unique=False)
    op.create_index(
        "ix_allocation_taken",
        "allocation",
        ["resource_id", "end_at", "start_at"],
        unique=False,
        sqlite_where=sa.text("active"),
        postgresql_where=sa.text("active"),
    )
    op.create_table(
        "booking_approval",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("instead_of_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_booking_approval_booking_id_booking"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["instead_of_id"],
            ["user_account.id"],
            name=op.f("fk_booking_approval_instead_of_id_user_account"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_booking_approval_user_id_user_account"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_approval")),
        sa.UniqueConstraint(
            "booking_id", "round", "user_id", name=op.f("uq_booking_approval_booking_id_round_user_id")
        ),
    )
    op.create_table(
        "booking_charge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("quota_id", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("given_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_booking_charge_amount")),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_booking_charge_booking_id_booking"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["quota_id"], ["quota.id"], name=op.f("fk_booking_charge_quota_id_quota"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_charge")),
    )
    op.create_index(op.f("ix_booking_charge_quota_id"), "booking_charge", ["quota_id"], unique=False)
    op.create_index(
        "uq_booking_charge_counting",
        "booking_charge",
        ["booking_id", "quota_id"],
        unique=True,
        sqlite_where=sa.text("given_back_at IS NULL"),
        postgresql_where=sa.text("given_back_at IS NULL"),
    )
    op.create_table(
        "booking_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("from_state", sa.String(length=12), nullable=True),
        sa.Column("to_state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("was", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["user_account.id"], name=op.f("fk_booking_step_actor_id_user_account"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_booking_step_booking_id_booking"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_step")),
    )
    op.create_index(op.f("ix_booking_step_booking_id"), "booking_step", ["booking_id"], unique=False)


def downgrade() -> None:
    op.drop_table("booking_step")
    op.drop_table("booking_charge")
    op.drop_table("booking_approval")
    op.drop_table("allocation")
    op.drop_table("booking")
    op.drop_table("session")
    op.drop_table("resource_special_day")
    op.drop_table("resource_hours")
    op.drop_table("quota")
    op.drop_table("intake_upload")
    op.drop_table("intake_trainee")
    op.drop_table("closure")
    op.drop_table("booking_series")
    op.drop_table("working_day")
    op.drop_table("user_token")
    op.drop_table("user_grant")
    op.drop_table("user_api_token")
    op.drop_table("resource")
    op.drop_table("page")
    op.drop_table("organisation_request")
    op.drop_table("message")
    op.drop_table("intake_answer")
    op.drop_table("calendar_membership")
    op.drop_table("booking_retry")
    op.drop_table("booking_kind")
    op.drop_table("booking_delegation")
    op.drop_table("base_special_day")
    op.drop_table("base_period")
    op.drop_table("base_hours")
    op.drop_table("audit_entry")
    op.drop_table("announcement")
    op.drop_table("agreement")
    op.drop_table("working_year")
    op.drop_table("user_account")
    op.drop_table("term")
    op.drop_table("plugin_state")
    op.drop_table("organisation")
    op.drop_table("job_worker")
    op.drop_table("job")
    op.drop_table("intake_form")
    op.drop_table("calendar_entry")
    op.drop_table("calendar_collection")
    op.drop_table("base")
