"""The description of this version, for programs and people who write them."""

import json
from functools import cache
from importlib import import_module
from typing import Final

from flask import Response

from devsys.core.policy import allow
from devsys.faces.api.description import describe
from devsys.faces.api.operations import Noun

noun = Noun("document", "")
MODULES: Final = (
    "people",
    "rosters",
    "requirement",
    "absences",
    "sessions",
    "plans",
    "programmes",
    "feeds",
    "runs",
    "imports",
    "measures",
    "figures",
)


@cache
def _text() -> str:
    found = [op for name in MODULES for op in import_module(f"devsys.faces.api.v1.{name}").noun.operations]
    return json.dumps(describe(found), ensure_ascii=False)


def _give() -> Response:
    return Response(_text(), content_type="application/json")


noun.blueprint.add_url_rule(
    "/openapi.json", "give", allow("public")(_give), methods=["GET"], provide_automatic_options=False
)
