"""Content as items, with revisions, media, search and the portal's sections.

Pages and announcements of before become items; their Markdown becomes clean HTML.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from core.content import markdown

revision = "core_0002"
down_revision = "core_0001"
branch_labels = None
depends_on = None

ITEM = sa.table(
    "content_item",
    *(sa.column(name) for name in ("id", "type", "base_id", "position", "slug", "path", "title", "body", "category")),
    *(sa.column(name) for name in ("reference", "location", "owned", "state", "author_id", "version")),
    *(sa.column(name, sa.JSON) for name in ("attachments", "fields", "declared")),
    *(
        sa.column(name, sa.DateTime(timezone=True))
        for name in ("publish_at", "pinned_until", "created_at", "updated_at", "changed_at")
    ),
)
REVISION = sa.table(
    "content_revision",
    *(sa.column(name) for name in ("item_id", "number", "act", "reason", "author_id")),
    sa.column("snapshot", sa.JSON),
    sa.column("at", sa.DateTime(timezone=True)),
)
PAGE = sa.table(
    "page",
    *(sa.column(name) for name in ("base_id", "path", "position", "title_set", "body_set")),
    sa.column("declared", sa.JSON),
    *(sa.column(name, sa.DateTime(timezone=True)) for name in ("updated_at", "archived_at")),
)
ANNOUNCEMENT = sa.table(
    "announcement",
    *(sa.column(name) for name in ("base_id", "slug", "title", "body", "state", "author_id", "version")),
    *(
        sa.column(name, sa.DateTime(timezone=True))
        for name in ("pinned_until", "published_at", "created_at", "updated_at")
    ),
)
EMPTY = {"category": "", "reference": "", "location": "", "attachments": [], "fields": {}}


SEARCH_INDEX = {
    "sqlite": (
        (
            "CREATE VIRTUAL TABLE search_index USING fts5(title_words, text_words, content='search_document',"
            " content_rowid='id', tokenize='unicode61 remove_diacritics 0')"
        ),
        (
            "CREATE TRIGGER search_document_insert AFTER INSERT ON search_document BEGIN"
            " INSERT INTO search_index (rowid, title_words, text_words)"
            " VALUES (new.id, new.title_words, new.text_words); END"
        ),
        (
            "CREATE TRIGGER search_document_delete AFTER DELETE ON search_document BEGIN"
            " INSERT INTO search_index (search_index, rowid, title_words, text_words)"
            " VALUES ('delete', old.id, old.title_words, old.text_words); END"
        ),
        (
            "CREATE TRIGGER search_document_update AFTER UPDATE OF title_words, text_words ON search_document BEGIN"
            " INSERT INTO search_index (search_index, rowid, title_words, text_words)"
            " VALUES ('delete', old.id, old.title_words, old.text_words);"
            " INSERT INTO search_index (rowid, title_words, text_words)"
            " VALUES (new.id, new.title_words, new.text_words); END"
        ),
    ),
    "postgresql": (
        (
            "ALTER TABLE search_document ADD COLUMN search_vector tsvector GENERATED ALWAYS AS"
            " (setweight(to_tsvector('simple', title_words), 'A') || setweight(to_tsvector('simple', text_words), 'D'))"
            " STORED"
        ),
        "CREATE INDEX ix_search_document_vector ON search_document USING gin (search_vector)",
    ),
}
"""The full-text index, which each engine has in its own way. A later version that changes `search_document` has to make
SQLite's triggers anew: they go with the table when it is copied."""


SYNONYMS = (
    "数控, CNC",
    "机电一体化, mechatronics",
    "压铸, die casting",
    "呼叫中心, 客服中心, call center",
    "报名, 登记",
    "培训, 实训",
    "停用, 停馆, 闭馆",
    "候补, 排队",
)
"""What a site begins with; the office goes on from there."""


def upgrade() -> None:
    op.create_table(
        "portal_frame",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("banner", sa.String(length=200), nullable=False),
        sa.Column("banner_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("icp", sa.String(length=60), nullable=False),
        sa.Column("footer", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_frame")),
    )
    op.create_table(
        "portal_section",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('fortnight', 'bases', 'announcements', 'sessions', 'figures', 'partners', 'text')",
            name=op.f("ck_portal_section_kind"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_section")),
    )
    op.create_table(
        "search_synonym",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_synonym")),
    )
    op.create_table(
        "site_version",
        sa.Column("topic", sa.String(length=20), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("topic", name=op.f("pk_site_version")),
    )
    op.create_table(
        "media_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("base_id", sa.Integer(), nullable=True),
        sa.Column("folder", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("alt", sa.String(length=300), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("uploaded_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("trashed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(width IS NULL) = (height IS NULL)", name=op.f("ck_media_file_picture")),
        sa.CheckConstraint("size >= 0", name=op.f("ck_media_file_size")),
        sa.ForeignKeyConstraint(["base_id"], ["base.id"], name=op.f("fk_media_file_base_id_base"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"],
            ["user_account.id"],
            name=op.f("fk_media_file_uploaded_by_id_user_account"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_file")),
    )
    op.create_index("ix_media_file_library", "media_file", ["base_id", "folder", "created_at"], unique=False)
    op.create_table(
        "content_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=60), nullable=False),
        sa.Column("base_id", sa.Integer(), nullable=True),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("in_navigation", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("path", sa.String(length=250), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("location", sa.String(length=200), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("attachments", sa.JSON(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("declared", sa.JSON(), nullable=True),
        sa.Column("owned", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("publish_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expire_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pinned_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("pending_id", sa.Integer(), nullable=True),
        sa.Column("pending_review", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("preview_key", sa.Integer(), server_default="1", nullable=False),
        sa.Column("trashed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("pending_id IS NULL OR state = 'published'", name=op.f("ck_content_item_pending")),
        sa.CheckConstraint(
            "state IN ('draft', 'in_review') OR publish_at IS NOT NULL", name=op.f("ck_content_item_published")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'in_review', 'published', 'archived')", name=op.f("ck_content_item_state")
        ),
        sa.CheckConstraint("NOT pending_review OR pending_id IS NOT NULL", name=op.f("ck_content_item_review")),
        sa.CheckConstraint("expire_at > publish_at", name=op.f("ck_content_item_order")),
        sa.ForeignKeyConstraint(
            ["author_id"], ["user_account.id"], name=op.f("fk_content_item_author_id_user_account"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["base_id"], ["base.id"], name=op.f("fk_content_item_base_id_base"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["content_item.id"], name=op.f("fk_content_item_parent_id_content_item"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["pending_id"],
            ["content_revision.id"],
            name="fk_content_item_pending_id",
            ondelete="SET NULL",
            use_alter=True,
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_content_item_session_id_session"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content_item")),
    )
    shown = ["type", "state", "publish_at", "id"]
    op.create_index("ix_content_item_shown", "content_item", shown, unique=False)
    op.create_index("ix_content_item_of_base", "content_item", ["base_id", *shown], unique=False)
    op.create_index(
        "ix_content_item_of_category",
        "content_item",
        ["type", "category", "state", "publish_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_content_item_pinned",
        "content_item",
        ["type", "state", "pinned_until"],
        unique=False,
        sqlite_where=sa.text("pinned_until IS NOT NULL"),
        postgresql_where=sa.text("pinned_until IS NOT NULL"),
    )
    op.create_index(
        "ix_content_item_navigation",
        "content_item",
        ["base_id", "type", "state", "parent_id", "in_navigation", "position", "path"],
        unique=False,
    )
    op.create_index("ix_content_item_path", "content_item", ["path", "type"], unique=False)
    op.create_index(op.f("ix_content_item_parent_id"), "content_item", ["parent_id"], unique=False)
    for moment in ("publish_at", "expire_at", "pinned_until"):
        op.create_index(op.f(f"ix_content_item_{moment}"), "content_item", [moment], unique=False)
    op.create_index(
        "uq_content_item_address",
        "content_item",
        [sa.literal_column("coalesce(base_id, 0)"), "type", "path"],
        unique=True,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    )
    op.create_table(
        "content_autosave",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("type", sa.String(length=60), nullable=False),
        sa.Column("base_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["base_id"], ["base.id"], name=op.f("fk_content_autosave_base_id_base"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["content_item.id"], name=op.f("fk_content_autosave_item_id_content_item"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_content_autosave_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content_autosave")),
        sa.UniqueConstraint("key", name=op.f("uq_content_autosave_key")),
    )
    op.create_index(op.f("ix_content_autosave_user_id"), "content_autosave", ["user_id"], unique=False)
    op.create_table(
        "content_place",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("base_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["base_id"], ["base.id"], name=op.f("fk_content_place_base_id_base"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["content_item.id"], name=op.f("fk_content_place_item_id_content_item"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("item_id", "base_id", name=op.f("pk_content_place")),
    )
    op.create_index(op.f("ix_content_place_base_id"), "content_place", ["base_id"], unique=False)
    op.create_table(
        "content_redirect",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("base_id", sa.Integer(), nullable=True),
        sa.Column("type", sa.String(length=60), nullable=False),
        sa.Column("path", sa.String(length=250), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["base_id"], ["base.id"], name=op.f("fk_content_redirect_base_id_base"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["content_item.id"], name=op.f("fk_content_redirect_item_id_content_item"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content_redirect")),
    )
    op.create_index(op.f("ix_content_redirect_item_id"), "content_redirect", ["item_id"], unique=False)
    op.create_index(
        "uq_content_redirect_address",
        "content_redirect",
        [sa.literal_column("coalesce(base_id, 0)"), "type", "path"],
        unique=True,
    )
    op.create_table(
        "content_reference",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("section_id", sa.Integer(), nullable=True),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("media_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.CheckConstraint("role IN ('link', 'image', 'attachment')", name=op.f("ck_content_reference_role")),
        sa.CheckConstraint("(item_id IS NULL) <> (media_id IS NULL)", name=op.f("ck_content_reference_target")),
        sa.CheckConstraint("(source_id IS NULL) <> (section_id IS NULL)", name=op.f("ck_content_reference_source")),
        sa.ForeignKeyConstraint(
            ["item_id"], ["content_item.id"], name=op.f("fk_content_reference_item_id_content_item"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["media_id"], ["media_file.id"], name=op.f("fk_content_reference_media_id_media_file"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["section_id"],
            ["portal_section.id"],
            name=op.f("fk_content_reference_section_id_portal_section"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["content_item.id"],
            name=op.f("fk_content_reference_source_id_content_item"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content_reference")),
    )
    op.create_index(op.f("ix_content_reference_item_id"), "content_reference", ["item_id"], unique=False)
    op.create_index(op.f("ix_content_reference_media_id"), "content_reference", ["media_id"], unique=False)
    op.create_index(op.f("ix_content_reference_section_id"), "content_reference", ["section_id"], unique=False)
    op.create_index(op.f("ix_content_reference_source_id"), "content_reference", ["source_id"], unique=False)
    op.create_table(
        "content_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("snapshot", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["user_account.id"],
            name=op.f("fk_content_revision_author_id_user_account"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["content_item.id"], name=op.f("fk_content_revision_item_id_content_item"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content_revision")),
        sa.UniqueConstraint("item_id", "number", name=op.f("uq_content_revision_item_id_number")),
    )
    op.create_table(
        "search_document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("media_id", sa.Integer(), nullable=True),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("resource_id", sa.Integer(), nullable=True),
        sa.Column("base_id", sa.Integer(), nullable=True),
        sa.Column("type", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("title_words", sa.Text(), nullable=False),
        sa.Column("text_words", sa.Text(), nullable=False),
        sa.Column("dated_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "CASE WHEN item_id IS NULL THEN 0 ELSE 1 END + CASE WHEN media_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN session_id IS NULL THEN 0 ELSE 1 END + CASE WHEN resource_id IS NULL THEN 0 ELSE 1 END = 1",
            name=op.f("ck_search_document_one_thing"),
        ),
        sa.ForeignKeyConstraint(
            ["base_id"], ["base.id"], name=op.f("fk_search_document_base_id_base"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["content_item.id"], name=op.f("fk_search_document_item_id_content_item"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["media_id"], ["media_file.id"], name=op.f("fk_search_document_media_id_media_file"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_search_document_resource_id_resource"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_search_document_session_id_session"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_document")),
        sa.UniqueConstraint("item_id", name=op.f("uq_search_document_item_id")),
        sa.UniqueConstraint("media_id", name=op.f("uq_search_document_media_id")),
        sa.UniqueConstraint("resource_id", name=op.f("uq_search_document_resource_id")),
        sa.UniqueConstraint("session_id", name=op.f("uq_search_document_session_id")),
    )
    op.create_index(op.f("ix_search_document_base_id"), "search_document", ["base_id"], unique=False)
    _make_search_index()
    op.add_column("base", sa.Column("reviews_content", sa.Boolean(), server_default=sa.text("true"), nullable=False))
    if op.get_bind().dialect.name == "postgresql":  # SQLite has it in the table itself
        op.create_foreign_key(
            "fk_content_item_pending_id",
            "content_item",
            "content_revision",
            ["pending_id"],
            ["id"],
            ondelete="SET NULL",
        )
    _take_pages()
    _take_announcements()
    op.drop_table("announcement")
    op.drop_table("page")


def _make_search_index() -> None:
    for statement in SEARCH_INDEX[op.get_bind().dialect.name]:
        op.execute(statement)
    op.bulk_insert(sa.table("search_synonym", sa.column("words")), [{"words": words} for words in SYNONYMS])


def _take_pages() -> None:
    connection = op.get_bind()
    for row in connection.execute(sa.select(PAGE)).mappings().all():
        declared = row["declared"] or {"title": {"zh": row["title_set"] or row["path"]}, "body": {"zh": ""}}
        shipped = {language: str(markdown.render(text)) for language, text in declared["body"].items()}
        own = row["title_set"] is not None or row["body_set"] is not None
        _insert(
            type="page",
            base_id=row["base_id"],
            position=row["position"],
            slug=row["path"].rpartition("/")[2],
            path=row["path"],
            title=row["title_set"] or declared["title"]["zh"],
            body=str(markdown.render(row["body_set"])) if row["body_set"] else shipped["zh"],
            declared=declared | {"path": row["path"], "position": row["position"], "body": shipped},
            owned=own,
            state="archived" if row["archived_at"] else "published",
            publish_at=row["updated_at"],
            pinned_until=None,
            author_id=None,
            created_at=row["updated_at"],
            updated_at=row["updated_at"],
        )


def _take_announcements() -> None:
    for row in op.get_bind().execute(sa.select(ANNOUNCEMENT)).mappings().all():
        _insert(
            type="announcement",
            base_id=row["base_id"],
            position=100,
            slug=row["slug"],
            path=row["slug"],
            title=row["title"],
            body=str(markdown.render(row["body"])),
            declared=None,
            owned=True,
            state=row["state"],
            publish_at=row["published_at"],
            pinned_until=row["pinned_until"],
            author_id=row["author_id"],
            created_at=row["created_at"],
            updated_at=row["updated_at"],
        )


def _insert(**values: object) -> None:
    """Write an item with the revision that begins its history."""
    connection = op.get_bind()
    item_id = connection.execute(
        sa.insert(ITEM).values(**EMPTY, **values, changed_at=values["updated_at"], version=1).returning(sa.column("id"))
    ).scalar_one()
    times = {name: _iso(values[name]) for name in ("publish_at", "pinned_until")}
    texts = EMPTY | {name: values[name] for name in ("title", "body")} | times
    stood = {name: values[name] for name in ("state", "owned", "path")}
    kept = stood | {"texts": texts, "public": texts, "pending": None, "pending_review": False, "trashed": False}
    connection.execute(
        sa.insert(REVISION).values(
            item_id=item_id,
            number=1,
            act="import",
            reason="",
            author_id=values["author_id"],
            at=datetime.now(UTC).replace(tzinfo=None) if connection.dialect.name == "sqlite" else datetime.now(UTC),
            snapshot=kept,
        )
    )


def _iso(moment: object) -> str | None:
    """Return a moment as revisions keep it; SQLite gives it without its zone, which is UTC."""
    if not isinstance(moment, datetime):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()


def downgrade() -> None:
    raise NotImplementedError("what was written since cannot be told in the old tables: restore a backup")
