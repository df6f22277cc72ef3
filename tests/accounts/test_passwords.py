import time

import pytest

from core.accounts import passwords
from core.errors import Invalid


@pytest.mark.parametrize(
    "password",
    ["short", "neun Zeic", "aaaaaaaaaaaa", "1234567890", "PASSWORD123", "Teacher@School.cn", "x" * 201],
)
def test_a_password_that_is_short_plain_or_the_address_is_refused(password: str) -> None:
    with pytest.raises(Invalid) as refused:
        passwords.hashed(password, email="teacher@school.cn")
    assert "password" in refused.value.problems


def test_the_name_of_a_long_address_is_refused_too() -> None:
    with pytest.raises(Invalid):
        passwords.hashed("wangxiaoming", email="wangxiaoming@school.cn")


def test_a_password_matches_itself_alone_however_its_letters_are_composed() -> None:
    kept = passwords.hashed("gru\u0308ne Linde", email="")
    assert "Linde" not in kept
    assert passwords.matches("gr\u00fcne Linde", kept)
    assert not passwords.matches("grune Linde", kept)


def test_nothing_matches_where_no_password_is_kept() -> None:
    assert not passwords.matches("", None)
    assert not passwords.matches("anything at all", None)


def test_a_wrong_password_takes_as_long_where_there_is_no_account() -> None:
    kept = passwords.hashed("grüne Linde 7", email="")

    def fastest(digest: str | None) -> float:
        spans = []
        for _ in range(5):
            begin = time.process_time()
            passwords.matches("some other password", digest)
            spans.append(time.process_time() - begin)
        return min(spans)

    known, unknown = fastest(kept), fastest(None)
    assert 0.5 < unknown / known < 2
