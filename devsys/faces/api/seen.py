"""Changes to what was seen: a change names the ETag of what it rests on, and is refused where that stands no more."""

import hashlib
from collections.abc import Callable
from typing import Final, TypeVar

from flask import request
from pydantic import BaseModel

from devsys.base.errors import ConflictError
from devsys.faces.api.errors import ProblemError

Shown = TypeVar("Shown", bound=BaseModel)
MATCH: Final = "If-Match"
_TRIES: Final = 3


def tag_of(said: str | bytes) -> str:
    """Give the ETag of an answer, without its quotes."""
    return hashlib.sha256(said.encode() if isinstance(said, str) else said).hexdigest()[:32]


def must_name_one() -> None:
    """Raise ProblemError where a change does not say what it rests on."""
    if MATCH not in request.headers:
        raise ProblemError("not-seen", f"Send the ETag of what you have seen as {MATCH}.")


def must_stand(shown: BaseModel) -> None:
    """Raise ProblemError where what stands now is not what the change rests on."""
    if not request.if_match.contains(tag_of(shown.model_dump_json())):
        raise ProblemError("overtaken", "It is no longer as you have seen it. Get it again; nothing was changed.")


def replace_seen(show: Callable[[], tuple[Shown, int]], write: Callable[[Shown, int], object]) -> Shown:
    """Change something that is still as it was seen, and give it as it stands then.

    `show` gives it as GET does, with the revision of the organisation; `write` gets both, and raises ConflictError when
    the organisation is at another one by then: that is looked at again, for it need not be this that changed. Raises
    ProblemError where it is this, ConflictError when the organisation keeps changing.
    """
    for last in (False,) * (_TRIES - 1) + (True,):
        shown, revision = show()
        must_stand(shown)
        try:
            write(shown, revision)
        except ConflictError:
            if last:
                raise
        else:
            return show()[0]
    raise AssertionError
