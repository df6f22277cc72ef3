"""Files given with a booking: who reads them, and that nobody keeps them."""

import pytest

from core import clock, db, files
from core.intake.models import Upload
from tests.booking.shop import Shop
from tests.booking.visitors import Visitors


@pytest.fixture
def address(shop: Shop) -> str:
    """The address of a drawing that was given with a booking of the school in the north."""
    booking = shop.book()
    with db.write() as session:
        drawing = Upload(
            answer_id=booking.answer_id,
            field="drawing",
            key=files.store(b"%PDF-1.7"),
            filename="图纸.pdf",
            media_type="application/pdf",
            size=8,
            created_at=clock.now(),
        )
        session.add(drawing)
        session.flush()
        return f"/bookings/{booking.ref}/files/{drawing.id}"


@pytest.mark.parametrize("who", ["north", "manager"])
def test_the_organisation_and_the_base_read_it_as_a_file_of_its_own(visit: Visitors, address: str, who: str) -> None:
    answer = visit(who).get(address)
    assert answer.data == b"%PDF-1.7"
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_no_cache_keeps_it(visit: Visitors, address: str) -> None:
    assert visit("north").get(address).headers["Cache-Control"] == "no-store"


def test_another_organisation_does_not_learn_of_it(visit: Visitors, address: str) -> None:
    assert visit("south").get(address).status_code == 404


def test_a_file_of_another_booking_is_not_there(shop: Shop, visit: Visitors, address: str) -> None:
    other = shop.book(start=shop.at(13), end=shop.at(14))
    assert visit("north").get(f"/bookings/{other.ref}/files/{address.rpartition('/')[2]}").status_code == 404
