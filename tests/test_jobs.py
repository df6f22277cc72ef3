"""The queue of work: nothing lost, nothing done by two at once, the same wish queued once."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from core import clock, jobs, worker
from core.booking.models import Retry
from core.db import db, write
from tests.support.people import at_once
from tests.support.servers import clean_environment

pytestmark = pytest.mark.database

done: list[int] = []
fail_first = threading.Event()


@jobs.handler("test.note")
def note(task: jobs.Task) -> None:
    """Note that a job was done."""
    done.append(task.payload["number"])


@jobs.handler("test.fail")
def fail(task: jobs.Task) -> None:
    """Fail."""
    raise ValueError(f"no {task.payload['number']}")


@jobs.handler("test.hopeless")
def hopeless(task: jobs.Task) -> None:
    """Give up."""
    raise jobs.GiveUp("of no use")


@jobs.handler("test.later", ready=fail_first.is_set)
def later(task: jobs.Task) -> None:
    """Note a job that can only be done sometimes."""
    done.append(task.payload["number"])


@pytest.fixture(autouse=True)
def context(app: Flask) -> Iterator[None]:
    """The application's context, and nothing done yet."""
    done.clear()
    fail_first.clear()
    with app.app_context():
        yield


def want(kind: str = "test.note", number: int = 1, **more: object) -> int | None:
    with write() as session:
        return jobs.enqueue(session, kind, {"number": number}, **more)  # type: ignore[arg-type]


def job(job_id: int | None) -> jobs.Job:
    db.session.rollback()
    return db.session.get_one(jobs.Job, job_id)


def test_what_is_wanted_is_done_once_in_order() -> None:
    ids = [want(number=number) for number in range(3)]
    assert jobs.run_due() == 3
    assert done == [0, 1, 2]
    assert {job(each).state for each in ids} == {"done"}
    assert jobs.run_due() == 0


def test_what_was_rolled_back_is_never_done() -> None:
    def regret() -> None:
        with write() as session:
            jobs.enqueue(session, "test.note", {"number": 1})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        regret()
    assert jobs.run_due() == 0
    assert done == []


def test_the_same_wish_is_queued_once_also_after_it_was_done() -> None:
    assert want(dedupe="one") is not None
    assert want(dedupe="one") is None
    jobs.run_due()
    assert want(dedupe="one") is None
    assert jobs.run_due() == 0
    assert done == [1]


def test_the_same_wish_of_two_transactions_at_once_is_queued_once_and_fails_neither(app: Flask) -> None:
    def wish() -> int | None:
        with app.app_context():
            return want(dedupe="one")

    results = at_once([wish] * 4)
    assert [type(result) for result in results].count(int) == 1
    assert results.count(None) == 3


def test_work_for_later_waits() -> None:
    want(run_at=clock.now() + timedelta(hours=1))
    assert jobs.run_due() == 0
    with clock.set_to(clock.now() + timedelta(hours=1, seconds=1)):
        assert jobs.run_due() == 1


def test_work_that_cannot_be_done_now_waits_and_holds_up_nothing() -> None:
    waiting, other = want("test.later", 1), want("test.note", 2)
    unknown = want("gone.kind", 3)
    assert jobs.run_due() == 1
    assert job(waiting).state == job(unknown).state == "todo"
    assert job(other).state == "done"
    fail_first.set()
    assert jobs.run_due() == 1
    assert done == [2, 1]


def test_a_failure_is_tried_again_at_growing_distances_and_given_up_at_last() -> None:
    failing = want("test.fail", 7)
    moment = clock.now()
    waits = []
    for _ in range(jobs.MOST_TRIES):
        with clock.set_to(moment):
            assert jobs.run_due() == 1
            assert jobs.run_due() == 0
        waits.append(job(failing).run_at - moment)
        moment = job(failing).run_at
    minutes = [wait / timedelta(minutes=1) for wait in waits[:-1]]
    assert minutes == [2**tries for tries in range(jobs.MOST_TRIES - 1)]
    assert job(failing).state == "failed"
    assert job(failing).error == "ValueError: no 7"


def test_a_failed_job_is_queued_again_by_hand() -> None:
    hopeless_id, fine = want("test.hopeless"), want()
    jobs.run_due()
    assert (job(hopeless_id).state, job(hopeless_id).error) == ("failed", "of no use")
    with write() as session:
        assert jobs.requeue(session, hopeless_id or 0)
        assert not jobs.requeue(session, fine or 0)
    assert job(hopeless_id).state == "todo"
    assert job(hopeless_id).tries == 0
    assert jobs.run_due() == 1


def test_four_workers_share_the_work_without_doing_any_twice(app: Flask) -> None:
    for number in range(40):
        want(number=number)

    def work() -> int:
        with app.app_context():
            return jobs.run_due()

    results = at_once([work] * 4)
    assert sum(result for result in results if isinstance(result, int)) == 40, results
    assert sorted(done) == list(range(40))


def test_a_worker_that_lost_its_lease_does_not_speak_for_the_job_any_more() -> None:
    want("test.note", 1)
    slow = jobs._claim()
    assert slow is not None
    with clock.set_to(clock.now() + jobs.LEASE + timedelta(seconds=1)):
        assert jobs.run_due() == 1
    assert job(slow.id).state == "done"
    jobs._finish(slow, state="failed", error="too late")
    assert job(slow.id).state == "done"


def test_a_job_that_kills_every_worker_is_given_up() -> None:
    deadly = want()
    moment = clock.now()
    for _ in range(jobs.MOST_TRIES):
        with clock.set_to(moment):
            assert jobs._claim() is not None
        moment += jobs.LEASE + timedelta(seconds=1)
    with clock.set_to(moment):
        jobs.run_due()
    assert done == []
    assert job(deadly).state == "failed"


WORKER = """
import sys, time
from core import config, jobs, worker
from core.app import create_app

@jobs.handler("test.note")
def hang(task):
    print("begun", flush=True)
    time.sleep(600)

worker.run(create_app(config.load()))
"""


def start(app: Flask, program: str, keys: dict[str, str], folder: Path) -> subprocess.Popen[str]:
    settings = app.extensions["jidi_settings"]
    environment = clean_environment(**keys, JIDI_DATABASE_URL=settings.database_url, JIDI_INSTANCE=str(folder))
    return subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, text=True)


def test_the_job_of_a_worker_killed_half_way_is_done_once_more(
    app: Flask, keys: dict[str, str], tmp_path: Path
) -> None:
    lost = want(number=5)
    with start(app, WORKER, keys, tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        process.send_signal(signal.SIGKILL)
    assert job(lost).state == "todo"
    jobs.run_due()  # what the worker has queued itself
    assert done == [], "its lease still runs"
    with clock.set_to(clock.now() + jobs.LEASE + timedelta(seconds=1)):
        assert jobs.run_due() == 1
        assert jobs.run_due() == 0
    assert done == [5]
    assert (job(lost).state, job(lost).tries) == ("done", 2)


ENDING = """
from core import config, jobs, worker
from core.app import create_app

@jobs.handler("test.note")
def tell(task):
    print("done", flush=True)

worker.run(create_app(config.load()))
print("ended", flush=True)
"""


def test_a_worker_says_that_it_lives_and_ends_in_good_order_when_told(
    app: Flask, keys: dict[str, str], tmp_path: Path
) -> None:
    assert jobs.last_beat() is None
    last = want(number=1)
    with start(app, ENDING, keys, tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "done\n"
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read() == "ended\n"
    assert process.returncode == 0
    assert job(last).state == "done"
    beat = jobs.last_beat()
    assert beat is not None
    assert clock.now() - beat < timedelta(minutes=1)


def test_a_chore_that_fails_keeps_none_of_the_others_from_being_done() -> None:
    def broken() -> None:
        db.session.execute(text("SELECT * FROM nowhere"))

    worker._try(broken)
    worker._try(lambda: want(number=3))
    assert jobs.run_due() == 1


def test_what_is_kept_for_a_time_is_cleared_away() -> None:
    want(number=1)
    jobs.run_due()
    failed = want("test.hopeless")
    jobs.run_due()
    jobs.beat("host:1")
    with clock.set_to(clock.now() + jobs.KEPT + timedelta(minutes=1)):
        worker.forget()
    assert [each.id for each in db.session.scalars(select(jobs.Job))] == [failed]
    assert jobs.last_beat() is None
    assert db.session.scalar(select(func.count()).select_from(Retry)) == 0


def test_the_worker_needs_no_write_lock_to_find_nothing(app: Flask) -> None:
    with write():
        other = threading.Thread(target=lambda: _run(app))
        other.start()
        other.join(5)
        assert not other.is_alive()


def _run(app: Flask) -> None:
    with app.app_context():
        jobs.run_due()
