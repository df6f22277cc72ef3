"""Pages of one's own account: signing in and out, profile, password, invitation."""

from core.accounts.blueprint import bp

__all__ = ["bp"]
