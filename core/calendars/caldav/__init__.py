"""Calendars over CalDAV, to be read only (docs/decisions/0013)."""
