"""Make an instance in a process of its own: `python -m tests.bench.make own|public SHAPE OUT PUBLIC_MAKER`."""

import importlib.util
import json
import sys
import zoneinfo
from pathlib import Path
from typing import Any

zoneinfo.reset_tzpath(to=[])

from tests.bench.instances import Shape, Zone, make  # noqa: E402 -- after the zone data is chosen


def public(shape: Shape, maker: Path) -> Any:
    """Give an instance of the public maker."""
    spec = importlib.util.spec_from_file_location("make_instance", maker)
    if spec is None or spec.loader is None:
        raise ValueError(maker)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.gen(shape.agents, shape.sites, shape.weeks, shape.seed, shape.requirement)


def main() -> None:
    """Write the instance, whole or not at all."""
    maker, text, out, where = sys.argv[1:5]
    row = json.loads(text)
    row["zones"] = tuple(Zone(**zone) for zone in row["zones"])
    row["teams"] = tuple(row["teams"])
    shape = Shape(**row)
    document = make(shape) if maker == "own" else public(shape, Path(where))
    part = Path(out).with_suffix(".part")
    part.write_text(json.dumps(document, separators=(",", ":")), "utf-8")
    part.replace(out)


if __name__ == "__main__":
    main()
