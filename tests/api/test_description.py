"""The description against a validator of OpenAPI, and the application against the description."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import cycle
from typing import Any
from urllib.parse import parse_qsl

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

from devsys.app import routes
from devsys.core.model.access import Role
from devsys.core.model.tokens import SCOPES
from tests.api.test_matrix import PERIODS, SEEN, in_order, prepared, rightly

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


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


BASE = "http://127.0.0.1:8000/api/v1"
# Asked with by made-up requests: persons with all scopes, an integration with one alone. The coordinator, who may do
# most, asks as often as all others together.
PERSONS = (Role.COORDINATOR, Role.FACILITATOR, Role.LEAD, Role.EMPLOYEE)


@dataclass
class Fuzzed:
    """An application, who asks it (by the name of the kind of token), and what reaches something there."""

    app: Any
    secrets: dict[str, str]
    one: Any
    known: dict[str, str]
    turns: Iterator[str]
    asked: Counter[str] = field(default_factory=Counter)
    reached: set[str] = field(default_factory=set)

    def send(self, case: Any, who: str) -> None:
        """Send a request and look at what comes back: a documented status with what it says it gives."""
        headers = {"Authorization": f"Bearer {self.secrets[who]}"}
        # Under the address it is known by: under another every request is refused before anything is looked at.
        answer = case.call_and_validate(base_url=BASE, headers=headers, checks=CHECKS)
        self.asked[who] += 1
        if answer.status_code < 300:
            self.reached.add(case.operation.label)

    def rightly(self, operation: Any) -> None:
        """Ask for what the operation is for."""
        method, rule = operation.method.upper(), operation.path.replace("{", "<").replace("}", ">")
        values, body = rightly(self.one, method, rule, self.known)
        names = re.findall(r"<(\w+)>", rule)
        more = {"body": body, "media_type": "application/json"} if body else {}
        case = operation.Case(
            path_parameters={name: values[name] for name in names},
            query=dict(parse_qsl(PERIODS.get(rule, "").lstrip("?"))),
            headers=SEEN if method in {"PATCH", "PUT"} else {},
            **more,
        )
        self.send(case, Role.COORDINATOR.value)

    def made_up(self, operation: Any, mode: GenerationMode, examples: int) -> None:
        """Ask with values that fit or do not, in half of the requests for what is there."""

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
            for name in case.path_parameters or {}:
                if known and name in self.known:
                    case.path_parameters[name] = self.known[name]
            if known and case.method in {"PATCH", "PUT"}:
                case.headers = {**(case.headers or {}), **SEEN}
            self.send(case, next(self.turns))

        ask()


def fuzz(fuzzed: Fuzzed, examples: int) -> int:
    """Ask every operation rightly and with made-up values; give how many requests that were."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", fuzzed.app, base_url="http://127.0.0.1:8000")
    schema.config.update(base_url=BASE)
    found = sorted((o.ok() for o in schema.get_all_operations()), key=lambda o: in_order(o.method.upper(), o.path))
    for operation in found:
        fuzzed.rightly(operation)
    for operation in found:
        for mode in GenerationMode:
            fuzzed.made_up(operation, mode, examples)
    assert {o.label for o in found} - fuzzed.reached == set(), "an operation that nobody reached proves nothing"
    return fuzzed.asked.total()


@pytest.fixture
def fuzzed(house, program, parts):
    many = parts.settings.model_copy(update={"api_requests": 100_000})
    house.extensions["devsys"] = replace(parts, settings=many)
    secrets = {role.value: program(role).secret for role in PERSONS}
    secrets |= {scope: program(Role.ADMINISTRATOR, (scope,), "integration").secret for scope in SCOPES}
    one = program(Role.COORDINATOR)
    others = [name for name in secrets if name != Role.COORDINATOR]
    turns = cycle([name for other in others for name in (Role.COORDINATOR.value, other)])
    return Fuzzed(house, secrets, one, prepared(one, parts), turns)


def test_nothing_made_up_breaks_it(fuzzed, proved):
    asked = fuzz(fuzzed, 5)
    assert asked >= 500
    assert len(fuzzed.asked) == len(PERSONS) + len(SCOPES)
    proved(requests=asked, operations=len(fuzzed.reached), kinds=len(fuzzed.asked))


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_nothing_made_up_breaks_it_for_long(fuzzed, proved):
    asked = fuzz(fuzzed, 260)
    assert asked >= 20_000
    assert min(fuzzed.asked.values()) >= 200
    proved(requests=asked, operations=len(fuzzed.reached), kinds=len(fuzzed.asked))
