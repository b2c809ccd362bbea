"""Where the shipped folders lie: inside an installed wheel, or beside the package in a checkout."""

from pathlib import Path
from typing import Literal

import devsys
from devsys.base.errors import NotFoundError


def folder(kind: Literal["schedules", "templates"]) -> Path:
    """Give the folder of shipped schedules or templates. Raises NotFoundError when the installation lacks it."""
    package = Path(devsys.__file__).parent
    for place in (package / kind, package.parent / kind):
        if place.is_dir():
            return place
    raise NotFoundError(f"The folder {kind} is missing from this installation. Install devsys again.")
