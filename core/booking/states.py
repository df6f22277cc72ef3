"""The states of a booking and the moves between them (DESIGN §3): the one table the workflow obeys."""

STATES = (
    "held",
    "submitted",
    "in_review",
    "returned",
    "waitlisted",
    "offered",
    "confirmed",
    "checked_in",
    "completed",
    "no_show",
    "rejected",
    "cancelled",
    "expired",
)

LAPSING = frozenset({"held", "returned", "offered"})
"""States that end by themselves at `Booking.lapses_at`; from then on their places count as free."""

WAITING = frozenset({"submitted", "in_review"})
"""States in which somebody at the base has to decide."""

OPEN = frozenset({"held", "submitted", "in_review", "returned", "waitlisted", "offered", "confirmed", "checked_in"})
"""States from which something can still happen."""

TAKING = OPEN - {"waitlisted"} | {"completed", "no_show"}
"""States whose allocations stand: what is completed or missed keeps its past."""

BEGINNINGS = frozenset({("hold", "held"), ("submit", "submitted"), ("submit", "confirmed"), ("wait", "waitlisted")})
"""(action, state) with which a history can begin."""

MOVES: dict[tuple[str, str], str] = {
    ("held", "submit"): "submitted",
    ("held", "confirm"): "confirmed",
    ("held", "expire"): "expired",
    ("submitted", "approve"): "in_review",
    ("submitted", "confirm"): "confirmed",
    ("submitted", "return"): "returned",
    ("submitted", "reject"): "rejected",
    ("submitted", "cancel"): "cancelled",
    ("submitted", "reschedule"): "submitted",
    ("submitted", "relocate"): "submitted",
    ("in_review", "approve"): "in_review",
    ("in_review", "confirm"): "confirmed",
    ("in_review", "return"): "returned",
    ("in_review", "reject"): "rejected",
    ("in_review", "cancel"): "cancelled",
    ("in_review", "reschedule"): "submitted",
    ("in_review", "relocate"): "in_review",
    ("returned", "submit"): "submitted",
    ("returned", "cancel"): "cancelled",
    ("returned", "expire"): "expired",
    ("returned", "reschedule"): "returned",
    ("returned", "relocate"): "returned",
    ("waitlisted", "offer"): "offered",
    ("waitlisted", "cancel"): "cancelled",
    ("waitlisted", "expire"): "expired",
    ("offered", "accept"): "submitted",
    ("offered", "confirm"): "confirmed",
    ("offered", "lapse"): "waitlisted",
    ("offered", "cancel"): "cancelled",
    ("confirmed", "reschedule"): "confirmed",
    ("confirmed", "relocate"): "confirmed",
    ("confirmed", "check_in"): "checked_in",
    ("confirmed", "cancel"): "cancelled",
    ("confirmed", "complete"): "completed",
    ("confirmed", "miss"): "no_show",
    ("checked_in", "relocate"): "checked_in",
    ("checked_in", "complete"): "completed",
}
"""(state, action) → next state; a pair that is not here is refused.

`confirm` from `held` and `offered` is for kinds that need no approval. `reschedule` asks those who have approved again.
"""
