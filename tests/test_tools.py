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


def test_the_version_of_a_file_of_an_index_is_read_from_its_name() -> None:
    from tools.pins import version_of

    assert version_of("flask_wtf-1.3.0-py3-none-any.whl") == "1.3.0"
    assert version_of("ruamel.yaml-0.18.6.tar.gz") == "0.18.6"
    assert version_of("thing-1.0.exe") == ""


def test_the_bill_names_all_that_is_pinned_to_run_with_the_hashes_of_the_pins() -> None:
    import json

    from tools import bill

    whole = json.loads(bill.bill(ROOT))
    found = {part["purl"]: part for part in whole["components"]}
    pins = bill.PIN.findall((ROOT / "requirements" / "run.txt").read_text("utf-8"))
    run = [(bill.plain(name), version) for name, version, _ in pins if name != "setuptools"]  # it only builds
    assert len(run) > 30
    assert [name for name, version in run if f"pkg:pypi/{name}@{version}" not in found] == []
    for name, version in run:
        part = found[f"pkg:pypi/{name}@{version}"]
        assert (part["scope"], [h["alg"] for h in part["hashes"]][:1]) == ("required", ["SHA-256"])
        assert part["licenses"]
    assert found["pkg:npm/htmx.org@2.0.11"]["hashes"][0]["alg"] == "SHA-512"
    assert "psycopg" in {part["name"] for part in whole["components"] if part["scope"] == "optional"}
    assert [part["name"] for part in whole["components"] if part["name"] in {"pytest", "axe-core", "ruff"}] == []


def test_third_parties_are_listed_with_licence_and_text() -> None:
    from tools import bill

    text = bill.licences(ROOT)
    assert "psycopg 3.3.9: LGPL-3.0-only  (with an extra only)\n" in text
    assert "not said" not in text
    assert "Redistribution and use in source and binary forms" in text


@pytest.fixture
def sealed(tmp_path: Path) -> tuple[Path, Path]:
    """A signed folder of two files, and the public key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    from tools import seal

    folder, private, public = tmp_path / "dist", tmp_path / "release.pem", tmp_path / "release.pub"
    folder.mkdir()
    key = Ed25519PrivateKey.generate()
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    (folder / "devsys.whl").write_bytes(b"wheel")
    (folder / "devsys.cdx.json").write_bytes(b"{}")
    assert seal.seal(folder, private)
    return folder, public


def test_signed_checksums_hold_for_both_of_us_and_for_openssl(sealed: tuple[Path, Path]) -> None:
    import shutil

    from tools import seal

    folder, public = sealed
    assert seal.faults(folder, public) == []
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    words = ["pkeyutl", "-verify", "-pubin", "-inkey", str(public), "-rawin", "-in", seal.SUMS]
    done = subprocess.run(
        [openssl, *words, "-sigfile", f"{seal.SUMS}.sig"], cwd=folder, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_changed_added_or_renamed_file_is_told(sealed: tuple[Path, Path]) -> None:
    from tools import seal

    folder, public = sealed
    (folder / "devsys.whl").write_bytes(b"Wheel")
    (folder / "more.txt").write_bytes(b"")
    assert seal.faults(folder, public) == [
        "devsys.whl is not the file that was signed.",
        f"devsys.whl is not named in {seal.SUMS}.",
        f"more.txt is not named in {seal.SUMS}.",
    ]


def test_checksums_that_were_written_again_are_not_those_that_were_signed(sealed: tuple[Path, Path]) -> None:
    from tools import seal

    folder, public = sealed
    (folder / "devsys.whl").write_bytes(b"Wheel")
    (folder / seal.SUMS).write_text(seal.summed(folder), "ascii")
    assert seal.faults(folder, public) == [f"{seal.SUMS} was not signed with this key, or was changed."]
    assert not seal.seal(folder, None)
    assert seal.faults(folder, public) == [f"{seal.SUMS}.sig is not there."]


def test_a_long_run_that_goes_on_with_other_code_keeps_what_passed_and_says_of_which_code() -> None:
    one = {"seconds": 5, "proved": {}, "words": "", "tests": 1, "left_out": 0}
    was = {
        "code": "aaa",
        "began": "2026-01-01",
        "versions": {},
        "groups": ["tests/a.py::one", "tests/a.py::two", "tests/a.py::three"],
        "done": {
            "tests/a.py::one": {**one, "outcome": "passed"},
            "tests/a.py::two": {**one, "outcome": "failed"},
            "tests/a.py::three": {**one, "outcome": "passed", "code": "older"},
        },
    }
    from tools import soak  # an installed wheel has none

    goes_on = soak.kept(was, "bbb")
    assert {name: one["code"] for name, one in goes_on["done"].items()} == {
        "tests/a.py::one": "aaa",
        "tests/a.py::three": "older",
    }
    goes_on["done"]["tests/a.py::two"] = {**one, "outcome": "passed"}
    said = soak.page(goes_on)
    assert "Code bbb" in said
    assert "2 stand from earlier code" in said
    assert "| - | `tests/a.py::two` | passed | 5 |  | bbb |" in said
    assert "| - | `tests/a.py::one` | passed | 5 |  | aaa |" in said
