"""The contract that every plugin keeps; collected inside the environment that the test makes, not here."""

from core.testing import PluginContract


class TestContract(PluginContract):
    slug = "welding"
