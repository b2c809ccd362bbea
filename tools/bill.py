"""Say what a built wheel stands on: a bill of materials (CycloneDX 1.6), and the licences of all that comes with it.

`bill(root)` reads the environment that builds: what devsys asks for and what that brings along, at the versions and
with the hashes of requirements/, what only an extra brings marked optional, and the browser files of package-lock.json.
"""

import base64
import json
import re
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from packaging.requirements import Requirement

NOT_OURS = {"test", "dev"}  # extras for who works on devsys; no installation has them
PIN = re.compile(r"^([\w.-]+)==([^\s\\]+)((?:\s*\\\s+--hash=sha256:[0-9a-f]{64})*)", re.MULTILINE)
CLASSIFIER = "License :: OSI Approved :: "


def plain(name: str) -> str:
    """Give the normal form of a package's name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def asked_for(package: Distribution, more: tuple[str, ...] = ()) -> Iterator[Requirement]:
    """Give what a package asks for on this system, alone or with some of its extras."""
    for text in package.requires or ():
        wanted = Requirement(text)
        if wanted.marker is None or any(wanted.marker.evaluate({"extra": extra}) for extra in ("", *more)):
            yield wanted


def walked(package: Distribution, more: tuple[str, ...] = ()) -> dict[str, Distribution]:
    """Give all that a package brings along, by name. Raises PackageNotFoundError for what is not installed here."""
    found: dict[str, Distribution] = {}
    open_ones = list(asked_for(package, more))
    while open_ones:
        wanted = open_ones.pop()
        name = plain(wanted.name)
        if name not in found:
            found[name] = distribution(wanted.name)
            open_ones += asked_for(found[name], tuple(wanted.extras))
    return found


def licence_of(package: Distribution) -> str:
    """Give the licence in the words of the package: its expression, else its name, else its classifiers."""
    about = package.metadata.json
    said = str(about.get("license_expression") or about.get("license") or "").strip()
    classes = [text.removeprefix(CLASSIFIER) for text in about.get("classifier", []) if text.startswith(CLASSIFIER)]
    if said and "\n" not in said:
        return said
    return " OR ".join(classes) or "not said"


def texts_of(package: Distribution) -> Iterator[str]:
    """Give the text of each licence file that a package carries."""
    for file in package.files or ():
        if re.match(r"(LICEN[SC]E|COPYING|NOTICE)", file.name, re.IGNORECASE) and ".dist-info" in str(file):
            yield file.read_text("utf-8").strip()


def hashes_in(pins: Path) -> dict[str, list[str]]:
    """Give the SHA-256 of every file of each pin, by name."""
    found = PIN.findall(pins.read_text("utf-8"))
    return {plain(name): re.findall(r"[0-9a-f]{64}", hashes) for name, _, hashes in found}


def _component(package: Distribution, scope: ComponentScope, hashes: list[str]) -> Component:
    name = plain(package.metadata["Name"])
    return Component(
        name=name,
        version=package.version,
        type=ComponentType.LIBRARY,
        bom_ref=f"pypi:{name}",
        scope=scope,
        purl=PackageURL("pypi", None, name, package.version),
        licenses=[LicenseFactory().make_from_string(licence_of(package))],
        # A version has one file per system: each may be the one that is installed.
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=one) for one in hashes],
    )


def _browser(root: Path) -> Iterator[Component]:
    lock = json.loads((root / "package-lock.json").read_text("utf-8"))["packages"]
    for place, about in sorted(lock.items()):
        if not place or about.get("dev"):
            continue
        whole = place.removeprefix("node_modules/")
        scope, _, name = whole.rpartition("/")
        digest = base64.b64decode(about["integrity"].removeprefix("sha512-")).hex()
        yield Component(
            name=name,
            group=scope or None,
            version=about["version"],
            type=ComponentType.LIBRARY,
            bom_ref=f"npm:{whole}",
            scope=ComponentScope.REQUIRED,
            purl=PackageURL("npm", scope or None, name, about["version"]),
            licenses=[LicenseFactory().make_from_string(about["license"])],
            hashes=[HashType(alg=HashAlgorithm.SHA_512, content=digest)],
        )


def extras() -> tuple[str, ...]:
    """Give the extras that an installation may have."""
    return tuple(sorted(set(distribution("devsys").metadata.get_all("Provides-Extra", [])) - NOT_OURS))


def parts() -> tuple[dict[str, Distribution], dict[str, Distribution]]:
    """Give what devsys needs to run, and what its extras bring beside that."""
    own = distribution("devsys")
    try:
        needed, beside = walked(own), walked(own, extras())
    except PackageNotFoundError as error:
        raise SystemExit(f"{error} is not installed; run this where requirements/test.txt is.") from None
    return needed, {name: found for name, found in beside.items() if name not in needed}


def bill(root: Path) -> str:
    """Give the bill of materials as JSON, checked against the schema. Raises ValueError where it does not hold."""
    own = distribution("devsys")
    needed, beside = parts()
    hashes = hashes_in(root / "requirements" / "test.txt")
    made: dict[str, Component] = {}
    for scope, packages in ((ComponentScope.REQUIRED, needed), (ComponentScope.OPTIONAL, beside)):
        made |= {name: _component(p, scope, hashes.get(name, [])) for name, p in packages.items()}
    browser = list(_browser(root))
    product = Component(name="devsys", version=own.version, type=ComponentType.APPLICATION, bom_ref="devsys")
    whole = Bom(components=[*made.values(), *browser])
    whole.metadata.component = product
    own_needs = [made[plain(wanted.name)] for wanted in asked_for(own, extras())]
    whole.register_dependency(product, [*own_needs, *browser])
    for name, package in {**needed, **beside}.items():
        whole.register_dependency(
            made[name], [made[plain(w.name)] for w in asked_for(package) if plain(w.name) in made]
        )
    text = JsonV1Dot6(whole).output_as_string(indent=2)
    wrong: Any = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if wrong:
        raise ValueError(f"The bill of materials is not valid: {wrong}")
    return str(text)


def licences(root: Path) -> str:
    """Give every third party with its licence, first as a list, then with the texts it came with."""
    needed, beside = parts()
    packages = sorted({**needed, **beside}.items())
    lines = ["What is installed with devsys, and its licences", ""]
    for name, package in packages:
        kind = "" if name in needed else "  (with an extra only)"
        lines.append(f"{name} {package.version}: {licence_of(package)}{kind}")
    vendor = sorted((root / "devsys/faces/web/static/vendor").glob("*-LICENSE"))
    lines += [f"{file.name.removesuffix('-LICENSE')}: browser files in the wheel" for file in vendor]
    for name, package in packages:
        for text in texts_of(package):
            lines += ["", "=" * 78, f"{name} {package.version}", "=" * 78, text]
    for file in vendor:
        lines += ["", "=" * 78, file.name.removesuffix("-LICENSE"), "=" * 78, file.read_text("utf-8").strip()]
    return "\n".join(lines) + "\n"
