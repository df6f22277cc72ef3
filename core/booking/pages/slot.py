"""When and with what, as a form says it so far: for a booking being written, and for one being moved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_wtf import FlaskForm

from core.bases.models import Base
from core.booking.errors import ResourceTaken, RuleBroken
from core.booking.models import Resource
from core.booking.pages import asking, dayplan
from core.booking.pages.forms import refuse
from core.booking.pages.words import listed
from core.booking.rules import Rules
from core.errors import DomainError, Invalid
from core.plugins.declarations import BookingKind


@dataclass(frozen=True)
class Stretch:
    """What one leg really takes: its name, and the moments at which set-up, use, clean-up begin and all ends."""

    name: str
    begins: datetime
    start: datetime
    end: datetime
    ends: datetime


@dataclass(kw_only=True)
class Slot:
    """What a form says of when and with what.

    Attributes:
        base, kind: what, and where.
        rules: the kind's rules for the organisation.
        form: the whole form.
        resources: (slot kinds) what can serve each leg, by position.
        clash: what was taken when it was sent.
        besides: id of a booking whose own place counts as free: it is kept for who asks, or is being moved.
    """

    base: Base
    kind: BookingKind
    rules: Rules
    form: FlaskForm
    resources: Mapping[int, Sequence[Resource]]
    clash: ResourceTaken | None = None
    besides: int | None = None

    def refused(self, error: DomainError) -> None:
        """Show at the fields why it was not done."""
        if isinstance(error, ResourceTaken):
            self.clash = error
        elif isinstance(error, Invalid):
            refuse(self.form, error.problems, asking.service_names(self.kind))
        elif isinstance(error, RuleBroken):
            for problem in error.problems:
                refuse(self.form, {problem.field: problem.message})
        else:
            refuse(self.form, {"": error.message})

    @property
    def wish(self) -> asking.Wish | None:
        """When it is wanted, for slot kinds."""
        return asking.wish(self.kind, self.form) if self.kind.mode == "slot" else None

    @property
    def picks(self) -> dict[int, tuple[int, ...]]:
        """The resources picked, by position of the leg."""
        return asking.picks(self.kind, self.form) if self.kind.mode == "slot" else {}

    @property
    def plan(self) -> dayplan.Plan | None:
        """What is free on the day chosen, for slot kinds."""
        wish = self.wish
        if wish is None:
            return None
        return dayplan.plan(
            self.kind,
            self.base,
            self.rules,
            resources=self.resources,
            wish=wish,
            picks=self.picks,
            but=() if self.besides is None else (self.besides,),
        )

    @property
    def stretches(self) -> list[Stretch]:
        """What each leg with set-up or clean-up really takes, once a time is chosen."""
        wish = self.wish
        if wish is None or wish.start is None or wish.end is None or wish.end <= wish.start:
            return []
        stretches = []
        for position, leg in enumerate(self.kind.legs):
            picked = self._picked(position)
            before = max([leg.before, *(resource.setup for resource in picked)])
            after = max([leg.after, *(resource.cleanup for resource in picked)])
            if before or after:
                name = listed(resource.name for resource in picked) or str(leg.label)
                stretches.append(Stretch(name, wish.start - before, wish.start, wish.end, wish.end + after))
        return stretches

    @property
    def chosen(self) -> list[str]:
        """The names of what is chosen, leg by leg."""
        return [self._name(position) for position in range(len(self.kind.legs))]

    def _name(self, position: int) -> str:
        picked, leg = self._picked(position), self.kind.legs[position]
        names = listed(resource.name for resource in picked)
        if picked and len(picked) < leg.count:
            return str(_("%(names)s and %(count)s more that are free", names=names, count=leg.count - len(picked)))
        return names or asking.any_free(leg)

    def _picked(self, position: int) -> list[Resource]:
        picked = self.picks.get(position, ())
        return [resource for resource in self.resources[position] if resource.id in picked]
