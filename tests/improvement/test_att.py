"""`devsys att`: figures of a panel in a file, or a refusal that names row and column."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from devsys import cli
from devsys.core.improvement.group_time import group_time
from tests.improvement.test_group_time import a_panel

WORDS = ("--unit", "who", "--time", "week", "--start", "from", "--outcome", "y")
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    monkeypatch.setenv("DEVSYS_HOME", str(tmp_path / "home"))

    def do(text: str | bytes, *more: str) -> tuple[int, str, str]:
        file = tmp_path / "panel.csv"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        mask = os.umask(0o077)
        with pytest.raises(SystemExit) as ended:
            cli.main(["att", str(file), *(more or WORDS)])
        os.umask(mask)
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return do


def a_file(seed: int = 1) -> str:
    y, times, starts, clusters = a_panel(seed)
    lines = ["team,y,who,week,from"]
    for i, start in enumerate(starts):
        shown = ("" if i % 2 else "0") if np.isinf(start) else f"{start:g}"
        lines += [f"T{clusters[i]},{float(y[i, k])!r},P{i},{t:g},{shown}" for k, t in enumerate(times)]
    return "\n".join(lines) + "\n"


def test_figures_are_those_of_the_panel(call: Call) -> None:
    y, times, starts, clusters = a_panel(1)
    code, out, err = call(a_file(), *WORDS, "--cluster", "team", "--control", "never", "--json")
    found = json.loads(out)
    expected = group_time(y, times, starts, clusters, control="never")
    assert (code, err) == (0, "")
    assert found["cells"][0].keys() == {"group", "time", "att", "se"}
    assert [cell["att"] for cell in found["cells"]] == [cell.att for cell in expected.cells]
    assert found["simple"]["se"] == pytest.approx(expected.simple.se, rel=1e-12)
    assert [point["event"] for point in found["dynamic"]] == [point.at for point in expected.dynamic]
    assert [point["group"] for point in found["group"]] == [point.at for point in expected.group]
    assert [point["time"] for point in found["calendar"]] == [point.at for point in expected.calendar]
    assert (found["units"], found["clusters"], found["dropped"]) == (50, 7, 0)


def test_a_table_shows_effect_error_and_interval(call: Call) -> None:
    code, out, _ = call(a_file(11))
    assert code == 0
    assert out.startswith("43 units, 4 periods; ")
    assert "Left out: 7 that had started in the first period already." in out
    assert "All cells after the start" in out


def test_rows_may_stand_in_any_order_and_in_crlf(call: Call) -> None:
    lines = a_file().splitlines()
    mixed = "\r\n".join([lines[0], *reversed(lines[1:]), ""])
    first, second = (json.loads(call(text, *WORDS, "--json")[1]) for text in (a_file(), "\ufeff" + mixed))
    assert second["simple"]["att"] == pytest.approx(first["simple"]["att"], rel=1e-12)
    assert second["simple"]["se"] == pytest.approx(first["simple"]["se"], rel=1e-12)


def test_figures_that_cannot_be_had_are_null_in_json(call: Call) -> None:
    rows = [f"{u},{t},{s},{t}" for u, s in enumerate((2, 2, 0, 0)) for t in (1, 2, 3)]
    code, out, _ = call("who,week,from,y\n" + "\n".join(rows), *WORDS, "--json")
    assert code == 0
    assert json.loads(out)["simple"] == {"att": 0.0, "se": None}


SMALL = "who,week,from,y\na,1,2,1\na,2,2,1\nb,1,0,1\nb,2,0,2\n"


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        (SMALL.replace("b,2,0,2", "b,2,0,many"), "line 5, column y: a number such as 12.5 is wanted, not 'many'"),
        (SMALL.replace("b,2,0,2", "b,2,0,"), "line 5, column y: the cell is empty"),
        (SMALL.replace("b,2,0,2", "b,2,0,nan"), "line 5, column y: a number such as 12.5 is wanted, not 'nan'"),
        (SMALL.replace("b,2,0,2", "b,2,0,1_0"), "line 5, column y: a number such as 12.5 is wanted, not '1_0'"),
        (SMALL.replace("b,2,0,2", 'b,2,0,"2,500"'), "line 5, column y: a number such as 12.5 is wanted, not '2,500'"),
        (SMALL.replace("a,2,2,1", "a,2,3,1"), "line 3, column from: 'a' starts at 3 here and at 2 in line 2"),
        (SMALL.replace("a,2,2,1", "a,2,-2,1"), "line 3, column from: a start is 0 (never) or above 0, not -2"),
        (SMALL + "b,2,0,9\n", "line 6, column week: 'b' has a second row for 2 (the first is line 5)"),
        (SMALL + "c,2,0,9\n", "line 6, column week: 'c' has no row for 1; every unit needs one row in each of the 2"),
        (SMALL + "c,2,0\n", "line 6: 4 cells, as in the header; this row has 3"),
        (SMALL.replace("a,1", ",1"), "line 2, column who: the cell is empty"),
        (
            SMALL.replace("who,", "name,"),
            "line 1, column who: there is no such column; the file has name, week, from, y",
        ),
        (SMALL.replace("who,week", "week,week"), "line 1, column 'week': each name once"),
        (SMALL + 'c,2,"0,9\n', "cannot be read from line 6 on"),
        ("who,week,from,y\n", "holds its header and no rows"),
        ("", "is empty"),
        (SMALL + "\0", "holds NUL bytes"),
        (SMALL.encode("utf-16"), "is UTF-16"),
        (SMALL.replace("a,1,2,1\na,2,2,1\n", ""), "no effect that can be estimated: no cohort starts"),
    ],
)
def test_what_cannot_be_taken_is_named_by_line_and_column(call: Call, spoilt: str | bytes, said: str) -> None:
    code, out, err = call(spoilt)
    assert (code, out) == (1, "")
    assert said in err


def test_a_cluster_is_one_for_each_unit(call: Call) -> None:
    text = "who,week,from,y,team\na,1,2,1,R\na,2,2,1,S\nb,1,0,1,\nb,2,0,2,S\n"
    code, _, err = call(text, *WORDS, "--cluster", "team")
    assert code == 1
    assert "line 3, column team: 'a' is in 'S' here and in 'R' in line 2; one cluster a unit" in err
    assert "line 4, column team: the cell is empty" in err


def test_many_faults_are_counted_not_listed(call: Call) -> None:
    code, _, err = call("who,week,from,y\n" + "a,1,2,x\n" * 1000)
    assert code == 1
    assert "and 980 more" in err
    assert len(err.splitlines()) == 22
