"""What a log says of an address that is a key itself."""

import pytest

from core.hushed import hushed


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/calendars/abcd2345.ics", "/calendars/…"),
        ("/calendars/abcd2345.ics?x=1", "/calendars/…?x=1"),
        ("/preview/abcd", "/preview/…"),
        ("/account/invitation/abcd", "/account/invitation/…"),
        ("/account/reset/abcd", "/account/reset/…"),
        ("https://jidi.example.cn/calendars/abcd.ics", "https://jidi.example.cn/calendars/…"),
        ("/bases/workshop/calendar.ics", "/bases/workshop/calendar.ics"),
    ],
)
def test_a_secret_in_an_address_is_left_out(address: str, said: str) -> None:
    assert hushed(address) == said
