"""The API's description as an OpenAPI 3.1 document, `/api/v1/openapi.json`."""

from collections.abc import Sequence
from functools import cache
from http import HTTPStatus
from typing import Any

from apiflask import APIBlueprint, APIFlask
from flask import Blueprint, Flask, Response, current_app, jsonify

from core.api_schemas import Problem
from core.web.api.authentication import PREFIX

REFUSED = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}

bp = Blueprint("api", __name__, url_prefix=PREFIX.rstrip("/"))

ALWAYS = ("400", "401", "429", "500", "503")
"""Refusals that every call can answer with."""


class Described(APIFlask):
    """An application whose description names each schema once.

    APIFlask forgets those that were described inside another, as the entries of a list are.
    """

    def _register_schema_and_get_ref(
        self, spec: Any, registered_schema_classes: dict[int, str], schema_obj: Any
    ) -> Any:
        for known, name in self._ma_plugin.converter.refs.items():  # type: ignore[union-attr]
            registered_schema_classes.setdefault(id(known[0]), name)
        return super()._register_schema_and_get_ref(spec, registered_schema_classes, schema_obj)


@bp.get("/openapi.json")
def openapi() -> Response:
    """Return the description of the whole API."""
    return jsonify(current_app.extensions["jidi_openapi"]())


def init_app(app: Flask, blueprints: Sequence[APIBlueprint]) -> None:
    """Describe the API's blueprints, once they are asked about: the document costs much and never changes.

    An application of its own describes them: the site's has blueprints for pages too, at which APIFlask stumbles.
    """

    @cache
    def described() -> Any:
        alone = Described("core", title="Jidi", version="1", spec_path=None, docs_path=None)
        alone.config.update(OPENAPI_VERSION="3.1.0", HTTP_ERROR_SCHEMA=Problem, AUTO_VALIDATION_ERROR_RESPONSE=False)
        alone.security_schemes = {"token": {"type": "http", "scheme": "bearer"}}
        alone.spec_processor(_finish)
        for blueprint in blueprints:
            alone.register_blueprint(blueprint)
        return alone.spec

    app.extensions["jidi_openapi"] = described


def _finish(spec: Any) -> Any:
    """Say what APIFlask leaves out: a body that is described is required, and every refusal is a problem document."""
    for operations in spec["paths"].values():
        for operation in operations.values():
            if not isinstance(operation, dict):
                continue
            if "requestBody" in operation:
                operation["requestBody"]["required"] = True
            for status in (*ALWAYS, *(status for status in operation["responses"] if status >= "400")):
                text = HTTPStatus(int(status)).phrase
                operation["responses"][status] = {"description": text, "content": REFUSED}
    return spec
