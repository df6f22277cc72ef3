"""A booking being written: the form, what it would take, and what stood against it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from wtforms.validators import StopValidation

from core import clock
from core.accounts.models import User
from core.accounts.roles import allows
from core.bases.models import Base
from core.booking import holding, kinds, making, quotas
from core.booking.errors import ResourceTaken
from core.booking.models import Booking
from core.booking.pages import agreement_words, asking, choosing, keeping, lines, offers
from core.booking.pages.slot import Slot
from core.booking.rules import Rules
from core.errors import DomainError, Forbidden, Invalid, NotFound
from core.intake import answers
from core.intake.controls import UploadField
from core.intake.forms import IntakeForm
from core.organisations.models import Organisation
from core.plugins.declarations import BookingKind

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict


@dataclass(kw_only=True)
class Draft(Slot):
    """One person's booking before it is made.

    Attributes:
        organisations: those it can be for.
        on_behalf: whether a manager writes it for an organisation.
        session: the session chosen, or None.
        sessions: (session kinds) those that can be chosen.
        fresh: whether nothing was sent yet.
        only_adjusted: whether a button only changed what is chosen.
        kept: the place that is kept for the actor while the form is filled in, if any.
        expected: for how many a place is kept.
        not_kept: why the place just asked for could not be kept, or "".
        hold_over: whether a place was kept for this form, and the time is over.
    """

    organisations: Sequence[Organisation]
    on_behalf: bool
    form: IntakeForm
    session: offers.SessionOffer | None
    sessions: Sequence[offers.SessionOffer]
    fresh: bool
    only_adjusted: bool = False
    kept: keeping.Kept | None = None
    expected: int = 1
    not_kept: str = ""
    hold_over: bool = False

    @classmethod
    def open(
        cls, actor: User, base: Base, kind: BookingKind, *, given: Mapping[str, str], sent: "MultiDict[str, Any] | None"
    ) -> "Draft":
        """Open the form for an actor.

        Args:
            given: the address's query.
            sent: what was sent, files included; None for a fresh form.

        Raises:
            Forbidden: the actor may book for nobody here.
            NotFound: the session asked for is not there.
        """
        organisations = offers.may_book_for(actor, base)
        resources = offers.serving(base, kind) if kind.mode == "slot" else {}
        only_adjusted = sent is not None and choosing.adjusted(kind, sent)
        rules = _rules(base, kind, organisations, sent or given)
        form = asking.booking_form(
            kind, base, rules, organisations=organisations, choices=resources, sent=sent, given=given
        )
        if only_adjusted:
            _keep_files(form)
        wanted = given.get("session", "")
        kept = keeping.kept(actor, kinds.offered(base, kind.slug).row.id)
        return cls(
            base=base,
            kind=kind,
            organisations=organisations,
            on_behalf=allows(actor, "booking.on_behalf", base_id=base.id),
            rules=rules,
            form=form,
            session=offers.session_offer(base, int(wanted)) if kind.mode == "session" and wanted.isdecimal() else None,
            sessions=offers.sessions_on_offer(base, kind.slug) if kind.mode == "session" else [],
            resources=resources,
            fresh=sent is None,
            only_adjusted=only_adjusted,
            kept=kept,
            besides=kept.id if kept else None,
            expected=keeping.expected(sent or {}, 0),
            hold_over=sent is not None and bool(sent.get(keeping.REF)) and kept is None,
        )

    def keep(self, actor: User, sent: Mapping[str, Any]) -> None:
        """Keep what is chosen while the form is filled in, or keep it longer; say it if that cannot be."""
        try:
            if sent[keeping.KEEP] == "extend":
                keeping.extend(actor, sent)
            else:
                self._hold(actor, sent)
        except (NotFound, Forbidden):
            raise
        except DomainError as error:
            self.not_kept = keeping.why_not(error)
        self.kept = keeping.kept(actor, kinds.offered(self.base, self.kind.slug).row.id)
        self.besides = self.kept.id if self.kept else None

    def _hold(self, actor: User, sent: Mapping[str, Any]) -> None:
        wish = self.wish
        if self.organisation is None:
            raise Invalid({asking.ORGANISATION: _("Please choose the organisation.")})
        if wish is not None and (wish.start is None or wish.end is None):
            raise Invalid({"start": _("Please choose a time.")})
        self.expected = keeping.expected(sent, self._units())
        holding.hold(
            actor=actor,
            organisation_id=self.organisation.id,
            base=self.base,
            kind=self.kind,
            training_id=self.session.session.id if self.session else None,
            start=wish.start if wish else None,
            end=wish.end if wish else None,
            picks=self.picks,
            units=self.expected if self.kind.units_field else 1,
        )

    def submit(self, actor: User, *, waitlist: bool = False) -> Booking:
        """Make the booking from a form that has been validated, of the place that is kept for the actor, if any.

        Args:
            waitlist: whether to wait for what is taken.

        Raises:
            As `making.book`.
        """
        try:
            return self._book(actor, waitlist=waitlist)
        except ResourceTaken:
            # Sent in the moment in which the page asked for the hold: it was not there yet when the form was read.
            before = self.kept
            self.kept = keeping.kept(actor, kinds.offered(self.base, self.kind.slug).row.id)
            if self.kept is None or (before is not None and before.ref == self.kept.ref):
                raise
            return self._book(actor, waitlist=waitlist)

    def _book(self, actor: User, *, waitlist: bool) -> Booking:
        wish = self.wish
        return making.book(
            actor=actor,
            organisation_id=self.form[asking.ORGANISATION].data,
            base=self.base,
            kind=self.kind,
            cleaned=answers.clean(self.form),
            training_id=self.session.session.id if self.session else None,
            start=wish.start if wish else None,
            end=wish.end if wish else None,
            picks=self.picks,
            retry_key=self.form[asking.RETRY].data,
            hold_ref=self.kept.ref if self.kept else None,
            waitlist=waitlist,
        )

    @property
    def waits(self) -> bool:
        """Whether the session chosen is full, and one can wait for it."""
        return self.session is not None and self.session.status == "full" and bool(self.rules.waiting)

    @property
    def waitable(self) -> bool:
        """Whether one can wait for what was taken when it was sent."""
        return self.clash is not None and self.clash.can_wait

    @property
    def policy(self) -> str:
        """In which order places are offered to those who wait."""
        return lines.policy(self.rules.waiting)

    @property
    def keeps(self) -> bool:
        """Whether a place is kept while the form is filled in."""
        return bool(self.rules.hold_for) and not self.waits

    @property
    def keeps_at_once(self) -> bool:
        """Whether the session chosen is to be kept as soon as the form is shown."""
        here = self.session.session.id if self.session else None
        return self.fresh and here is not None and (self.kept is None or self.kept.session_id != here)

    @property
    def hold_fields(self) -> str:
        """Names of the fields that are sent to keep a place: nothing of what was filled in about people."""
        names = ["csrf_token", asking.ORGANISATION, keeping.UNITS, keeping.REF, asking.DAY, asking.START, asking.END]
        names += [asking.PERIOD, *(asking.pick_name(position) for position in range(len(self.kind.legs)))]
        return ",".join([keeping.KEEP, *names, *([self.kind.units_field] if self.kind.units_field else [])])

    @property
    def needs_session(self) -> bool:
        """Whether a session has to be chosen before there is anything to fill in."""
        if self.kind.mode == "slot":
            return False
        if self.session is None:
            return True
        # What was sent is never thrown away: the service says what has become of the session since.
        usable = {"open", "full"} if self.rules.waiting else {"open"}
        return self.fresh and self.session.status not in (usable | {"late"} if self.on_behalf else usable)

    @property
    def has_files(self) -> bool:
        """Whether the form has a file to upload."""
        return any(isinstance(entry, UploadField) for entry in self.form)

    @property
    def organisation(self) -> Organisation | None:
        """The organisation chosen."""
        if len(self.organisations) == 1:
            return self.organisations[0]
        chosen = self.form[asking.ORGANISATION].data
        return next((entry for entry in self.organisations if entry.id == chosen), None)

    @property
    def quota(self) -> agreement_words.Ahead | None:
        """How the organisation stands: what this would use of its quotas, and what would be left."""
        if self.organisation is None:
            return None
        start: datetime
        end: datetime | None
        if self.session is not None:
            start, end = self.session.session.start_at, self.session.session.end_at
        elif wish := self.wish:
            start, end = wish.start or clock.at(wish.day, time(12)), wish.end if wish.start else None
        else:
            return None
        use = quotas.use(
            self.rules,
            organisation_id=self.organisation.id,
            base=self.base,
            kind=self.kind.slug,
            start=start,
            end=end,
            units=self._units(),
        )
        return agreement_words.ahead(use)

    @property
    def afterwards(self) -> str:
        """What happens after it is sent."""
        if self.rules.needs_approval:
            return str(_("The base's manager decides, and you get a message. Your place is kept from now on."))
        return str(_("Your booking is confirmed at once, if everything is still free."))

    def _units(self) -> int:
        """Return how many are booked for as far as the form says; 0 while it does not."""
        if not self.kind.units_field:
            return 1
        given = self.form[self.kind.units_field].data
        if isinstance(given, list):
            return sum(any(row.values()) for row in given)
        return max(0, given) if isinstance(given, int) else 0


def _rules(base: Base, kind: BookingKind, organisations: Sequence[Organisation], chosen: Mapping[str, Any]) -> Rules:
    """Return the rules for the organisation chosen, or for the only one there is."""
    asked = str(chosen.get(asking.ORGANISATION, ""))
    found = [entry for entry in organisations if str(entry.id) == asked] or organisations
    return kinds.offered(base, kind.slug).rules(found[0] if len(found) == 1 else None)


def _keep_files(form: IntakeForm) -> None:
    """Keep the files that came with a button that only changed what is chosen; a bad one is told when it is sent."""
    for entry in form:
        if isinstance(entry, UploadField):
            try:
                entry.pre_validate(form)
            except StopValidation:
                continue
