"""The description of the API as OpenAPI 3.1, made from what the operations declare."""

import re
from collections.abc import Iterable
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from devsys.faces.api.errors import MEDIA, PROBLEMS, Problem
from devsys.faces.api.operations import KEY, SAFE, Operation
from devsys.faces.api.seen import MATCH

_REF: Final = "#/components/schemas/{model}"
_ALWAYS: Final = (400, 401, 403, 404, 422, 429, 500, 503)
_UNSAFE: Final = (409, 413, 415)
_RESTS: Final = (412, 428)


def describe(operations: Iterable[Operation]) -> dict[str, Any]:
    """Give the whole document."""
    listed = sorted(operations, key=lambda o: (o.path, o.method))
    models: dict[tuple[type[BaseModel], str], None] = {(Problem, "serialization"): None}
    for op in listed:
        models |= {(op.body, "validation"): None} if op.body else {}
        models |= {(op.gives, "serialization"): None} if op.gives else {}
    refs, schemas = models_json_schema(list(models), ref_template=_REF)  # type: ignore[arg-type]
    paths: dict[str, dict[str, Any]] = {}
    for op in listed:
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", op.path)
        paths.setdefault(path, {})[op.method.lower()] = _operation(op, dict(refs))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "devsys",
            "version": "1",
            "description": "People, sessions and plans of devsys. See docs/api.md.",
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(op: Operation, refs: dict[Any, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": op.id,
        "tags": [op.id.split(".")[0]],
        "summary": op.summary,
        "description": f"{op.description}\n\nNeeds a token made for `{op.scope}`; asks for {op.permission}.".strip(),
        "parameters": [*_path(op), *_query(op)],
        "responses": _responses(op, refs),
    }
    if op.method not in SAFE:
        text = {"type": "string", "minLength": 1, "maxLength": 100, "pattern": "^[!-~]+$"}
        found["parameters"].append({"name": KEY, "in": "header", "required": False, "schema": text})
    if op.rests:
        what = "The ETag of what was seen, or * for whatever stands."
        text = {"type": "string", "minLength": 1, "maxLength": 200}
        found["parameters"].append(
            {"name": MATCH, "in": "header", "required": True, "schema": text, "description": what}
        )
    if op.body is not None:
        content = {"application/json": {"schema": refs[op.body, "validation"]}}
        found["requestBody"] = {"required": True, "content": content}
    return found


def _path(op: Operation) -> list[dict[str, Any]]:
    names = re.findall(r"<(?:\w+:)?(\w+)>", op.path)
    schema = {"type": "string", "minLength": 1, "maxLength": 200}
    return [{"name": name, "in": "path", "required": True, "schema": schema} for name in names]


def _query(op: Operation) -> list[dict[str, Any]]:
    schema = op.query.model_json_schema()
    needed = schema.get("required", ())
    return [
        {
            "name": name,
            "in": "query",
            "required": name in needed,
            "schema": {k: v for k, v in one.items() if k not in ("title", "description")},
            **({"description": one["description"]} if "description" in one else {}),
        }
        for name, one in schema.get("properties", {}).items()
    ]


def _responses(op: Operation, refs: dict[Any, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if op.gives is None:
        found["204"] = {"description": "Done."}
    else:
        content = {"application/json": {"schema": refs[op.gives, "serialization"]}}
        found[str(op.status)] = {"description": "As asked.", "content": content}
    if op.method in SAFE:
        found["304"] = {"description": "As the ETag sent."}
    for status in (*_ALWAYS, *(_UNSAFE if op.method not in SAFE else ()), *(_RESTS if op.rests else ())):
        titles = " / ".join(title for at, title in PROBLEMS.values() if at == status)
        content = {MEDIA: {"schema": refs[Problem, "serialization"]}}
        found[str(status)] = {"description": titles, "content": content}
        if status in (429, 503):
            found[str(status)]["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
    return found
