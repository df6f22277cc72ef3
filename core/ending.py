"""Ending a process when it is told to, whichever moment that comes: a thread of its own waits for the signals.

Python runs a signal handler only between two steps of the main thread. A signal that comes just before that thread
waits for a lock is not seen until the lock is free, perhaps never; and a handler that sets an event can meet this
event's own lock, held by the very thread it interrupts. A thread that asks for the signals knows neither trouble.
"""

import signal
import threading
from collections.abc import Callable, Collection

ENDING = frozenset({signal.SIGINT, signal.SIGTERM})


def when_told(act: Callable[[], object], by: Collection[signal.Signals] = ENDING) -> None:
    """From here on let no signal of `ENDING` interrupt this process, and act in a thread when one of `by` comes.

    Threads and processes that are started afterwards take this over: signals wait for them until they ask.

    Args:
        act: brings the end about; called once.
        by: the signals to act upon.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    threading.Thread(target=_wait, args=(act, by), name="ending", daemon=True).start()


def _wait(act: Callable[[], object], by: Collection[signal.Signals]) -> None:
    signal.sigwait(by)
    act()
