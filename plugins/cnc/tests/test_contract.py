"""The base keeps the contract of plugins."""

from core.testing import PluginContract


class TestContract(PluginContract):
    slug = "cnc"
