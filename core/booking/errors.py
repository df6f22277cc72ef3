"""Why a booking, a move or a closure is refused: each says what, why, and a way out. Codes as in API.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _

from core import dates
from core.errors import DomainError
from core.organisations.amounts import amount, quota_name
from core.organisations.models import Quota
from core.plugins.declarations import Problem


@dataclass(frozen=True)
class Conflict:
    """A resource that is taken in `[start, end)`; never whose it is. `closed` is the public reason of a closure."""

    resource_id: int
    resource: str
    start: datetime
    end: datetime
    closed: str = ""


@dataclass(frozen=True)
class Alternative:
    """What would be free: the resources' (or the session's) names and the booked time, set-up not included.

    `picks` are (leg position, resource id) pairs; `training_id` names the session where it is one.
    """

    resources: tuple[str, ...]
    start: datetime
    end: datetime
    picks: tuple[tuple[int, int], ...] = ()
    training_id: int | None = None


class ResourceTaken(DomainError):
    """Something asked for is not free for the whole time. Nothing was taken.

    Attributes:
        conflicts: which resource is taken from when to when.
        alternatives: what is free near it, nearest first; may be empty.
        can_wait: whether the kind has a waiting list that can be joined instead.
    """

    code = "resource_taken"
    can_wait = False

    def __init__(self, conflicts: Sequence[Conflict], alternatives: Sequence[Alternative] = ()) -> None:
        self.conflicts = tuple(conflicts)
        self.alternatives = tuple(alternatives)
        closed = [conflict for conflict in self.conflicts if conflict.closed]
        first = (closed or list(self.conflicts))[0]
        texts = {"resource": first.resource, "span": dates.span(first.start, first.end), "reason": first.closed}
        if closed:
            message = _("%(resource)s is out of use %(span)s: %(reason)s. Please choose another time.", **texts)
        else:
            message = _("%(resource)s is taken %(span)s. Please choose another time or another resource.", **texts)
        super().__init__(message, code="closed" if closed else None)


class SessionFull(ResourceTaken):
    """A session has fewer seats left than were asked for."""

    code = "session_full"

    def __init__(self, conflicts: Sequence[Conflict], *, left: int, asked: int) -> None:
        super().__init__(conflicts)
        self.code = "session_full"
        self.left = left
        self.message = (
            _("This session has only %(left)s seats left, %(asked)s were asked for.", left=left, asked=asked)
            if left
            else _("This session is full. Please choose another session.")
        )


class OthersWait(ResourceTaken):
    """It is free, but others wait for it: it is offered to them first, nobody passes them.

    Attributes:
        kind_id, session_id: the line in which they wait (`queue.Line`).
    """

    can_wait = True

    def __init__(self, conflicts: Sequence[Conflict], *, kind_id: int, session_id: int | None) -> None:
        super().__init__(conflicts)
        self.kind_id, self.session_id = kind_id, session_id
        self.code = "resource_taken" if session_id is None else "session_full"
        self.message = _("Others wait for this place, and it is offered to them first. You can join the waiting list.")


class OutsideHours(DomainError):
    """The base, or what is picked there, is not open at the time asked for.

    Attributes:
        alternatives: what is free near it, nearest first; may be empty.
    """

    code = "outside_hours"
    alternatives: tuple[Alternative, ...] = ()


class AgreementMissing(DomainError):
    """The kind asks for an agreement, and the organisation has none that covers it on the day.

    Attributes:
        ended: until when the latest one was valid; None: there was none.
    """

    code = "agreement_missing"

    def __init__(self, ended: date | None) -> None:
        self.ended = ended
        super().__init__(
            _("Your organisation has no agreement for this. Please ask the consortium's office.")
            if ended is None
            else _(
                "Your organisation's agreement for this ended on %(day)s. Please ask the consortium's office.",
                day=dates.day(ended),
            )
        )


class QuotaExceeded(DomainError):
    """Less is left of the organisation's quota than the booking would use.

    Attributes:
        left, asked: in the quota's unit (minutes or person-times).
    """

    code = "quota_exceeded"

    def __init__(self, quota: Quota, *, used: int, asked: int) -> None:
        self.left = max(0, quota.granted - used)
        self.asked = asked
        texts = {
            "label": quota_name(quota),
            "granted": amount(quota.unit, quota.granted),
            "left": amount(quota.unit, self.left),
            "asked": amount(quota.unit, asked),
        }
        super().__init__(
            _(
                "Your organisation's quota (%(label)s, %(granted)s) has %(left)s left; this takes %(asked)s. "
                "Please book less, or ask the consortium's office.",
                **texts,
            )
        )


class NothingGranted(DomainError):
    """The organisation's agreement has quotas for other days only."""

    code = "quota_exceeded"

    def __init__(self, quotas: Sequence[Quota], *, day: date) -> None:
        super().__init__(
            _(
                "Your organisation has a quota for %(labels)s, and none for %(day)s yet. "
                "Please choose another day, or ask the consortium's office.",
                labels=_(", ").join(quota_name(quota) for quota in quotas),
                day=dates.day(day),
            )
        )


class CountsOnce(DomainError):
    """Somebody who has approved already in this round approves again: two steps are two pairs of eyes."""

    code = "state_changed"

    def __init__(self) -> None:
        super().__init__(
            _(
                "You, or who you stand in for, have approved this booking already. "
                "Nobody counts twice, whatever roles they hold: somebody else decides this step."
            )
        )


class InUse(DomainError):
    """A resource cannot be changed this way while something is booked ahead.

    Attributes:
        resource_ids: where what is in the way is taken (`resource_queries.in_the_way`).
    """

    code = "in_use"

    def __init__(self, message: object, resource_ids: Sequence[int]) -> None:
        super().__init__(message)
        self.resource_ids = tuple(resource_ids)


class NotBookable(DomainError):
    """The organisation cannot book this kind, or not so far ahead."""

    code = "too_early"


class TooLate(DomainError):
    """A time limit has passed: to book, to cancel, to answer."""

    code = "too_late"


class TooEarly(DomainError):
    """It is not time for this yet."""

    code = "too_early"


class RuleBroken(DomainError):
    """A rule of the base refuses the booking.

    Attributes:
        problems: what the rules said, by field where they concern one.
    """

    code = "rule"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(str(problem.message) for problem in problems))
        self.problems = tuple(problems)
