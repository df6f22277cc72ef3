"""Tests of `core/content/markup/`."""
