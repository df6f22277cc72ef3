"""Checks that the plugin can be switched off and on while the site runs."""

from typing import ClassVar

from sqlalchemy import func, select

from core import db
from core.booking.models import Booking
from core.plugins import state
from core.plugins.rehearsal import address
from core.testing.site import Site


class SwitchChecks:
    """Off: gone from the site, all data kept. On: back at once."""

    slug: ClassVar[str]

    def test_switched_off_its_addresses_answer_404_and_its_data_stays(self, site: Site) -> None:
        before = _bookings(site)
        _switch(site, on=False)
        try:
            if site.base is not None:
                for path in ("/", "/calendar", "/calendar.ics"):
                    assert site.visitor().get(f"{address(self.slug)}{path}").status_code == 404, path
            for rule in site.app.url_map.iter_rules():
                if rule.rule.startswith(f"{address(self.slug)}/") and not rule.arguments:
                    assert site.visitor().open(rule.rule, method="GET").status_code in {404, 405}, rule.rule
            assert _bookings(site) == before
        finally:
            _switch(site, on=True)

    def test_switched_on_again_it_is_back_without_a_restart(self, site: Site) -> None:
        _switch(site, on=False)
        _switch(site, on=True)
        with site.app.app_context():
            assert site.facade.is_active(self.slug)
        if site.base is not None:
            assert site.visitor().get(f"{address(self.slug)}/").status_code == 200


def _switch(site: Site, *, on: bool) -> None:
    with site.app.app_context(), db.write() as session:
        state.enable(session, site.slug, on, actor_id=None)


def _bookings(site: Site) -> int:
    with site.app.app_context():
        return db.db.session.scalar(select(func.count()).select_from(Booking)) or 0
