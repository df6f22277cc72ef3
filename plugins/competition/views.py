"""Pages of the workstation draw."""

from datetime import datetime

from flask import Blueprint, redirect, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import DateTimeLocalField, StringField
from wtforms.validators import InputRequired, Length, Optional

from core.plugin_api import ZONE, Invalid, may, render_page
from core.plugin_api import lazy_gettext as _l

from . import drawing

bp = Blueprint("competition", __name__)

SEED_RULE = _l("A seed has 6 to 80 characters. Let several teams name a number each and join them.")


class SeedForm(FlaskForm):
    """The seed of a draw, as it was named in public."""

    seed = StringField(
        _l("Seed"),
        [
            InputRequired(SEED_RULE),
            Length(6, 80, SEED_RULE),
        ],
        filters=[lambda text: (text or "").strip()],
        description=_l("Let several teams name a number each, in front of all, and join them: for instance 31-08-77."),
    )


class TimeForm(FlaskForm):
    """When the draw takes place in public; empty: it is not said."""

    start = DateTimeLocalField(
        _l("When the draw takes place"),
        [Optional()],
        format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        description=_l("It stands in the calendar of the base. Leave it empty to take it back."),
    )

    def moment(self) -> datetime | None:
        """Return the moment that the wall clock at the base shows."""
        return self.start.data.replace(tzinfo=ZONE) if self.start.data else None


@bp.get("/draws/")
def draws() -> str:
    """Show the competitions and whether their workstations are drawn."""
    return render_page("competition/draws.html", "competition", events=drawing.events())


@bp.get("/draws/<int:session_id>")
def draw(session_id: int) -> str:
    """Show the order of one competition, its seed, and how to verify it."""
    return _page(session_id)


@bp.post("/draws/<int:session_id>")
def make(session_id: int) -> Response | tuple[str, int]:
    """Draw the workstations with the seed that was named in public."""
    form = SeedForm()
    if form.validate():
        try:
            drawing.draw(session_id, str(form.seed.data))
        except Invalid as error:
            form.form_errors.extend(error.problems.values())
        else:
            return redirect(url_for("competition.draw", session_id=session_id))
    return _page(session_id, form), 422


@bp.post("/draws/<int:session_id>/time")
def set_time(session_id: int) -> Response | tuple[str, int]:
    """Set when the draw takes place in public, or take that back."""
    form = TimeForm()
    if form.validate():
        try:
            drawing.set_time(session_id, form.moment())
        except Invalid as error:
            form.start.errors = [*form.start.errors, *map(str, error.problems.values())]
        else:
            return redirect(url_for("competition.draw", session_id=session_id))
    return _page(session_id, time_form=form), 422


def _page(session_id: int, form: SeedForm | None = None, time_form: TimeForm | None = None) -> str:
    event = drawing.event(session_id)
    set_to = event.time.start.astimezone(ZONE).replace(tzinfo=None) if event.time else None
    return render_page(
        "competition/draw.html",
        "competition",
        event=event,
        starts=drawing.starts(event.draw) if event.draw else [],
        may_draw=event.draw is None and may("session.manage", "competition"),
        form=form or SeedForm(formdata=None),
        time_form=time_form or TimeForm(formdata=None, data={"start": set_to}),
    )
