"""What somebody brings is read in a process of its own first, and one that takes too much there goes no farther."""

import pytest

from devsys.actions import adopt_programme, import_files, import_measures
from devsys.base import apart as apart_module
from devsys.base.errors import InvalidError
from devsys.core.model.access import Grant, Role, Viewer
from tests.builders import id_of

OLIVIA = Viewer(id_of("olivia.brandt"), "Olivia Brandt", (Grant(Role.COORDINATOR),))
ROWS = "person,from,to\n" + "".join(
    f"ana.correia,{2000 + n // 200}-01-01,{2000 + n // 200}-01-02\n" for n in range(20_000)
)
PROGRAMME = "programme: wide\ntitle: Wide\naim: Much\nactivities:\n" + "  - {}\n" * 90_000


@pytest.fixture
def tight(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the child no memory worth the name: the guard itself is what is tried."""
    monkeypatch.setattr(apart_module.apart, "__kwdefaults__", {"seconds": 4, "megabytes": 1})


@pytest.mark.usefixtures("tight", "organisation")
def test_what_takes_too_much_is_refused_in_words_and_never_read_here(parts, monkeypatch):
    monkeypatch.setattr(import_files, "judge", None)
    monkeypatch.setattr(import_measures, "read_sheet", None)
    monkeypatch.setattr(adopt_programme, "read_programme", None)
    run = import_files.dry_run(parts, OLIVIA, "absences", "absences.csv", ROWS.encode())
    assert (run.upload_id, run.outcome.writes) == ("", False)
    assert "more time or memory" in run.outcome.refused[0].wanted
    brought = import_files.bring(parts, "absences", ROWS.encode(), dry_run=False, by=OLIVIA.person_id)
    assert "more time or memory" in brought.refused[0].wanted
    with pytest.raises(InvalidError, match="more time or memory"):
        adopt_programme.adopt(parts, PROGRAMME, OLIVIA.person_id)
    with pytest.raises(InvalidError, match="more time or memory"):
        import_measures.keep_mapping(parts, OLIVIA, PROGRAMME)


@pytest.mark.usefixtures("organisation")
def test_what_is_fine_there_is_read_as_ever(parts):
    run = import_files.dry_run(
        parts, OLIVIA, "absences", "a.csv", b"person,from,to\nana.correia,2026-03-02,2026-03-03\n"
    )
    assert run.outcome.writes
    wrong = import_files.dry_run(parts, OLIVIA, "absences", "a.csv", b"\x00\xff")
    assert not wrong.outcome.writes
    assert "more time" not in wrong.outcome.refused[0].wanted
