"""What a request brings: JSON within limits, read once strictly, into a declared model."""

import json
import math
import re
from collections.abc import Mapping
from typing import Any, Final, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError

from devsys.base import limits
from devsys.base.errors import Fault
from devsys.faces.api.errors import ProblemError

Model = TypeVar("Model", bound=BaseModel)
_MARKS: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_MOST_FAULTS: Final = 20


def body(model: type[Model]) -> Model:
    """Give the body as `model`. Raises ProblemError: 415, 413, 400 for what is no JSON, 422 for what does not fit."""
    if request.mimetype != "application/json":
        raise ProblemError("not-json", "Send the body as application/json.")
    if (request.content_length or 0) > limits.JSON_BYTES:
        raise ProblemError("too-large", "A body may have 1 MiB at most.")
    data = request.get_data()
    if len(data) > limits.JSON_BYTES:
        raise ProblemError("too-large", "A body may have 1 MiB at most.")
    check(data)
    try:
        return model.model_validate_json(data, strict=True)
    except ValidationError as error:
        raise _faults(error) from None


def check(data: bytes) -> None:
    """Raise ProblemError for what is no JSON, or is deep, has a key twice, a number that is none, a lone surrogate."""
    depth = 0
    for mark in _MARKS.finditer(data):
        found = mark[0]
        depth += (found in b"[{") - (found in b"]}") if len(found) == 1 else 0
        if depth > limits.JSON_DEPTH:
            raise ProblemError("not-understood", f"Brackets may stand {limits.JSON_DEPTH} deep at most.")
    try:
        read = json.loads(data.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number, parse_float=_float)
        json.dumps(read, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        words = str(error) if isinstance(error, _NotTakenError) else "The body is not JSON in UTF-8."
        raise ProblemError("not-understood", words) from None


class _NotTakenError(ValueError):
    pass


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _NotTakenError("A key stands twice.")
    return found


def _no_number(text: str) -> float:
    raise _NotTakenError(f"{text} is no number of JSON.")


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise _NotTakenError("A number is too large.")
    return value


def query(model: type[Model]) -> Model:
    """Give the parameters of the address as `model`. Raises ProblemError: 422 for what does not fit or stands twice."""
    given: Mapping[str, list[str]] = request.args.to_dict(flat=False)
    for name, values in given.items():
        if len(values) > 1:
            raise ProblemError("not-taken", "A parameter stands twice.", (Fault(name[:60], "once"),))
    try:
        return model.model_validate({name: values[0] for name, values in given.items()})
    except ValidationError as error:
        raise _faults(error) from None


def _faults(error: ValidationError) -> ProblemError:
    listed = error.errors(include_url=False, include_context=False, include_input=False)[:_MOST_FAULTS]
    faults = tuple(Fault(".".join(str(part)[:60] for part in e["loc"]), e["msg"]) for e in listed)
    return ProblemError("not-taken", "What was sent does not fit; the faults say where.", faults)
