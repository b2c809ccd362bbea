"""What lies in deploy/ fits the program: settings that exist, secrets out of a proxy's log, one limit everywhere."""

import re
from pathlib import Path

from devsys.base import limits, logs
from devsys.base.config import Settings

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"


def read(name: str) -> str:
    return (DEPLOY / name).read_text("utf-8")


def test_every_setting_that_is_named_exists() -> None:
    for file in DEPLOY.iterdir():
        for name in re.findall(r"DEVSYS_([A-Z_]+)", file.read_text("utf-8")):
            assert name.lower() in Settings.model_fields, f"{file.name}: DEVSYS_{name}"


def test_the_document_names_files_that_are_there_and_all_of_them() -> None:
    said = (ROOT / "docs" / "operate.md").read_text("utf-8")
    named = set(re.findall(r"deploy/([\w.-]*\w)", said))
    assert named == {file.name for file in DEPLOY.iterdir()}


def test_the_proxy_keeps_the_same_secrets_out_of_its_log_as_we_do() -> None:
    ours = re.search(r"/\(([\w|-]+)\)/", logs._SECRET.pattern)
    assert ours
    hidden = set(re.findall(r"~\^/([\w-]+)/", read("nginx.conf")))
    assert hidden == set(ours[1].split("|"))
    assert "$request_uri" not in re.search(r"log_format.*", read("nginx.conf"))[0]  # type: ignore[index]
    assert "\n\tlog" not in read("Caddyfile")


def test_no_proxy_refuses_what_devsys_takes() -> None:
    megabytes = limits.REQUEST_BYTES // 2**20
    assert f"client_max_body_size {megabytes}m;" in read("nginx.conf")
    assert f"max_size {megabytes}MB" in read("Caddyfile").replace("MiB", "MB")
