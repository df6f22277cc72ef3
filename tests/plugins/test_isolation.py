"""A broken plugin is quarantined whole, with a reason that helps; the site and the other plugins go on."""

import pytest

from core.plugins.errors import PluginError
from tests.plugins.conftest import Instance, record

FEATURE = """
@hookimpl
def render_region(region, base):
    return Markup("<p>still here</p>") if region == "base_aside" else None
"""

OWN_BASE = """
class Model(DeclarativeBase):
    metadata = metadata

@hookimpl
def declare_models():
    return Model
"""

BLUEPRINT = """
pages = Blueprint("broken", __name__)
pages.add_url_rule("/a", "a", lambda: "a")

@hookimpl
def declare_blueprints():
    return [pages]
"""

TABLE = """
class A(Model):
    __tablename__ = "broken_a"
    id: Mapped[int] = mapped_column(primary_key=True)
"""

BROKEN = {
    "a syntax error": ("def (:", "SyntaxError"),
    "an exit": ("import sys; sys.exit(3)", "SystemExit: 3"),
    "an exception": ("1 / 0", "ZeroDivisionError: division by zero (__init__.py, line"),
    "a missing module": ("import no_such_module", "No module named 'no_such_module'"),
    "a misspelt hook": (
        "@hookimpl\ndef notify_bookings(change): ...",
        "there is no hook 'notify_bookings'; is 'notify_booking' meant?",
    ),
    "an unknown argument": ("@hookimpl\ndef notify_booking(chang): ...", "Argument(s) {'chang'}"),
    "a wrapper": (
        "@hookimpl(wrapper=True)\ndef decide_booking(request):\n    return (yield)",
        "wrappers around other plugins' hooks",
    ),
    "a raising declaration": (
        "@hookimpl\ndef declare_blueprints():\n    raise RuntimeError('oh')",
        "hook declare_blueprints raised RuntimeError: oh",
    ),
    "a declaration of the wrong type": (
        "@hookimpl\ndef declare_blueprints():\n    return ['page']",
        "hook declare_blueprints: declare_blueprints()[0] is 'page' (str), expected Blueprint",
    ),
    "a feature with resources": (
        "@hookimpl\ndef declare_resources():\n    return [ResourceDeclaration(slug='a', name='a', kind='a')]",
        "a plugin of kind feature declares no base, resources, booking kinds or content types",
    ),
    "a blueprint that fails midway": (
        BLUEPRINT + "pages.record(lambda state: 1 / 0)",
        "blueprint 'broken' cannot be registered: ZeroDivisionError",
    ),
    "a blueprint with a name of the core": (
        "@hookimpl\ndef declare_blueprints():\n    return [Blueprint('booking', __name__)]",
        "blueprint 'booking': its name must be 'broken' or begin with broken_",
    ),
    "an address of the core": (
        BLUEPRINT.replace("/a", "/calendar"),
        "address /bases/broken/calendar belongs to the core",
    ),
    "an address that hides the core's": (
        BLUEPRINT.replace("/a", "/<word>.ics"),
        "address /bases/broken/<word>.ics: what follows /bases/broken/ must be a word",
    ),
    "the address of static files": (
        BLUEPRINT.replace("/a", "/static/a"),
        "address /bases/broken/static/a belongs to the core",
    ),
    "a filter in all templates": (
        BLUEPRINT + "pages.add_app_template_filter(lambda value: 'hijacked', 'moment')",
        "add 'moment' to the filters of all templates: begin it with broken_",
    ),
    "a blueprint that fails only on the site": (
        BLUEPRINT + "pages.record(lambda state: 1 / (state.app.name != 'core'))",
        "blueprint 'broken' cannot be registered: ZeroDivisionError",
    ),
    "several lines": ("raise RuntimeError('first\\nsecond')", "RuntimeError: first (__init__.py"),
    "a column in a table of the core": (
        "import sqlalchemy as sa\nsa.Table('booking', metadata, sa.Column('evil', sa.Integer), extend_existing=True)",
        "table booking belongs to another: a plugin makes tables of its own",
    ),
    "a model of a table of the core": (
        OWN_BASE + "class A(Model):\n    __table__ = metadata.tables['booking']",
        "A: table booking belongs to another",
    ),
    "a foreign key to nothing": (
        OWN_BASE + "class A(Model):\n    __tablename__ = 'broken_a'\n"
        "    id: Mapped[int] = mapped_column(ForeignKey('booking_nothing.id', ondelete='CASCADE'), primary_key=True)",
        "broken_a.id: there is no table booking_nothing",
    ),
    "a foreign key to another plugin": (
        OWN_BASE + "class A(Model):\n    __tablename__ = 'broken_a'\n"
        "    id: Mapped[int] = mapped_column(ForeignKey('competition_draw.id', ondelete='CASCADE'), primary_key=True)",
        "broken_a.id: a foreign key leads to its own tables or the core's, not competition_draw",
    ),
    "a hand in every page": (
        BLUEPRINT + "pages.before_app_request(lambda: None)",
        "add to before_request_funcs of every page",
    ),
    "a stranger's table": (
        OWN_BASE + "class A(Model):\n    __tablename__ = 'a'\n    id: Mapped[int] = mapped_column(primary_key=True)",
        "table a: the names of its tables must begin with broken_",
    ),
    "a relationship to nothing": (
        OWN_BASE + "class A(Model):\n    __tablename__ = 'broken_a'\n"
        "    id: Mapped[int] = mapped_column(primary_key=True)\n    other = relationship('Nothing')",
        "its models cannot be mapped",
    ),
    "a foreign key without a rule": (
        OWN_BASE + "class A(Model):\n    __tablename__ = 'broken_a'\n"
        "    id: Mapped[int] = mapped_column(ForeignKey('booking.id'), primary_key=True)",
        "broken_a.id: a foreign key to booking needs an explicit ondelete",
    ),
    "a backref onto the core": (
        "from core.booking.models import Booking\n" + OWN_BASE + "class A(Model):\n    __tablename__ = 'broken_a'\n"
        "    id: Mapped[int] = mapped_column(ForeignKey('booking.id', ondelete='CASCADE'), primary_key=True)\n"
        "    booking = relationship(Booking, backref='broken')",
        "A.booking: no backref",
    ),
    "tables without migrations": (
        OWN_BASE
        + "class A(Model):\n    __tablename__ = 'broken_a'\n    id: Mapped[int] = mapped_column(primary_key=True)",
        "it has tables but no migrations/",
    ),
    "models on the core's base": (
        "@hookimpl\ndef declare_models():\n    return db.Model",
        "must return a DeclarativeBase of the plugin's own",
    ),
}


@pytest.mark.parametrize(("code", "reason"), BROKEN.values(), ids=BROKEN)
def test_what_is_broken_is_quarantined_with_its_reason(instance: Instance, code: str, reason: str) -> None:
    instance.drop("broken", code)
    instance.drop("sound", FEATURE)
    app = instance.start()
    assert record(app, "broken").state == "failed"
    assert reason in record(app, "broken").reason
    assert record(app, "sound").state == "active"
    assert app.test_client().get("/bases/broken/a").status_code == 404
    assert app.test_client().get("/").status_code == 200
    assert "still here" in app.test_client().get("/bases/cnc/").text


def test_a_broken_catalogue_is_quarantined_before_any_page_reads_it(instance: Instance) -> None:
    instance.drop("broken", files={"translations/zh/LC_MESSAGES/messages.mo": "no catalogue at all"})
    assert "UnicodeDecodeError" in (reason := record(instance.start(), "broken").reason) or "magic" in reason


def test_a_folder_without_code_says_so(instance: Instance) -> None:
    (instance.drop("broken") / "__init__.py").unlink()
    assert record(instance.start(), "broken").reason == "its folder holds no __init__.py"


def test_a_mended_plugin_works_after_a_restart(instance: Instance) -> None:
    instance.drop("broken", OWN_BASE + "class A(Model):\n    __tablename__ = 'a'\n")
    assert record(instance.start(), "broken").state == "failed"
    instance.drop("broken", FEATURE)
    assert record(instance.start(), "broken").state == "active"


def test_strict_raises_what_would_be_quarantined(instance: Instance) -> None:
    instance.drop("broken", "1 / 0")
    with pytest.raises(PluginError, match=r"plugin broken .*ZeroDivisionError"):
        instance.start(JIDI_STRICT="1")


def test_safe_mode_starts_the_core_alone(instance: Instance) -> None:
    instance.drop("broken", "1 / 0")
    app = instance.start(upgraded=False, JIDI_SAFE_MODE="1")
    assert record(app, "broken").state == record(app, "cnc").state == "disabled"
    assert record(app, "cnc").reason == "not loaded: JIDI_SAFE_MODE is set"
    assert app.test_client().get("/").status_code == 200
    assert app.test_client().get("/bases/cnc/").status_code == 404


def test_only_the_plugins_named_are_loaded(instance: Instance) -> None:
    instance.drop("broken", "1 / 0")
    app = instance.start(upgraded=False, JIDI_PLUGINS="cnc")
    assert record(app, "cnc").state == "active"
    assert record(app, "broken").reason == "not loaded: JIDI_PLUGINS does not name it"
    assert not record(app, "broken").loaded
