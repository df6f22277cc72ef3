"""Shipped for plugin authors: the contract that every plugin keeps, run with a class of two lines.

    from core.testing import PluginContract

    class TestContract(PluginContract):
        slug = "forge"

Needs pytest. Everything runs on a site of its own with this one plugin, in a temporary folder.
"""

import pytest

_CHECKS = ("bookings", "content", "declarations", "package", "pages", "schema", "switches", "texts")
pytest.register_assert_rewrite(*(f"core.testing.{name}" for name in _CHECKS))

from core.testing.contract import PluginContract  # noqa: E402 (its assertions explain themselves once rewritten)

__all__ = ["PluginContract"]
