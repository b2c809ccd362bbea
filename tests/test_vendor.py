"""The vendor step: it copies what is named, cuts the sprite, stops by its stamp, and fails in words."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tools import vendor

ROOT = Path(__file__).resolve().parent.parent
SPRITE = """<svg xmlns="http://www.w3.org/2000/svg"><defs>
    <symbol id="sprout" viewBox="0 0 24 24">
      <path d="M14 9" />
    </symbol>
    <symbol id="globe" viewBox="0 0 24 24">
      <circle cx="12" cy="12" r="10" />
    </symbol>
    <symbol id="x" viewBox="0 0 24 24">
      <path d="M18 6" />
    </symbol>
</defs></svg>"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    package = {
        "vendor": {"@type/serif": ["files/serif.woff2"], "icons": ["sprite.svg"]},
        "icons": {"sprite.svg": ["x"], "more.svg": ["globe"]},
    }
    (tmp_path / "package.json").write_text(json.dumps(package))
    (tmp_path / "package-lock.json").write_text("{}")
    modules = tmp_path / "node_modules"
    for path, text in (
        ("@type/serif/files/serif.woff2", "serif"),
        ("@type/serif/files/other.woff2", "other"),
        ("@type/serif/LICENSE", "OFL"),
        ("icons/sprite.svg", SPRITE),
        ("icons/LICENSE", "ISC"),
    ):
        (modules / path).parent.mkdir(parents=True, exist_ok=True)
        (modules / path).write_text(text)
    return tmp_path


def test_copy_takes_the_named_files_and_every_licence_and_nothing_else(project: Path) -> None:
    target = project / "vendor"
    target.mkdir()
    (target / "left-over.js").write_text("old")
    vendor.copy_named(project, project / "node_modules", target)
    assert sorted(p.name for p in target.iterdir()) == [
        "icons-LICENSE",
        "more.svg",
        "serif.woff2",
        "sprite.svg",
        "type-serif-LICENSE",
    ]


def test_what_tests_need_is_copied_beside_them_and_into_no_wheel(project: Path) -> None:
    package = json.loads((project / "package.json").read_text()) | {"testing": {"axe-core": ["axe.min.js"]}}
    (project / "package.json").write_text(json.dumps(package))
    (project / "node_modules/axe-core").mkdir()
    for name in ("axe.min.js", "axe.js", "LICENSE"):
        (project / "node_modules/axe-core" / name).write_text(name)
    vendor.copy_testing(project, project / "node_modules")
    assert sorted(p.name for p in (project / "tests/vendor").iterdir()) == ["axe-core-LICENSE", "axe.min.js"]


def test_sprite_is_cut_to_the_named_icons() -> None:
    cut = vendor.cut_sprite(SPRITE, ["x", "globe"])
    assert re.findall(r'id="([^"]+)"', cut) == ["globe", "x"]
    assert '<circle cx="12" cy="12" r="10"/>' in cut


def test_an_icon_the_sprite_lacks_is_an_error() -> None:
    with pytest.raises(KeyError):
        vendor.cut_sprite(SPRITE, ["unicorn"])


def test_a_fitting_stamp_stops_the_step(project: Path) -> None:
    target = project / "vendor"
    target.mkdir()
    (target / "stamp").write_text(vendor.stamp_of(project))
    assert vendor.main(project, target) == 0
    assert [p.name for p in target.iterdir()] == ["stamp"]


def test_the_stamp_changes_with_either_file(project: Path) -> None:
    before = vendor.stamp_of(project)
    (project / "package-lock.json").write_text('{"lockfileVersion": 3}')
    assert vendor.stamp_of(project) != before


def test_no_npm_and_no_way_to_get_one_says_what_to_do(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse() -> str:
        raise subprocess.CalledProcessError(1, "pip")

    monkeypatch.setattr(vendor, "npm", refuse)
    assert vendor.main(project, project / "vendor") == 1
    assert "Install Node with npm" in capsys.readouterr().err
    assert not (project / "vendor").exists()


def test_lock_holds_no_addresses_and_pins_are_exact() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    assert not [name for name, entry in lock["packages"].items() if "resolved" in entry]
    package = json.loads((ROOT / "package.json").read_text("utf-8"))
    pins = package["dependencies"] | package["devDependencies"]
    assert [pin for pin in pins.values() if not re.fullmatch(r"\d+\.\d+\.\d+", pin)] == []
    locked = {name.removeprefix("node_modules/"): e["version"] for name, e in lock["packages"].items() if name}
    assert locked == pins


def test_every_icon_a_template_names_is_in_the_sprite() -> None:
    icons = json.loads((ROOT / "package.json").read_text("utf-8"))["icons"]
    known = {name for names in icons.values() for name in names}
    named = set()
    for page in (ROOT / "templates").rglob("*.html"):
        text = page.read_text("utf-8")
        named |= set(re.findall(r"""(?:\bicon\(|icon_name=)["']([a-z0-9-]+)["']""", text))
    assert named - known == set()
    text = (ROOT / "templates/macros/icons.html").read_text("utf-8")
    listed = re.search(r"set planner_icons = \(([^)]*)\)", text)
    assert listed is not None
    assert re.findall(r'"([a-z0-9-]+)"', listed[1]) == icons["planner.svg"]
