"""All that is held about one person, as one file, for that person alone."""

import json
from collections.abc import Mapping
from typing import Any

from devsys.actions.parts import Parts
from devsys.adapters.store.queries import own_data
from devsys.adapters.store.queries.accounts import viewer_of
from devsys.base.errors import NotFoundError
from devsys.base.words import phrase


def everything(parts: Parts, person_id: str) -> Mapping[str, Any]:
    """Give every row that the tables name as a person's. Raises NotFoundError for an unknown id."""
    with parts.store.read() as db:
        me = viewer_of(db, person_id)
        if me is None:
            raise NotFoundError(phrase("There is no such person."))
        found = own_data.everything_about(db, person_id)
    return {
        "person": me.name,
        "tables": {
            one.table: {"class": one.data, "kept": one.retention, "rows": [dict(row) for row in one.rows]}
            for one in found
        },
    }


def as_json(held: Mapping[str, Any]) -> str:
    """Give it as the text of a JSON file."""
    return json.dumps(held, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def as_index(held: Mapping[str, Any], made: str) -> str:
    """Give a page of plain text that says what is in the file: each table, how many rows, how long they stay."""
    tables = held["tables"]
    full = [(name, one) for name, one in sorted(tables.items()) if one["rows"]]
    lines = [f"What devsys holds about {held['person']}, as of {made}.", ""]
    for name, one in full:
        count = len(one["rows"])
        rows = "1 row" if count == 1 else f"{count} rows"
        lines += [f"{name.replace('_', ' ').capitalize()}: {rows}, {one['class']}; kept {one['kept']}."]
        lines += [f"    columns: {', '.join(one['rows'][0])}"]
    empty = [name.replace("_", " ") for name, one in sorted(tables.items()) if not one["rows"]]
    lines += [
        "",
        f"Nothing in: {', '.join(empty)}.",
        "Hashes of passwords and links are named there and not given out.",
    ]
    return "\n".join(lines) + "\n"
