"""What a cell of a workbook means: days count from the end of 1899, times are parts of a day."""

from datetime import date, timedelta

MINUTES = 24 * 60


def as_text(cell: object, head: object) -> str:
    """Give a cell as the CSV writes it, by the head of its column."""
    if head == "day":
        return (date(1899, 12, 30) + timedelta(days=int(str(cell)))).isoformat()
    if head in ("starts", "ends"):
        minutes = round(float(str(cell)) * MINUTES)
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
    return "" if cell is None else str(cell)
