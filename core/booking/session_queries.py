"""Reading sessions, each with its base and kind."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from core import clock, errors
from core.booking.models import Resource, TrainingSession
from core.db import db


def upcoming_sessions(base_ids: Collection[int], *, limit: int, after: datetime | None = None) -> list[TrainingSession]:
    """Return the next published sessions of some bases that end after a moment (now, if None)."""
    return list(
        db.session.scalars(
            _sessions()
            .where(
                TrainingSession.base_id.in_(base_ids),
                TrainingSession.state == "published",
                TrainingSession.end_at > (after or clock.now()),
            )
            .limit(limit)
        )
    )


def sessions_between(base_ids: Collection[int], start: datetime, end: datetime) -> list[TrainingSession]:
    """Return the published sessions of some bases that touch `[start, end)`."""
    return list(
        db.session.scalars(
            _sessions().where(
                TrainingSession.base_id.in_(base_ids),
                TrainingSession.state == "published",
                TrainingSession.end_at > start,
                TrainingSession.start_at < end,
            )
        )
    )


def managed_sessions(base_id: int, *, past: bool = False, limit: int = 100) -> list[TrainingSession]:
    """Return a base's sessions of every state: those that have not ended, or the last ones that have."""
    if past:
        wanted = _sessions().order_by(None).where(TrainingSession.end_at <= clock.now())
        wanted = wanted.order_by(TrainingSession.start_at.desc(), TrainingSession.id.desc())
    else:
        wanted = _sessions().where(TrainingSession.end_at > clock.now())
    return list(db.session.scalars(wanted.where(TrainingSession.base_id == base_id).limit(limit)))


def find_session(base_id: int, session_id: int) -> TrainingSession:
    """Return a session of a base, whatever its state; whether a draft may be seen is the caller's to ask.

    Raises:
        errors.NotFound: the base has none of this id.
    """
    training = db.session.scalar(
        _sessions().where(TrainingSession.id == session_id, TrainingSession.base_id == base_id)
    )
    if training is None:
        raise errors.NotFound
    return training


def starts_of(training: TrainingSession) -> set[datetime]:
    """Return when sessions of the same kind and title begin at the same base, cancelled ones left out."""
    return set(
        db.session.scalars(
            select(TrainingSession.start_at).where(
                TrainingSession.kind_id == training.kind_id,
                TrainingSession.title == training.title,
                TrainingSession.state != "cancelled",
            )
        )
    )


def resources_used(training: TrainingSession) -> list[Resource]:
    """Return the rooms, machines and instructors a session uses."""
    return list(
        db.session.scalars(
            select(Resource).where(Resource.id.in_(training.uses)).order_by(Resource.position, Resource.id)
        )
    )


def _sessions() -> Select[TrainingSession]:
    return (
        select(TrainingSession)
        .options(joinedload(TrainingSession.base), joinedload(TrainingSession.kind))
        .order_by(TrainingSession.start_at, TrainingSession.id)
    )
