"""Jidi's engine: knows no base by name; bases come as plugins."""

__version__ = "0.1.0"
