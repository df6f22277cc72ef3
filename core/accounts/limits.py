"""How often something may be tried: counted in this process, or for all in Redis where JIDI_REDIS_URL is set."""

import logging
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Flask, current_app
from flask_babel import lazy_gettext as _l
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter, RateLimiter

from core.errors import DomainError

log = logging.getLogger(__name__)

_LIMITER = "jidi_limiter"


class TooMany(DomainError):
    """Tried too often; says when to come back, in `seconds`."""

    status = 429
    code = "too_many"

    def __init__(self, seconds: float) -> None:
        self.seconds = math.ceil(seconds)
        super().__init__(
            _l("That was tried too often. Please try again in %(count)s minutes.", count=math.ceil(seconds / 60))
        )


@dataclass(frozen=True)
class Limit:
    """How often something may be done in a span of time, by whoever the key names ("10 per 10 minutes")."""

    rate: str
    key: str


def init_app(app: Flask) -> None:
    """Set up the counters of an application."""
    redis_url = app.extensions["jidi_settings"].redis_url
    # A store that cannot be reached must not keep people from signing in: counters of this process take over.
    options: dict[str, str | int] = {"wrap_exceptions": True} if redis_url else {}
    limiter = Limiter(get_remote_address, app=app, storage_uri=redis_url or "memory://", storage_options=options)
    app.extensions[_LIMITER] = (limiter, FixedWindowRateLimiter(MemoryStorage()))


def address() -> str:
    """Return the network address the present request comes from."""
    return get_remote_address()


def spend(name: str, *limits: Limit) -> None:
    """Count one try of something, under every one of the limits.

    Args:
        name: what is tried.
        limits: the limits it counts for.

    Raises:
        TooMany: one of them is used up.
    """
    if not current_app.config.get("RATELIMIT_ENABLED", True):
        return
    for limit in limits:
        _spend(parse(limit.rate), name, limit.key)


def forgive(name: str, limits: Sequence[Limit]) -> None:
    """Forget the tries counted so far, after one that succeeded."""
    strategy, spare = _strategies()
    for limit in limits:
        try:
            strategy.clear(parse(limit.rate), name, limit.key)
        except StorageError:
            spare.clear(parse(limit.rate), name, limit.key)


def _spend(rate: RateLimitItem, name: str, key: str) -> None:
    strategy, spare = _strategies()
    try:
        left = strategy.hit(rate, name, key)
    except StorageError as error:
        log.warning("rate limits: the shared store does not answer: %s", error)
        strategy, left = spare, spare.hit(rate, name, key)
    if not left:
        raise TooMany(max(1.0, strategy.get_window_stats(rate, name, key).reset_time - time.time()))


def _strategies() -> tuple[RateLimiter, RateLimiter]:
    limiter, spare = current_app.extensions[_LIMITER]
    return limiter.limiter, spare
