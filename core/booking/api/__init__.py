"""Booking in the REST API (API.md)."""
