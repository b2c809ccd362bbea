"""The tools that judge a run: what they add up, what they miss in a wheel, which pins an environment lacks."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.skipif(not (ROOT / "tools").is_dir(), reason="an installed wheel is tested: no tools")

RESULTS = """<testsuites><testsuite tests="{tests}" failures="{failures}" errors="0" skipped="1">
<testcase name="a"><skipped message="chromium is not installed"/></testcase></testsuite></testsuites>"""


def _tally(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, ROOT / "tools" / "tally.py", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def _results(folder: Path, name: str, tests: int, failures: int) -> str:
    (folder / f"{name}.xml").write_text(RESULTS.format(tests=tests, failures=failures), "utf-8")
    return f"{name}.xml"


def test_results_are_added_up_and_what_was_left_out_is_named(tmp_path: Path) -> None:
    done = _tally(tmp_path, _results(tmp_path, "one", 10, 0), _results(tmp_path, "two", 5, 0), "--")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "13 passed, 0 failed"
    assert "    1 one: chromium is not installed" in done.stdout.splitlines()


@pytest.mark.parametrize(
    ("failures", "steps", "last"),
    [(2, (), "7 passed, 2 failed"), (0, ("wheel",), "9 passed, 1 failed"), (1, ("a", "b"), "8 passed, 1 failed")],
)
def test_a_failed_test_or_step_fails_the_run(tmp_path: Path, failures: int, steps: tuple[str, ...], last: str) -> None:
    done = _tally(tmp_path, _results(tmp_path, "one", 10, failures), "--", *steps)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (1, last)


def test_a_run_that_tested_nothing_fails(tmp_path: Path) -> None:
    assert _tally(tmp_path, "--").returncode == 1


def test_a_wheel_that_lacks_a_file_is_noticed(tmp_path: Path) -> None:
    from tools.dist import WANTED, lacking

    wheel = tmp_path / "devsys.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name in WANTED[1:]:
            archive.writestr(name, "")
    assert lacking(wheel) == [WANTED[0]]
    assert [name for name in WANTED if "vendor" not in name and not _source_of(name).is_file()] == []


def _source_of(name: str) -> Path:
    for mapped in ("schedules", "templates"):
        if name.startswith(f"devsys/{mapped}/"):
            return ROOT / name.removeprefix("devsys/")
    return ROOT / name


def test_pins_an_environment_lacks_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import version

    from tools import environment

    pins = tmp_path / "pins.txt"
    pins.write_text(f"# words\nFlask=={version('flask')}\nsegno==0.0.1\nnever-heard-of==1.0\n", "utf-8")
    monkeypatch.setattr(environment, "PYTHON", Path(sys.executable))
    assert environment.missing(pins) == ["segno==0.0.1", "never-heard-of==1.0"]


def test_a_step_is_done_until_its_files_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tools import environment

    monkeypatch.setattr(environment, "VENV", tmp_path)
    file = tmp_path / "requirements.txt"
    file.write_text("flask==3.1.3\n", "utf-8")
    assert not environment.Step("run", file).done()
    environment.Step("run", file).finish()
    assert environment.Step("run", file).done()
    file.write_text("flask==3.1.4\n", "utf-8")
    assert not environment.Step("run", file).done()


def test_the_lower_ends_of_ranges_are_found() -> None:
    from tools.pins import ranges

    newest, oldest = ranges((), oldest=False), ranges((), oldest=True)
    assert len(newest) == len(oldest)
    assert "flask >=3.1,<4" in newest
    assert "flask==3.1" in oldest
