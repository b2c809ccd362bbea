"""Where the shipped folders lie: inside an installed wheel, or beside the package in a checkout."""

from pathlib import Path
from typing import Final, Literal

import devsys
from devsys.base.errors import NotFoundError

OTHER_SCHEDULES: Final = frozenset({"hiring_cards.yaml"})


def folder(kind: Literal["schedules", "templates", "translations"]) -> Path:
    """Give the folder of what is shipped of a kind. Raises NotFoundError when the installation lacks it."""
    package = Path(devsys.__file__).parent
    for place in (package / kind, package.parent / kind):
        if place.is_dir():
            return place
    raise NotFoundError(f"The folder {kind} is missing from this installation. Install devsys again.")


def programme_files(place: Path) -> tuple[Path, ...]:
    """Give the programme files of a folder by name: all YAML files but those that say how something else is done."""
    return tuple(file for file in sorted(place.glob("*.yaml")) if file.name not in OTHER_SCHEDULES)
