"""Workbooks and archives under any name are refused unread: no sheet, no file in them is opened (trust.md R14)."""

import gzip
import io
import tracemalloc
import zipfile
from itertools import product

from devsys.actions import import_measures
from devsys.adapters.store.digest import digest
from devsys.core.intake.kinds import KINDS
from devsys.core.model.access import Role
from tests.improvement.sources import CALLS

MIB = 1024 * 1024
NAMES = ("people.csv", "calendar.ics", "programme.yaml", "people.xlsx", "people.zip", "people")


def zipped(*files: tuple[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return packed.getvalue()


ARCHIVES = {
    "bomb": zipped(("people.csv", b"0" * (40 * MIB))),
    "workbook": zipped(("[Content_Types].xml", b"<Types/>"), ("xl/worksheets/sheet1.xml", b"<worksheet/>")),
    "empty": zipped(),
    "gzip": gzip.compress(b"0" * MIB, mtime=0),
}


def test_an_archive_is_refused_unread_under_any_name(sign_in, parts, organisation):
    assert organisation.people
    import_measures.keep_mapping(parts, None, CALLS.replace("always: desk", "always: alfama"))
    coordinator = sign_in(Role.COORDINATOR)
    ways = [f"/imports/{kind}" for kind in KINDS]
    ways += ["/imports/measures/support_calls", "/programme/upload", "/account/busy/file"]
    with parts.store.read() as db:
        before = digest(db)
    wrong, refused = [], 0
    for way, (kind, data) in product(ways, ARCHIVES.items()):
        for name in NAMES if (way, kind) == (ways[0], "workbook") else NAMES[:1]:
            if kind == "bomb":
                tracemalloc.start()
            answer = coordinator.post(way, {"file": (io.BytesIO(data), name), "name": "Mine"})
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()  # which slows all down
            refused += answer.status_code == 422
            said = any(word in answer.text for word in ("archive", "UTF-8", "calendar"))
            if answer.status_code != 422 or not said or peak > 10 * MIB:
                wrong.append((way, kind, name, answer.status_code, peak, answer.text[-900:-400]))
    assert wrong == []
    assert refused > 40
    with parts.store.read() as db:
        assert digest(db) == before
