"""Checks of what visitors and managers see."""

from typing import ClassVar

import pytest

from core.content import files
from core.plugins.rehearsal import address
from core.testing.site import Site

REGIONS = ("base_aside", "session_aside", "booking_form")


class PageChecks:
    """Every address answers, in both languages."""

    slug: ClassVar[str]

    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_its_home_and_calendar_can_be_read(self, site: Site, language: str) -> None:
        if site.base is not None:
            for path in ("/", "/calendar", "/announcements/"):
                _answers(site, f"{address(self.slug)}{path}?lang={language}")

    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_its_pages_can_be_read(self, site: Site, language: str) -> None:
        folder = site.plugin.folder("pages")
        for page in files.read(folder) if folder else []:
            shown = _answers(site, f"{address(self.slug)}/pages/{page.path}?lang={language}")
            assert page.title[language] in shown, page.path

    def test_it_stands_on_the_portal(self, site: Site) -> None:
        assert site.base is None or site.base.name in _answers(site, "/")

    @pytest.mark.parametrize("role", [None, "contact", "manager"])
    def test_its_own_addresses_answer(self, site: Site, role: str | None) -> None:
        visitor = site.visitor(role)
        for rule in site.app.url_map.iter_rules():
            own = rule.rule.startswith(f"{address(self.slug)}/")
            if own and not rule.arguments and "GET" in (rule.methods or ()):
                assert visitor.get(rule.rule).status_code in {200, 302, 303, 401, 403, 404}, rule.rule

    def test_fragments_are_made_for_every_region_and_nothing_for_unknown_ones(self, site: Site) -> None:
        with site.app.test_request_context():
            for region in REGIONS:
                site.facade.render_region(region, self.slug)
            assert not site.facade.render_region("no_such_region", self.slug)


def _answers(site: Site, path: str) -> str:
    answer = site.visitor().get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.text
