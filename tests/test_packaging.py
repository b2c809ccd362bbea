"""The package list against the disk, pins against ranges, the wheel against what an installation needs."""

import configparser
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SETUP = ROOT / "setup.cfg"
pytestmark = pytest.mark.skipif(not SETUP.exists(), reason="an installed wheel is tested: there is no setup.cfg")


def _config() -> configparser.ConfigParser:
    config = configparser.ConfigParser()
    config.read(SETUP, "utf-8")
    return config


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _pins(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
    return {_plain(package): version for package, version in re.findall(r"^([\w.-]+)==([^\s\\]+)", text, re.MULTILINE)}


def test_every_package_on_disk_is_listed() -> None:
    listed = set(_lines(_config()["options"]["packages"]))
    on_disk = {".".join(p.parent.relative_to(ROOT).parts) for p in (ROOT / "devsys").rglob("__init__.py")}
    assert listed == on_disk | {"devsys.schedules", "devsys.templates"}


def test_packages_say_what_is_in_them_and_hold_no_code() -> None:
    for file in (ROOT / "devsys").rglob("__init__.py"):
        text = file.read_text("utf-8")
        assert re.fullmatch(r'"""[^"]+"""\n', text), file


def test_every_requirement_is_pinned_and_the_test_set_holds_the_run_set() -> None:
    config = _config()
    run, test = _pins("run"), _pins("test")
    wanted = _lines(config["options"]["install_requires"])
    further = [line for text in config["options.extras_require"].values() for line in _lines(text)]
    name = re.compile(r"[A-Za-z0-9_.-]+")
    assert [line for line in wanted if _plain(name.match(line)[0]) not in run] == []
    assert [line for line in further if _plain(name.match(line)[0]) not in test] == []
    assert {k: v for k, v in run.items() if test.get(k) != v} == {}


@pytest.mark.parametrize("name", ["run", "test", "oldest", "bench", "peers"])
def test_every_pin_carries_the_hashes_of_its_files(name: str) -> None:
    lines = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8").replace("\\\n", "").splitlines()
    pins = [line.split() for line in lines if not line.startswith("#")]
    assert pins
    assert [words[0] for words in pins if len(words) < 2] == []
    assert [w for _, *words in pins for w in words if not re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", w)] == []


def test_installed_versions_are_the_pinned_ones_where_they_are_installed() -> None:
    from importlib.metadata import distributions

    pins = _pins("test")
    installed = {_plain(d.metadata["Name"]): d.version for d in distributions()}
    # What builds the project may be any; everything the program or the tests import is as pinned.
    other = {n: v for n, v in installed.items() if n in pins and pins[n] != v and n != "setuptools"}
    assert other == {}


def test_the_settings_table_of_the_manual_is_that_of_the_settings() -> None:
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        import settings_table
    finally:
        sys.path.remove(str(ROOT / "tools"))
    page = settings_table.PAGE.read_text("utf-8")
    assert settings_table.with_table(page) == page, "run: make docs"


def test_the_shipped_folders_are_found_beside_the_package() -> None:
    from devsys.base.resources import folder

    assert (folder("schedules") / "support_development.yaml").is_file()
    assert (folder("templates") / "layout.html").is_file()


def test_nothing_generated_is_kept_in_the_repository() -> None:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip("this is no checkout")
    kept = done.stdout.splitlines()
    generated = ("node_modules/", "devsys/faces/web/static/vendor/", "tests/vendor/", "instance/", "dist/", ".venv/")
    assert [name for name in kept if name.startswith(generated) or name.endswith((".pyc", ".db"))] == []


def test_the_oldest_set_can_be_installed_by_itself() -> None:
    """What the packages of a set ask for is in it: with hashes, pip takes nothing that is not named."""
    from importlib.metadata import PackageNotFoundError, distribution

    from packaging.requirements import Requirement

    for name in ("run", "test", "oldest"):
        pins, lacking = _pins(name), set()
        for package in pins:
            try:
                wanted = [Requirement(text) for text in distribution(package).requires or ()]
            except PackageNotFoundError:
                continue
            needed = (r for r in wanted if r.marker is None or r.marker.evaluate({"extra": ""}))
            lacking |= {(package, _plain(r.name)) for r in needed if _plain(r.name) not in {*pins, "pip"}}
        assert lacking == set(), name
