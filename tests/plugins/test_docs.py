"""The catalogue of hooks is complete: each is documented, tested, and used by a plugin of the tree."""

import ast

import pytest

from core import paths
from tests.plugins import test_hooks
from tests.plugins.documented import HOOKS, sections, signature


def test_every_hook_has_a_heading_with_its_exact_signature_and_nothing_else_has() -> None:
    assert [section.heading for section in sections().values()] == [signature(name) for name in HOOKS]


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_is_described_whole(name: str) -> None:
    section = sections()[name]
    arguments = HOOKS[name].__code__.co_varnames[: HOOKS[name].__code__.co_argcount]
    said = ["- called:", "- failure:"] + [f"- `{argument}`:" for argument in arguments]
    if "-> None" not in section.heading:
        said.append("- returns:")
    assert [words for words in said if words not in section.text] == []
    assert f"def {name}(" in section.code[0]


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_has_its_test(name: str) -> None:
    assert hasattr(test_hooks, f"test_hook_{name}")


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_is_used_in_the_tree(name: str) -> None:
    assert name in {
        node.name
        for file in paths.PLUGINS.glob("*/__init__.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
