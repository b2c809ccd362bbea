"""Each answered write has reached the disk: counted by strace, as a kill cannot show it (C3)."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.loud import program
from tests.processes.program import ROOT
from tests.proved import Proved

WRITES = 25
WRITER = """
import sys
from devsys.adapters.store.queries import house
from devsys.adapters.store.store import Store
store = Store(sys.argv[1])
for number in range(int(sys.argv[2])):
    with store.write() as db:
        house.set_fact(db, "organisation_name", str(number))
"""


@pytest.mark.parametrize("times", [WRITES])
def test_each_answered_write_is_synced(times: int, sqlite_url: str, tmp_path: Path, proved: Proved) -> None:
    strace, trace = program("strace"), tmp_path / "trace"

    def syncs(writes: int) -> int:
        command = [strace, "-f", "-e", "trace=fsync,fdatasync", "-o", str(trace), sys.executable, "-c", WRITER]
        subprocess.run([*command, sqlite_url, str(writes)], cwd=ROOT, check=True, timeout=120)
        return len(re.findall(r"\bf(?:data)?sync\(", trace.read_text("utf-8")))

    syncs(1)
    opening = syncs(0)
    assert syncs(times) - opening >= times
    proved(writes_answered=times)
