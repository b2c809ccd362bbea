"""Tokens for tests: somebody who asks by a program."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from devsys.actions import adopt_programme, api_tokens
from devsys.adapters.store.queries import accounts
from devsys.core.model.access import Role
from devsys.core.model.tokens import SCOPES
from tests import builders
from tests.builders import id_of


@dataclass
class Program:
    """A program with a token."""

    client: Any
    secret: str

    def ask(self, method: str, path: str, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.secret}", **more.pop("headers", {})}
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **more)

    def get(self, path: str, **more: Any) -> Any:
        return self.ask("GET", path, **more)

    def post(self, path: str, said: Any, **more: Any) -> Any:
        return self.ask("POST", path, json=said, **more)


@pytest.fixture
def program(client, parts, organisation) -> Callable[..., Program]:
    """Give a program with the eyes of who plays a role."""
    assert organisation.people
    made: list[int] = []

    def make(role: Role, scopes: tuple[str, ...] = SCOPES, kind: Any = "person", days: int = 90) -> Program:
        with parts.store.read() as db:
            viewer = accounts.viewer_of(db, id_of(builders.CAST[role]))
        made.append(1)
        return Program(client, api_tokens.make(parts, viewer, api_tokens.Wanted(f"t{len(made)}", scopes, days), kind))

    return make


@pytest.fixture
def house(app, parts, organisation, clock):
    """Northgate with two published sessions that have begun, coaching ahead, an open draft, a run."""
    assert organisation.people
    adopt_programme.adopt_shipped(parts)
    led = {"facilitator": "tiago.lopes", "starts": datetime(2026, 1, 20, 14, 0)}
    other = {"facilitator": "rajesh.karki", "people": ("bikash.gurung",), "team": "patan", "site": "kathmandu"}
    builders.publish_now(
        parts,
        builders.a_session("round-1", **led),
        builders.a_session("ahead", **{**led, "starts": datetime(2026, 3, 10, 14, 0)}),
        builders.a_session("other", starts=datetime(2026, 1, 20, 10, 0), room="himal", **other),
    )
    clock.move(days=20)
    builders.a_draft(parts, builders.a_session("round-2", starts=datetime(2026, 3, 3, 14, 0)), code="open")
    return app
