"""A random walk over everything the engine can do, each step compared with what a naive count says of it."""

import random
from collections import Counter
from collections.abc import Callable, Collection
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from core import clock, db, errors
from core.booking import changing, closures, holding, making, resources, series, sessions, waiting, workflow
from core.booking.changing import Aim
from core.booking.errors import InUse, ResourceTaken
from core.booking.invariants import snapshot, violations
from core.booking.models import Allocation, Booking, Closure, Kind, Resource, TrainingSession
from core.booking.remedies import InTheWay
from core.booking.resources import Own, Shown
from core.booking.series import SeriesClash
from tests.booking.naive import Naive, Use, ways
from tests.booking.shop import Shop

HOUR = timedelta(hours=1)
NOTHING = timedelta()

LATHES, CELLS, BENCHES = ("lathe1", "lathe2"), ("cell1", "cell2"), ("bench1", "bench2", "bench3")
POOLS, ROOMS = ("hall", "left", "right"), ("room", "area")

Leg = tuple[tuple[str, ...], int, timedelta, timedelta]

KINDS: dict[str, tuple[Leg, ...]] = {
    "machine": ((LATHES, 1, NOTHING, NOTHING),),
    "cell": ((CELLS, 1, HOUR, HOUR / 2), (("coach",), 1, NOTHING, NOTHING)),
    "riap": ((("coach",), 1, NOTHING, NOTHING), (CELLS, 1, NOTHING, NOTHING)),
    "benches": ((BENCHES, 2, HOUR / 4, NOTHING),),
    "room": ((ROOMS, 1, NOTHING, NOTHING),),
    "shift": ((POOLS, 1, NOTHING, NOTHING),),
    "desk": ((POOLS, 1, NOTHING, NOTHING),),
}
"""What each kind takes: per leg what can serve it, how many of these, set-up and clean-up."""

POOLED = ("shift", "desk")
"""Kinds of which a booking takes units."""

ROOM = (ResourceTaken, SeriesClash, InTheWay)
"""Refusals for want of room."""

HELD_AT_ONCE = 5


class Walk:
    """Somebody who does anything at all, and compares each outcome with the naive count."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.shop, self.dice, self.seed = shop, random.Random(seed), seed
        self.manager = shop.user("manager").id
        self.now = shop.at(8, day=1)
        with clock.set_to(self.now):
            self.own = self._own_pools()
            with db.write() as session:
                session.get_one(Kind, shop.kind_id("course")).rules_set = {"waiting": "strict"}
        self.ids = {row.slug: row.id for row in db.db.session.scalars(select(Resource))}
        self.ids |= self.own
        self.names = {number: name for name, number in self.ids.items()}
        self.model = Naive(
            capacity=dict.fromkeys((*LATHES, *CELLS, *BENCHES, "coach"), 1) | {"hall": 10, "left": 4, "right": 6},
            parts={"room": BENCHES, "area": ("left", "right")},
        )
        self.steps = 0
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    def _own_pools(self) -> dict[str, int]:
        """Add a hall of the base's own with two pools in it."""
        actor, base_id = self.shop.user("manager"), self.shop.base.id

        def add(name: str, **own: Any) -> int:
            return resources.add(actor=actor, base_id=base_id, shown=Shown(name=name), own=Own(**own)).id

        area = add("大厅", kind="room")
        left = add("左区", kind="seats", capacity=4, parent_id=area)
        return {"area": area, "left": left, "right": add("右区", kind="seats", capacity=6, parent_id=area)}

    # --- walking ---

    @property
    def where(self) -> str:
        """What repeats this walk up to here."""
        return f"seed {self.seed}, step {self.steps}"

    def go(self, operations: int, *, every: int) -> None:
        """Do so many operations; look at the whole database every so many steps, and at the end."""
        deeds: dict[Callable[[], None], int] = {
            self.book: 22, self.book_seats: 14, self.hold_seats: 4, self.hold: 12, self.submit_hold: 7,
            self.release_hold: 2, self.decide: 10, self.cancel: 9, self.resubmit: 5, self.reschedule: 9,
            self.relocate: 5, self.accept: 4, self.pass_time: 10, self.close: 4, self.lift: 3, self.publish: 2,
            self.edit_session: 5, self.call_off: 1, self.series: 3, self.resize: 5,
        }  # fmt: skip
        while self.done.total() + self.refused.total() < operations:
            (deed,) = self.dice.choices(list(deeds), list(deeds.values()))
            with clock.set_to(self.now):
                self.model.now = self.now
                self.steps += 1
                deed()
                self.follow()
                if self.steps % every == 0:
                    self.look()
        with clock.set_to(self.now):
            self.look()

    def attempt(self, name: str, expected: bool, deed: Callable[[], Any], refusals: Any = ROOM) -> Any:
        """Do something that is to succeed exactly when it is expected to; return the result, or None."""
        try:
            result = deed()
        except refusals as error:
            refusal = f"{error!r}: {error}"
        else:
            refusal = ""
        if refusal:
            db.db.session.rollback()
            assert not expected, f"{self.where}: {name} refused though there is room: {refusal}"
            self.refused[name] += 1
            return None
        assert expected, f"{self.where}: {name} accepted beyond what there is"
        self.done[name] += 1
        return result

    def look(self) -> None:
        """Compare all that is taken, and prove that the database is in order."""
        db.db.session.rollback()
        with snapshot() as connection:
            assert list(violations(connection)) == [], self.where
        rows = db.db.session.execute(
            select(Allocation.resource_id, Allocation.start_at, Allocation.end_at, Booking.lapses_at)
            .outerjoin(Booking, Allocation.booking_id == Booking.id)
            .where(Allocation.active, ~Allocation.covering)
        )
        there = Counter((self.names[row[0]], row[1], row[2]) for row in rows if row[3] is None or row[3] > self.now)
        known = Counter(
            use[:3]
            for owner, uses in self.model.uses.items()
            if self.model.until.get(owner, self.now + HOUR) > self.now
            for use in uses
        )
        assert there == known, self.where

    def follow(self) -> None:
        """Take over what happens by itself: offers that are made, and whatever lapses."""
        db.db.session.rollback()
        for booking in db.db.session.scalars(select(Booking).where(Booking.ref.in_(list(self.model.until)))):
            if booking.lapses_at is None or booking.state not in {"held", "returned", "offered"}:
                self.forget(booking.ref)
        for booking in db.db.session.scalars(select(Booking).where(Booking.state == "offered")):
            if self.model.until.get(booking.ref) != booking.lapses_at:  # offered for the first time, or again
                uses = self.uses_of(booking)
                self.model.uses.pop(booking.ref, None)
                assert self.model.fits(uses), f"{self.where}: {booking.ref} offered what is not"
                self.done["offer"] += 1
                self.keep(booking, uses)

    # --- what the model keeps ---

    def uses_of(self, booking: Booking) -> list[Use]:
        """Return what a booking says it takes, families left to the model."""
        return [
            Use(self.name(entry.resource_id), entry.start_at, entry.end_at, entry.units)
            for entry in booking.allocations
            if entry.active and not entry.covering
        ]

    def name(self, number: int) -> str:
        """Return the name of a resource; a session's seats are met for the first time."""
        if number not in self.names:
            resource = db.db.session.get_one(Resource, number)
            self.names[number], self.ids[resource.slug] = resource.slug, number
        return self.names[number]

    def keep(self, booking: Booking, uses: list[Use]) -> None:
        """Note what a booking takes, and until when if it ends by itself."""
        self.model.uses[booking.ref] = uses
        self.model.until.pop(booking.ref, None)
        if booking.lapses_at is not None:
            self.model.until[booking.ref] = booking.lapses_at

    def forget(self, owner: str) -> None:
        """Note that somebody takes nothing any more; what has become firm is no longer bounded."""
        self.model.until.pop(owner, None)
        state = db.db.session.scalar(select(Booking.state).where(Booking.ref == owner))
        if state in {"waitlisted", "expired", "cancelled", "rejected", None}:
            self.model.uses.pop(owner, None)

    # --- dice ---

    def span(self, kind: str) -> tuple[datetime, datetime]:
        """Return a time for a kind, on one of the two days that come after tomorrow."""
        day = clock.local(self.now).date() + timedelta(days=self.dice.randint(2, 3))
        if kind == "shift":
            hour = self.dice.choice((8, 14))
            return clock.at(day, time(hour)), clock.at(day, time(hour)) + 6 * HOUR
        begins = self.dice.randint(16, 36)
        start = clock.at(day, time()) + begins * HOUR / 2
        return start, start + self.dice.randint(2, min(8, 40 - begins)) * HOUR / 2

    def picks(self, kind: str) -> dict[int, tuple[str, ...]]:
        """Return what is picked, for some legs."""
        found = {}
        for position, (candidates, count, _before, _after) in enumerate(KINDS[kind]):
            if candidates != ("coach",) and self.dice.random() < 0.6:
                found[position] = tuple(self.dice.sample(candidates, self.dice.randint(1, count)))
        return found

    def numbers(self, picks: dict[int, tuple[str, ...]]) -> dict[int, tuple[int, ...]]:
        """Return picks as the engine takes them."""
        return {position: tuple(self.ids[name] for name in names) for position, names in picks.items()}

    def units(self, kind: str) -> int:
        """Return how many are asked for."""
        return self.dice.randint(1, 6) if kind in POOLED else 1

    def possible(self, kind: str, picks: dict[int, tuple[str, ...]], start: datetime, end: datetime, units: int,
                 *, but: Collection[str] = ()) -> list[set[str]]:  # fmt: skip
        """Return every way of serving a wish for which the model sees room, as the names of what it takes."""
        legs = [
            (candidates, count, picks.get(position, ()))
            for position, (candidates, count, _before, _after) in enumerate(KINDS[kind])
        ]
        found = []
        for way in ways(legs):
            wanted = [
                Use(name, start - before, end + after, units)
                for names, (_candidates, _count, before, after) in zip(way, KINDS[kind], strict=True)
                for name in names
            ]
            if self.model.fits(wanted, but=but):
                found.append({name for names in way for name in names})
        return found

    def of(self, *states: str, kinds: tuple[str, ...] = (), whose: int | None = None) -> Booking | None:
        """Return any booking in one of some states that lies ahead, or None."""
        wanted = select(Booking.ref).where(Booking.state.in_(states), Booking.start_at > self.now)
        if kinds:
            wanted = wanted.where(Booking.kind_id.in_([self.shop.kind_id(kind) for kind in kinds]))
        if whose is not None:
            wanted = wanted.where(Booking.made_by_id == whose)
        refs = db.db.session.scalars(wanted.order_by(Booking.id)).all()
        return self.row(self.dice.choice(refs)) if refs else None

    def row(self, ref: str) -> Booking:
        """Return a booking as it is now."""
        return db.db.session.scalars(select(Booking).where(Booking.ref == ref)).one()

    def live(self, ref: str) -> bool:
        """Say whether something that ends by itself has not ended."""
        return ref not in self.model.until or self.model.until[ref] > self.now

    # --- booking ---

    def book(self) -> None:
        """Book resources."""
        kind, who = self.dice.choice(list(KINDS)), self.dice.choice(("north", "south"))
        (start, end), picks, units = self.span(kind), self.picks(kind), self.units(kind)
        free = self.possible(kind, picks, start, end, units)
        made = self.attempt(
            f"book {kind}",
            bool(free),
            lambda: self.shop.book(kind, who, start=start, end=end, picks=self.numbers(picks), people=units),
        )
        self.settled(made, free)

    def settled(self, made: Booking | None, free: list[set[str]]) -> None:
        """Note what was taken, which must be one of the ways that were free."""
        if made is not None:
            uses = self.uses_of(made)
            assert {use.resource for use in uses} in free, f"{self.where}: {uses}"
            self.keep(made, uses)

    def hold(self) -> None:
        """Hold a place; what the same person held of this kind is given up for it, and only then."""
        kind, who = self.dice.choice(list(KINDS)), self.dice.choice(("north", "south"))
        actor = self.shop.user(who)
        (start, end), picks, units = self.span(kind), self.picks(kind), self.units(kind)
        held = db.db.session.scalars(select(Booking).where(Booking.state == "held")).all()
        mine = [row for row in held if row.made_by_id == actor.id and row.kind_id == self.shop.kind_id(kind)]
        before = mine[-1].ref if mine else ""
        others = [row for row in held if row.made_by_id == actor.id and row.ref != before and self.live(row.ref)]
        free = self.possible(kind, picks, start, end, units, but={before})
        made = self.attempt(
            f"hold {kind}",
            bool(free) and len(others) < HELD_AT_ONCE,
            lambda: holding.hold(
                actor=actor,
                organisation_id=self.shop.organisation(who),
                base=self.shop.base,
                kind=self.shop.kind(kind),
                start=start,
                end=end,
                picks=self.numbers(picks),
                units=units,
            ),
            (*ROOM, errors.Invalid),
        )
        if made is not None:
            self.model.uses.pop(before, None)
            self.model.until.pop(before, None)
        self.settled(made, free)

    def submit_hold(self) -> None:
        """Send the form of what is held; it may have lapsed, and it may ask for another time."""
        held = self.of("held")
        if held is None or held.made_by is None:
            return
        if held.session_id is not None:
            self.submit_seats(held)
            return
        ref, kind, who = held.ref, held.kind.slug, held.made_by.email.partition("@")[0]
        picks = {int(at): tuple(self.names[number] for number in ids) for at, ids in held.wish.items()}
        start, end = (held.start_at, held.end_at) if self.dice.random() < 0.7 else self.span(kind)
        units = held.units if self.dice.random() < 0.7 else self.units(kind)
        free = self.possible(kind, picks, start, end, units, but={ref})
        made = self.attempt(
            "submit a hold",
            bool(free),
            lambda: self.shop.book(
                kind, who, start=start, end=end, picks=self.numbers(picks), people=units, hold_ref=ref
            ),
        )
        self.settled(made, free)

    def release_hold(self) -> None:
        """Give up what is held."""
        held = self.of("held")
        if held is not None and held.made_by is not None:
            holding.release(actor=held.made_by, ref=held.ref)
            self.model.uses.pop(held.ref, None)
            self.model.until.pop(held.ref, None)

    # --- deciding ---

    def decide(self) -> None:
        """Approve, reject or return something; its places stand until they are given back."""
        booking = self.of("submitted", "in_review")
        if booking is None:
            return
        action = self.dice.choices(("approve", "reject", "return"), (5, 2, 3))[0]
        deadline = self.now + HOUR if action == "return" and self.dice.random() < 0.5 else None
        done = workflow.move(
            actor=self.shop.user("manager"), ref=booking.ref, action=action, reason="理由", deadline=deadline
        )
        self.done[action] += 1
        if action == "reject":
            self.model.uses.pop(done.ref)
        elif action == "return":
            assert done.lapses_at is not None
            self.model.until[done.ref] = done.lapses_at

    def cancel(self) -> None:
        """Cancel something."""
        booking = self.of("submitted", "confirmed", "returned", "waitlisted", "offered")
        if booking is None or not self.live(booking.ref):
            return
        workflow.move(actor=self.shop.user("manager"), ref=booking.ref, action="cancel", reason="理由")
        self.done["cancel"] += 1
        self.model.uses.pop(booking.ref, None)
        self.model.until.pop(booking.ref, None)

    def resubmit(self) -> None:
        """Send a returned form again, for more or fewer where it says how many."""
        booking = self.of("returned", kinds=tuple(KINDS))
        if booking is None:
            return
        ref, kind, units = booking.ref, booking.kind.slug, self.units(booking.kind.slug)
        wanted = [use._replace(units=units) if kind in POOLED else use for use in self.model.uses.get(ref, ())]
        made = self.attempt(
            "resubmit",
            self.live(ref) and self.model.fits(wanted, but={ref}),
            lambda: making.resubmit(actor=self.shop.user("manager"), ref=ref, cleaned=self.shop.answers(kind, units)),
            (*ROOM, errors.StateChanged),
        )
        if made is not None:
            self.keep(made, wanted)

    # --- changing ---

    def reschedule(self) -> None:
        """Move a booking to another time, and perhaps to what is picked."""
        booking = self.of("submitted", "confirmed", "returned", kinds=tuple(KINDS))
        if booking is None or not self.live(booking.ref):
            return
        ref, kind, units = booking.ref, booking.kind.slug, booking.units
        start, end = self.span(kind)
        if (start, end) == (booking.start_at, booking.end_at):
            return
        picks = self.picks(kind) if self.dice.random() < 0.5 else None
        stays = {
            entry.leg: tuple(
                self.name(other.resource_id)
                for other in booking.allocations
                if other.active and not other.covering and other.leg == entry.leg
            )
            for entry in booking.allocations
            if entry.active and not entry.covering and entry.leg is not None
        }
        asked = {at: names for at, names in stays.items() if KINDS[kind][at][0] != ("coach",)}
        free = self.possible(kind, asked if picks is None else picks, start, end, units, but={ref})
        moved = self.attempt(
            f"reschedule {kind}",
            bool(free),
            lambda: changing.reschedule(
                actor=self.shop.user("manager"),
                ref=ref,
                aim=Aim(start, end, picks=None if picks is None else self.numbers(picks)),
                reason="改",
            ),
        )
        self.settled(moved, free)

    def relocate(self) -> None:
        """Move a booking from one thing to another of the same sort."""
        booking = self.of("submitted", "confirmed", "returned", kinds=("machine", "cell", "riap", "benches", *POOLED))
        if booking is None or not self.live(booking.ref):
            return
        ref, uses = booking.ref, self.model.uses[booking.ref]
        old = self.dice.choice([use for use in uses if use.resource != "coach"])
        (candidates,) = [leg[0] for leg in KINDS[booking.kind.slug] if old.resource in leg[0]]
        others = [name for name in candidates if name not in {use.resource for use in uses}]
        if not others:
            return
        new = self.dice.choice(others)
        wanted = [use._replace(resource=new) if use == old else use for use in uses]
        moved = self.attempt(
            "relocate",
            self.model.fits(wanted, but={ref}),
            lambda: changing.relocate(
                actor=self.shop.user("manager"),
                ref=ref,
                from_resource=self.ids[old.resource],
                to_resource=self.ids[new],
                reason="坏了",
            ),
        )
        if moved is not None:
            self.keep(moved, wanted)

    # --- time, closures, pools ---

    def pass_time(self) -> None:
        """Let time pass; the worker has often been by, and often not."""
        self.now += timedelta(minutes=self.dice.choice((1, 2, 4, 4, 9, 10, 30, 90)))
        self.now += timedelta(days=self.dice.random() < 0.02)
        with clock.set_to(self.now):
            self.model.now = self.now
            if self.dice.random() < 0.25:
                workflow.expire_lapsed()
                waiting.tidy()
            self.follow()

    def close(self) -> None:
        """Take something out of use, if nothing is in the way; who still fills in a form has to choose anew."""
        name = self.dice.choice((*LATHES, "cell1", *BENCHES, *POOLS, *ROOMS, "coach"))
        start, end = self.span("machine")
        actor = self.shop.user("manager" if name != "coach" else "office")
        known = db.db.session.scalars(
            select(Closure).where(
                Closure.resource_id == self.ids[name],
                Closure.start_at == start,
                Closure.end_at == end,
                Closure.lifted_at.is_(None),
            )
        ).first()
        wanted = [Use(name, start, end, None)]
        held = db.db.session.scalars(select(Booking.ref).where(Booking.state == "held")).all()
        made = self.attempt(
            "close",
            known is not None or self.model.fits(wanted, but=held),
            lambda: closures.enter(actor=actor, resource_id=self.ids[name], start=start, end=end, reason="检修"),
        )
        if made is not None:
            self.model.uses[f"closure {made.id}"] = wanted

    def lift(self) -> None:
        """Bring something back into use."""
        standing = [owner for owner in self.model.uses if owner.startswith("closure")]
        if standing:
            owner = self.dice.choice(standing)
            closures.lift(actor=self.shop.user("office"), closure_id=int(owner.split()[1]))
            self.done["lift"] += 1
            del self.model.uses[owner]

    def resize(self) -> None:
        """Give a pool more or fewer units."""
        name = self.dice.choice(("left", "right"))
        wanted = self.dice.randint(1, 9)
        known = self.model.capacity[name]
        possible = wanted >= self.model.peak(name) if wanted < known else True
        if wanted > known and self.model.whole_ahead("area"):
            possible = False
        changed = self.attempt(
            "resize",
            possible,
            lambda: resources.change(
                actor=self.shop.user("manager"),
                resource_id=self.ids[name],
                shown=Shown(name={"left": "左区", "right": "右区"}[name]),
                own=Own(kind="seats", capacity=wanted, parent_id=self.ids["area"]),
            ),
            (errors.Invalid, InUse),
        )
        if changed is not None:
            self.model.capacity[name] = wanted

    def series(self) -> None:
        """Book on three days in a row, all or those that fit."""
        kind, taken = self.dice.choice((("lesson", "machine"), ("placement", "shift")))
        start, end = self.span(taken)
        picks, units, fitting = self.picks(taken), self.units(taken), self.dice.random() < 0.7
        days = [timedelta(days=number) for number in range(3)]
        free = [self.possible(taken, picks, start + day, end + day, units) for day in days]
        first = clock.local(start)
        made = self.attempt(
            f"series of {kind}",
            any(free) if fitting else all(free),
            lambda: series.create(
                actor=self.shop.user("north"),
                organisation_id=self.shop.organisation("north"),
                base=self.shop.base,
                kind=self.shop.kind(kind),
                cleaned=self.shop.answers(kind, units),
                rule={"rrule": "FREQ=DAILY;COUNT=3", "first": first.date().isoformat(), "holidays": "ignore"},
                starts=first.time(),
                ends=clock.local(end).time(),
                picks=self.numbers(picks),
                fitting=fitting,
            ),
        )
        if made is not None:
            by_day = {booking.start_at: booking for booking in made.bookings}
            assert by_day.keys() == {start + day for day, ways in zip(days, free, strict=True) if ways}
            for day, fits in zip(days, free, strict=True):
                if fits:
                    self.settled(by_day[start + day], fits)

    # --- sessions ---

    def any_session(self) -> TrainingSession | None:
        """Return a published session that lies ahead, or None."""
        wanted = select(TrainingSession).where(
            TrainingSession.state == "published", TrainingSession.start_at > self.now
        )
        found = db.db.session.scalars(wanted.order_by(TrainingSession.id)).all()
        if not found:
            return None
        return found[-1] if self.dice.random() < 0.7 else self.dice.choice(found)

    def uses(self, names: tuple[str, ...], start: datetime, end: datetime, seats: int) -> list[Use]:
        """Return what a session uses: as many units of a pool as it has seats."""
        pools = ("hall", "left", "right")
        return [
            Use(name, start, end, seats if name in pools and self.model.capacity[name] > 1 else 1) for name in names
        ]

    def publish(self) -> None:
        """Publish a session that uses something."""
        start, seats = self.span("machine")[0], self.dice.randint(1, 6)
        names = tuple(self.dice.sample((*LATHES, "bench1", "hall", "right", "coach", "room"), self.dice.randint(0, 2)))
        if set(names) >= {"bench1", "room"}:
            return
        end, manager = start + 3 * HOUR, self.shop.user("manager")
        training = sessions.create(
            actor=manager, base_id=self.shop.base.id, kind_id=self.shop.kind_id("course"), title="课", text="",
            start=start, end=end, seats=seats, uses=[self.ids[name] for name in names],
        )  # fmt: skip
        wanted, number = self.uses(names, start, end, seats), training.id
        made = self.attempt(
            "publish", self.model.fits(wanted), lambda: sessions.publish(actor=manager, session_id=number)
        )
        if made is not None:
            self.model.uses[f"session {number}"] = wanted
            self.model.capacity[f"session_{number}"] = seats
            self.name(made.seats_resource_id or 0)

    def edit_session(self) -> None:
        """Give a session more or fewer seats, or another time; those who have booked go with it."""
        training = self.any_session()
        if training is None:
            return
        number, seats = training.id, self.dice.randint(1, 9)
        start = training.start_at if self.dice.random() < 0.5 else self.span("machine")[0]
        end, owner = start + 3 * HOUR, f"session {number}"
        wanted = self.uses(tuple(use.resource for use in self.model.uses[owner]), start, end, seats)
        enough = seats >= self.model.peak(f"session_{number}")
        changed = self.attempt(
            "edit a session",
            enough and self.model.fits(wanted, but={owner}),
            lambda: sessions.edit(
                actor=self.shop.user("manager"), session_id=number, title="课", text="", start=start, end=end,
                seats=seats, uses=[self.ids[use.resource] for use in wanted],
            ),
            (*ROOM, errors.Invalid),
        )  # fmt: skip
        if changed is None:
            return
        self.model.uses[owner] = wanted
        self.model.capacity[f"session_{number}"] = seats
        for ref, uses in self.model.uses.items():
            if uses and uses[0].resource == f"session_{number}":
                self.model.uses[ref] = [use._replace(start=start, end=end) for use in uses]
                if ref in self.model.until:
                    self.model.until[ref] = min(self.model.until[ref], start)

    def call_off(self) -> None:
        """Cancel a session with all its bookings."""
        training = self.any_session()
        if training is None:
            return
        seats = f"session_{training.id}"
        sessions.cancel(actor=self.shop.user("manager"), session_id=training.id, reason="停电")
        self.done["cancel a session"] += 1
        gone = {owner for owner, uses in self.model.uses.items() if uses and uses[0].resource == seats}
        for owner in gone | {f"session {training.id}"}:
            self.model.uses.pop(owner)
            self.model.until.pop(owner, None)

    def book_seats(self) -> None:
        """Ask for seats of a session, perhaps to wait for them; nobody passes those who wait."""
        training = self.any_session()
        if training is None:
            return
        number, seats = training.id, f"session_{training.id}"
        who, units, wait = self.dice.choice(("north", "south")), self.dice.randint(1, 4), self.dice.random() < 0.5
        left = training.seats - self.model.peak(seats)
        if wait and (units > left or self.line(number)):
            self.join(who, number, units)
            return
        made = self.attempt(
            "book seats",
            units <= left - self.served(number, left) and not self.line_left(number, left),
            lambda: self.shop.book("course", who, training_id=number, people=units, waitlist=wait),
        )
        if made is not None:
            assert made.state == "submitted", f"{self.where}: {made.state}"
            self.keep(made, self.uses_of(made))

    def hold_seats(self) -> None:
        """Hold seats of a session, for which nobody may wait."""
        training = self.any_session()
        if training is None:
            return
        number, who, units = training.id, self.dice.choice(("north", "south")), self.dice.randint(1, 4)
        actor, course = self.shop.user(who), self.shop.kind_id("course")
        held = db.db.session.scalars(select(Booking).where(Booking.state == "held", Booking.made_by_id == actor.id))
        mine = {row.ref: row.kind_id == course for row in held}
        before = {ref for ref, same in mine.items() if same}
        others = [ref for ref, same in mine.items() if not same and self.live(ref)]
        wanted = [Use(f"session_{number}", training.start_at, training.end_at, units)]
        made = self.attempt(
            "hold seats",
            self.model.fits(wanted, but=before) and not self.line(number) and len(others) < HELD_AT_ONCE,
            lambda: holding.hold(
                actor=actor,
                organisation_id=self.shop.organisation(who),
                base=self.shop.base,
                kind=self.shop.kind("course"),
                training_id=number,
                units=units,
            ),
            (*ROOM, errors.Invalid),
        )
        if made is not None:
            for ref in before:
                self.model.uses.pop(ref, None)
                self.model.until.pop(ref, None)
            self.keep(made, wanted)

    def submit_seats(self, held: Booking) -> None:
        """Send the form for seats that are held: nobody who came later takes them, waiting or not."""
        ref, number, units = held.ref, held.session_id, held.units
        who = held.made_by.email.partition("@")[0] if held.made_by else ""
        if not self.live(ref):
            return
        made = self.attempt(
            "submit held seats",
            True,
            lambda: self.shop.book("course", who, training_id=number, people=units, hold_ref=ref),
        )
        if made is not None:
            self.keep(made, self.uses_of(made))

    def join(self, who: str, number: int, units: int) -> None:
        """Ask to wait for seats; refused to whoever waits already, and where there are never so many."""
        try:
            made = self.shop.book("course", who, training_id=number, people=units, waitlist=True)
        except errors.Invalid:
            db.db.session.rollback()
            self.refused["wait"] += 1
            return
        assert made.state in {"waitlisted", "offered"}, f"{self.where}: {made.state}"
        self.done["wait"] += 1

    def line(self, number: int) -> list[int]:
        """Return how many seats each wants who waits for a session, whose offer lapsed last."""
        rows = db.db.session.scalars(
            select(Booking)
            .where(Booking.session_id == number, Booking.state.in_(("waitlisted", "offered")))
            .order_by(Booking.waiting_since, Booking.id)
        ).all()
        lapsed = [row for row in rows if row.state == "offered" and not self.live(row.ref) and row.offers < 2]
        return [row.units for row in rows if row.state == "waitlisted"] + [row.units for row in lapsed]

    def served(self, number: int, left: int) -> int:
        """Return how many seats those get who are next in a strict line."""
        given = 0
        for units in self.line(number):
            if given + units > left:
                break
            given += units
        return given

    def line_left(self, number: int, left: int) -> bool:
        """Say whether anybody waits when all are served for whom there is room."""
        return self.served(number, left) < sum(self.line(number))

    def accept(self) -> None:
        """Accept what is offered, in time or too late."""
        booking = self.of("offered")
        if booking is None:
            return
        done = self.attempt(
            "accept",
            self.live(booking.ref),
            lambda: waiting.accept(actor=self.shop.user("manager"), ref=booking.ref),
            errors.DomainError,
        )
        if done is not None:
            self.model.until.pop(done.ref)
