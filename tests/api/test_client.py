"""The client of docs/api.md, run as it stands there against a served application."""

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from devsys.core.model.access import Role


def test_the_client_of_the_documentation_works(live, program, monkeypatch):
    text = Path("docs/api.md").read_text("utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    module = ModuleType("client_of_the_documentation")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(compile(code, "docs/api.md", "exec"), module.__dict__)  # noqa: S102 -- our own text
    devsys = module.Devsys(live.url, program(Role.COORDINATOR).secret)
    assert len(list(devsys.each("/people", limit=7))) == 23
    assert module.mark_away(devsys, "bruno.matos", "2026-01-08T08:00", "2026-01-09T08:00")
    assert not module.mark_away(devsys, "bruno.matos", "2026-01-08T08:00", "2026-01-09T08:00")
    bruno = next(p for p in devsys.each("/people") if p["code"] == "bruno.matos")
    assert devsys.change(f"/people/{bruno['id']}", {"pattern": "late"})["pattern"] == "late"
    with pytest.raises(module.Refused, match="428"):
        devsys.ask("PATCH", f"/people/{bruno['id']}", {"pattern": "early"})
    made = devsys.ask("POST", "/feeds", {"name": "Phone"})
    assert made["address"].endswith(".ics")
    (feed,) = devsys.ask("GET", "/feeds")["items"]
    assert devsys.ask("DELETE", f"/feeds/{feed['id']}") is None
    with pytest.raises(module.Refused, match="404 Nothing is here"):
        devsys.ask("GET", "/people/nobody")
