"""The draw can be computed again by anybody, and nobody can steer it by the order of entering."""

from plugins.competition import drawing

REFS = ["JD-AAAA", "JD-BBBB", "JD-CCCC", "JD-DDDD", "JD-EEEE"]


def test_the_same_seed_gives_the_same_order_whatever_order_the_teams_come_in() -> None:
    assert drawing.order("31-08-77", REFS) == drawing.order("31-08-77", reversed(REFS))


def test_another_seed_gives_another_order() -> None:
    assert drawing.order("31-08-77", REFS) != drawing.order("31-08-78", REFS)


def test_every_team_is_drawn_once() -> None:
    assert sorted(drawing.order("31-08-77", REFS)) == REFS


def test_a_digest_is_what_sha256sum_prints_for_seed_colon_reference() -> None:
    # printf '%s' '31-08-77:JD-AAAA' | sha256sum
    assert drawing.digest("31-08-77", "JD-AAAA") == "8d5df33a5cee533d430a6add4e531c52fe236a5bdd12d6ae1eb91242598c3690"
