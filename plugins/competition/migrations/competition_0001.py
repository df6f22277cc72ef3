"""The draw of workstations."""

import sqlalchemy as sa
from alembic import op

revision = "competition_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "competition_draw",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=80), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_competition_draw_session_id_session"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_competition_draw")),
        sa.UniqueConstraint("session_id", name=op.f("uq_competition_draw_session_id")),
    )
    op.create_table(
        "competition_place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_competition_place_booking_id_booking"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["draw_id"],
            ["competition_draw.id"],
            name=op.f("fk_competition_place_draw_id_competition_draw"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_competition_place")),
        sa.UniqueConstraint("draw_id", "position", name=op.f("uq_competition_place_draw_id_position")),
    )
    op.create_index(op.f("ix_competition_place_booking_id"), "competition_place", ["booking_id"])


def downgrade() -> None:
    op.drop_table("competition_place")
    op.drop_table("competition_draw")
