"""Addresses and forms with what no database can look for."""

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import SignIn

pytestmark = pytest.mark.database

TOO_GREAT = (2**31, 2**63, 10**30)


@pytest.mark.parametrize("number", TOO_GREAT)
@pytest.mark.parametrize("address", ["/bases/cnc/sessions/{}", "/bases/cnc/sessions/{}.ics"])
def test_a_number_greater_than_any_id_names_nothing(demo_client: FlaskClient, address: str, number: int) -> None:
    assert demo_client.get(address.format(number)).status_code == 404


@pytest.mark.parametrize("number", TOO_GREAT)
def test_nor_does_it_in_the_manage_pages(sign_in: SignIn, number: int) -> None:
    client = sign_in("administrator")
    for address in ("/manage/users/{}", "/manage/cnc/sessions/{}", "/manage/consortium/announcements/{}"):
        assert client.get(address.format(number)).status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "/bases/a%00b/",
        "/bases/a%00b/calendar.ics",
        "/bases/cnc/pages/a%00b",
        "/announcements/%00",
        "/bases/cnc/book/?resource=%00",
        "/bases/cnc/?%00=1",
    ],
)
def test_a_null_character_in_an_address_is_refused(demo_client: FlaskClient, address: str) -> None:
    assert demo_client.get(address).status_code == 400


def test_a_null_character_in_a_form_is_refused(demo_client: FlaskClient) -> None:
    answer = demo_client.post("/account/sign-in", data={"email": "a\0@example.org", "password": "x"})
    assert answer.status_code == 400
