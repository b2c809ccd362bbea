"""An operation: its route, what it asks for, what it takes and gives; the one place that does all of it in order.

Let in by a token, look at what the token is made for, at what its owner may do (policy), at how often it asked; read
parameters and body strictly; find an answer kept under the same idempotency key; call the function; answer as JSON.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Final, cast

from flask import Blueprint, Response, current_app, g, request
from pydantic import BaseModel, ConfigDict

from devsys.actions.api_tokens import let_in
from devsys.adapters.store.queries import tokens
from devsys.base.errors import NotFoundError
from devsys.base.ids import token_hash
from devsys.core.model.tokens import Bearer
from devsys.core.policy import Action, Permission, Record, allow
from devsys.faces.api import reading, seen
from devsys.faces.api.errors import ProblemError
from devsys.faces.api.rates import Rates
from devsys.faces.web.here import Here, parts

RATES: Final = "devsys-api-rates"
KEY: Final = "Idempotency-Key"
_KEY_LENGTH: Final = 100
SAFE: Final = frozenset({"GET"})


class In(BaseModel):
    """What comes in: nothing undeclared."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Out(BaseModel):
    """What goes out."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NoQuery(In):
    """No parameters."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation, as the description tells it."""

    id: str
    method: str
    path: str
    group: str
    permission: Permission
    summary: str
    description: str
    query: type[BaseModel]
    body: type[BaseModel] | None
    gives: type[BaseModel] | None
    status: int
    rests: bool  # on what was seen: it takes If-Match

    @property
    def scope(self) -> str:
        """What a token needs."""
        return f"{self.group}:{'read' if self.method in SAFE else 'write'}"


@dataclass(slots=True)
class Noun:
    """The operations on one noun."""

    name: str
    group: str
    blueprint: Blueprint = field(init=False)
    operations: list[Operation] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make its blueprint."""
        self.blueprint = Blueprint(f"api_{self.name}", __name__, url_prefix="/api/v1")

    def op(
        self,
        method: str,
        path: str,
        record: Record,
        action: Action = "read",
        *,
        query: type[BaseModel] = NoQuery,
        body: type[BaseModel] | None = None,
        gives: type[BaseModel] | None = None,
        status: int = 200,
        group: str = "",
        rests: bool = False,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare an operation: the function gets the path's values, then `asked` and `given` where they are declared.

        It gives the model, or nothing for 204. One that `rests` on what was seen asks seen.must_stand itself.
        """

        def declare(function: Callable[..., Any]) -> Callable[..., Any]:
            words = (function.__doc__ or "").strip().split("\n\n", 1)
            made = Operation(
                f"{self.name}.{function.__name__}",
                method,
                path,
                group or self.group,
                Permission(record, action),
                words[0],
                words[1] if len(words) > 1 else "",
                query,
                body,
                gives,
                status,
                rests,
            )
            self.operations.append(made)

            @wraps(function)
            def view(**values: str) -> Response:
                return _run(made, function, values)

            self.blueprint.add_url_rule(
                path,
                function.__name__,
                allow(record, action)(view),
                methods=[method],
                provide_automatic_options=False,
            )
            return function

        return declare


def bearer() -> Bearer:
    """Give who asks."""
    return cast(Bearer, g.bearer)


def _enter(op: Operation) -> None:
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    found = let_in(parts(), secret) if kind.lower() == "bearer" and secret.isascii() else None
    if found is None:
        raise ProblemError(
            "no-token", "Send a living token as Authorization: Bearer. One is made on the page of your account."
        )
    g.bearer = found
    g.here = Here(parts().now(), None, asker=found.viewer)
    most = parts().settings.api_requests
    wait = cast(Rates, current_app.extensions[RATES]).wait(found.token_id, most, g.here.now)
    if wait:
        raise ProblemError("too-many", f"A token may ask {most} times a minute.", retry=wait)
    if op.scope not in found.scopes:
        raise ProblemError("not-in-scope", f"This token is not made for {op.scope}.")
    g.here.scope = op.permission.scope(found.viewer)
    if not g.here.scope:
        raise NotFoundError("There is nothing here.")


def _run(op: Operation, function: Callable[..., Any], values: Mapping[str, str]) -> Response:
    _enter(op)
    asked: dict[str, Any] = {}
    found = reading.query(op.query)
    if op.query is not NoQuery:
        asked["asked"] = found
    if op.body is not None:
        asked["given"] = reading.body(op.body)
    if op.method in SAFE:
        response = _response(op, _said(function(**values, **asked)))
        response.set_etag(seen.tag_of(response.get_data()))
        return cast(Response, response.make_conditional(request))
    if op.rests:
        seen.must_name_one()
    key = request.headers.get(KEY)
    if key is None:
        return _response(op, _said(function(**values, **asked)))
    if not (key.isascii() and key.isprintable() and 1 <= len(key) <= _KEY_LENGTH):
        raise ProblemError("not-taken", f"{KEY} has 1 to {_KEY_LENGTH} printable characters.")
    return _response(op, _once(token_hash(key), lambda: _said(function(**values, **asked))))


def _said(found: Any) -> str:
    return found.model_dump_json() if isinstance(found, BaseModel) else ""


def _response(op: Operation, said: str) -> Response:
    response = Response(said, op.status if said else 204, content_type="application/json")
    if op.rests:
        response.set_etag(seen.tag_of(said))
    if not said:
        del response.headers["Content-Type"]
    return response


def _once(key: str, act: Callable[[], str]) -> str:
    """Do it once for a key: the same request again gets the same answer; an error changed nothing and frees the key."""
    me = bearer()
    rests = request.headers.get(seen.MATCH, "")
    text = f"{request.method}\n{request.full_path}\n{rests and rests + chr(10)}".encode() + request.get_data()
    wanted = hashlib.sha256(text).hexdigest()
    with parts().store.write() as db:
        kept = tokens.kept_answer(db, me.token_id, key)
        if kept is None:
            tokens.begin_answer(db, me.token_id, key, owner_id=me.viewer.person_id, request=wanted, now=parts().now())
    if kept is not None:
        if kept.request != wanted:
            raise ProblemError("key-used", "Use another key for another request.")
        if not kept.status:
            raise ProblemError("under-way", "Ask again in a moment; nothing is done twice.", retry=1)
        return kept.said
    try:
        said = act()
    except Exception:
        with parts().store.write() as db:
            tokens.drop_answer(db, me.token_id, key)
        raise
    with parts().store.write() as db:
        tokens.keep_answer(db, me.token_id, key, 1, said)
    return said
