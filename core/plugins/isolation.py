"""Whatever escapes from a plugin's code becomes one kind of error, so that each caller can decide what it means."""

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from core.plugins.errors import PluginError

T = TypeVar("T")


def attempt(job: Callable[[], T]) -> T:
    """Run a plugin's code.

    Raises:
        PluginError: it raised anything at all, `SystemExit` included; says what and, for errors, in which line.
    """
    try:
        return job()
    except (KeyboardInterrupt, PluginError):
        raise
    except BaseException as error:
        raise PluginError(describe(error)) from error


def describe(error: BaseException) -> str:
    """Say in one line what was raised and where."""
    words = str(error).strip().splitlines()
    text = f"{type(error).__name__}: {words[0]}" if words else type(error).__name__
    if isinstance(error, SyntaxError):
        return text
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not frame.filename.startswith("<")]
    return f"{text} ({Path(own[-1].filename).name}, line {own[-1].lineno})" if own else text
