"""The description against a validator of OpenAPI, and the application against the description."""

from dataclasses import replace
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from devsys.actions import adopt_programme
from devsys.app import routes
from devsys.core.model.access import Role
from tests import builders
from tests.builders import id_of

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
# Addresses that reach something, asked as often as made-up ones.
KNOWN = {
    "person_id": id_of("ana.correia"),
    "session_id": id_of("session round-1"),
    "code": "case_rounds",
    "draft_id": id_of("draft draft"),
}


def test_the_document_is_openapi_and_names_every_route(client, app):
    found = client.get("/api/v1/openapi.json").json
    OpenAPIV31SpecValidator(found).validate()
    told = {(m.upper(), path) for path, ops in found["paths"].items() for m in ops}
    there = {
        (method, rule.removeprefix("/api/v1").replace("<", "{").replace(">", "}"))
        for method, rule, _, permission in routes(app)
        if rule.startswith("/api/v1") and not permission.public
    }
    assert told == there
    assert len(told) > 15


def test_every_operation_tells_how_it_may_be_refused(client):
    for ops in client.get("/api/v1/openapi.json").json["paths"].values():
        for method, op in ops.items():
            more = {"304"} if method == "get" else {"409", "413", "415"}
            more |= {"412", "428"} if method in {"patch", "put"} else set()
            assert {"400", "401", "403", "404", "422", "429", "500", "503", *more} <= set(op["responses"])


def fuzz(app: Any, secret: str, examples: int) -> int:
    """Ask every operation with made-up values that fit and that do not; give how many requests that were."""
    asked = 0
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app, base_url="http://127.0.0.1:8000")
    schema.config.update(base_url="http://127.0.0.1:8000/api/v1")

    def one(operation: Any, mode: GenerationMode) -> None:
        @seed(7)
        @settings(
            max_examples=examples,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode), known=st.booleans())
        def ask(*, case: Any, known: bool) -> None:
            nonlocal asked
            for name in case.path_parameters or {}:
                if known and name in KNOWN:
                    case.path_parameters[name] = KNOWN[name]
            asked += 1
            case.call_and_validate(headers={"Authorization": f"Bearer {secret}"}, checks=CHECKS)

        ask()

    for found in schema.get_all_operations():
        for mode in GenerationMode:
            one(found.ok(), mode)
    return asked


@pytest.fixture
def fuzzed(app, program, parts):
    adopt_programme.adopt_shipped(parts)
    builders.publish_now(parts, builders.a_session())
    builders.a_draft(parts, builders.a_session("round-2"), code="open")
    many = parts.settings.model_copy(update={"api_requests": 100_000})
    app.extensions["devsys"] = replace(parts, settings=many)
    return app, program(Role.COORDINATOR).secret


def test_nothing_made_up_breaks_it(fuzzed):
    assert fuzz(*fuzzed, 8) > 280


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_nothing_made_up_breaks_it_for_long(fuzzed):
    assert fuzz(*fuzzed, 500) > 15_000
