"""The states of a booking and the moves between them (DESIGN §3): the one table the workflow obeys."""

STATES = (
    "submitted",
    "returned",
    "confirmed",
    "completed",
    "no_show",
    "rejected",
    "cancelled",
    "expired",
)

TAKING = frozenset({"submitted", "returned", "confirmed", "completed", "no_show"})
"""States whose allocations stand: what is completed or missed keeps its past."""

OPEN = frozenset({"submitted", "returned", "confirmed"})
"""States from which something can still happen."""

MOVES: dict[tuple[str, str], str] = {
    ("submitted", "confirm"): "confirmed",
    ("submitted", "return"): "returned",
    ("submitted", "reject"): "rejected",
    ("submitted", "cancel"): "cancelled",
    ("returned", "submit"): "submitted",
    ("returned", "cancel"): "cancelled",
    ("returned", "expire"): "expired",
    ("confirmed", "cancel"): "cancelled",
    ("confirmed", "complete"): "completed",
    ("confirmed", "miss"): "no_show",
}
"""(state, action) → next state; a pair that is not here is refused."""
