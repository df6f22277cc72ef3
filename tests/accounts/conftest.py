"""People of an application with the schema and nothing else."""

import pytest
from flask import Flask

from tests.support.people import People


@pytest.fixture
def people(app: Flask) -> People:
    """Those who use `app`."""
    return People(app)
