"""The contract of plugins, in one class: what its parts check stands in the modules beside this one."""

from collections.abc import Iterator, Mapping
from typing import ClassVar

import pytest

from core.testing.bookings import BookingChecks
from core.testing.content import ContentChecks
from core.testing.declarations import DeclarationChecks
from core.testing.package import PackageChecks
from core.testing.pages import PageChecks
from core.testing.schema import SchemaChecks
from core.testing.site import Site, site
from core.testing.switches import SwitchChecks
from core.testing.texts import TextChecks


class PluginContract(
    PackageChecks, DeclarationChecks, TextChecks, SchemaChecks, PageChecks, BookingChecks, ContentChecks, SwitchChecks
):
    """Every check; a plugin's tests subclass it.

    Attributes:
        slug: the plugin.
        answers: answers by kind of booking and field, where the examples of `core/testing/examples.py` break a rule of
            the plugin's own; written as a browser sends them.
    """

    slug: ClassVar[str] = ""
    answers: ClassVar[Mapping[str, Mapping[str, object]]] = {}

    @pytest.fixture(scope="class")
    @classmethod
    def site(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
        """A site with this plugin alone, shared by the checks."""
        with site(cls.slug, tmp_path_factory.mktemp(cls.slug)) as made:
            yield made
