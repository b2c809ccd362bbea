"""Workbooks read by a reader of the test's own: a ZIP of XML (ECMA-376), no library that wrote them."""

import io
import zipfile
from xml.etree import ElementTree as ET

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sheets(data: bytes) -> list[tuple[str, list[list[str | int | float | None]]]]:
    """Give (name, rows) of every sheet; a formula anywhere is a failure."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [s.get("name") for s in _xml(archive, "xl/workbook.xml").iter(f"{_MAIN}sheet")]
        texts = ["".join(t.text or "" for t in si.iter(f"{_MAIN}t")) for si in _xml(archive, "xl/sharedStrings.xml")]
        return [
            (name, [_row(row, texts) for row in _xml(archive, f"xl/worksheets/sheet{n}.xml").iter(f"{_MAIN}row")])
            for n, name in enumerate(names, 1)
        ]


def _xml(archive: zipfile.ZipFile, name: str) -> ET.Element:
    return ET.fromstring(archive.read(name))  # noqa: S314 -- our own file


def _row(row: ET.Element, texts: list[str]) -> list[str | int | float | None]:
    return [_cell(cell, texts) for cell in row]


def _cell(cell: ET.Element, texts: list[str]) -> str | int | float | None:
    assert cell.find(f"{_MAIN}f") is None, "a formula"
    value = cell.find(f"{_MAIN}v")
    if value is None or value.text is None:
        return None
    if cell.get("t") == "s":
        return texts[int(value.text)]
    found = float(value.text)
    return int(found) if found.is_integer() else found
