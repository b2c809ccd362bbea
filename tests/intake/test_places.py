"""Sites, queues, teams and rooms: codes, sites that stand, public holidays."""

from dataclasses import replace

import pytest

from devsys.core.intake.resolve import EMPTY, after
from devsys.core.model.people import Queue, Site
from tests.intake import files


def test_a_new_site_gets_an_id_and_the_same_file_changes_nothing() -> None:
    outcome = files.bring("sites", files.FILES["sites"])
    assert outcome.counts == {"new": 2, "changed": 0, "same": 0, "refused": 0, "warnings": 0}
    (berlin, nepal) = outcome.upserts
    assert isinstance(berlin, Site)
    assert replace(berlin, id="") == Site("", "BER", "Berlin", "Europe/Berlin", "DE", "BE")
    assert isinstance(nepal, Site)
    assert nepal.id != berlin.id
    again = files.bring("sites", files.FILES["sites"], after(EMPTY, outcome))
    assert (again.counts["same"], again.writes) == (2, False)


def test_a_change_keeps_the_id_and_says_old_and_new() -> None:
    organisation = files.brought()
    outcome = files.bring("rooms", files.with_rows("rooms", "BER-2.14,Room Linde,BER,10"), organisation)
    assert [(c.row, c.name, c.detail) for c in outcome.changed] == [
        (2, "Room Linde (BER-2.14)", "name: Room 2.14 → Room Linde, seats: 12 → 10")
    ]
    assert outcome.upserts == (replace(organisation.rooms[0], name="Room Linde", seats=10),)


def test_empty_cells_of_a_queue_are_the_usual_service() -> None:
    (queue,) = (q for q in files.brought().queues if q.code == "TECH")
    assert replace(queue, id="", site_id="") == Queue("", "TECH", "Technical", "")


@pytest.mark.parametrize(
    ("kind", "rows", "refused"),
    [
        ("sites", ["BER,Berlin,UTC,,", "BER,Berlin,UTC,,"], (3, "code", "BER", "each site once; row 2 has it already")),
        ("rooms", ["R,Room,BER,8", "r,Room,BER,8"], (3, "code", "r", "each room once; row 2 has it already")),
        (
            "sites",
            ["ber,Berlin,UTC,,"],
            (2, "code", "ber", "a code that differs by more than capitals from “BER”, which stands"),
        ),
        (
            "sites",
            ["LIS,Lisbon,UTC,XX,"],
            (2, "country", "XX", "a two-letter country code with known public holidays, such as DE, or nothing"),
        ),
        ("sites", ["LIS,Lisbon,UTC,,BE"], (2, "region", "BE", "a country beside it, or no region")),
        ("sites", ["LIS,Lisbon,UTC,FR,Atlantis"], (2, "region", "Atlantis", "one of 57")),
        ("sites", ["SGP,Singapore,UTC,SG,XX"], (2, "region", "XX", "nothing: SG has no regions")),
        ("teams", ["A,Team A,PAR"], (2, "site", "PAR", "a code that stands among the sites")),
        ("teams", ["A,Team A,ber"], (2, "site", "ber", "a code that stands among the sites; “BER” stands")),
        (
            "teams",
            ["BILL-1,Billing 1,KTM"],
            (2, "site", "KTM", "“BER”, where it stands; at another site it needs a code of its own"),
        ),
        (
            "queues",
            ["BILL,Billing,KTM,,,,,,"],
            (2, "site", "KTM", "“BER”, where it stands; at another site it needs a code of its own"),
        ),
        (
            "queues",
            ["Q,Queue,BER,,,,,,", "Q,Queue,BER,,,,,,"],
            (3, "code", "Q", "each queue once; row 2 has it already"),
        ),
        ("rooms", ["R,Room,BER,8", "R,Room,BER,8"], (3, "code", "R", "each room once; row 2 has it already")),
        ("rooms", ["R,Room,PAR,8"], (2, "site", "PAR", "a code that stands among the sites")),
    ],
)
def test_what_does_not_fit_is_refused(kind: str, rows: list[str], refused: tuple[int, str, str, str]) -> None:
    found = files.refusals(kind, files.brought(), *rows)
    assert [r[:3] for r in found] == [refused[:3]]
    assert found[0][3].startswith(refused[3])


def test_without_sites_a_team_says_what_to_bring_first() -> None:
    found = files.refusals("teams", EMPTY, "A,Team A,BER")
    assert found == [(2, "site", "BER", "a code that stands among the sites; bring the file of sites first")]


def test_one_refused_row_leaves_nothing_to_write_but_shows_the_rest() -> None:
    outcome = files.bring("teams", files.with_rows("teams", "A,Team A,BER", "B,Team B,PAR"), files.brought())
    assert (outcome.counts["new"], outcome.counts["refused"], outcome.writes) == (1, 1, False)


def test_a_row_refused_in_reading_leaves_nothing_to_write_either() -> None:
    outcome = files.bring("rooms", files.with_rows("rooms", "A,Room A,BER,8", "B,Room B,PAR,8", "C,Room C,BER,none"))
    assert [(r.row, r.column) for r in outcome.refused] == [(2, "site"), (3, "site"), (4, "seats")]
    outcome = files.bring("rooms", files.with_rows("rooms", "A,Room A,BER,8", "C,Room C,BER,none"), files.brought())
    assert (outcome.counts["new"], [r.row for r in outcome.refused], outcome.upserts) == (1, [3], ())


def test_a_fault_of_the_file_stands_alone() -> None:
    outcome = files.bring("rooms", "code;name;site;seats\nA;Room A;BER;8\n", files.brought())
    assert [(r.row, r.wanted[:39]) for r in outcome.refused] == [(0, "The columns are parted by semicolons. S")]
