"""Shapes of a document taken apart with a fault for each thing that is not as it should be."""

from collections.abc import Iterator, Mapping, Sequence

from devsys.base.errors import Fault, InvalidError

MOST_FAULTS = 50
LARGEST = 10_000_000


class Faults:
    """Faults found so far in a `what` file; reading goes on so that one run names many of them."""

    def __init__(self, what: str = "planning") -> None:
        self.what = what
        self.found: list[Fault] = []

    def add(self, where: str, what: str) -> None:
        """Keep one fault, and stop reading when there are too many to be of use."""
        self.found.append(Fault(where, what))
        if len(self.found) >= MOST_FAULTS:
            self.stop()

    def stop(self) -> None:
        """Raise InvalidError with what was found."""
        count = len(self.found)
        more = "one fault" if count == 1 else f"{count} faults" if count < MOST_FAULTS else "many faults"
        first = self.found[0]
        message = f"The {self.what} file cannot be used: {more}. First: {first.where}: {first.what}."
        raise InvalidError(message, tuple(self.found))

    def settle(self) -> None:
        """Raise InvalidError if anything was found."""
        if self.found:
            self.stop()


class Reader:
    """One mapping of a document; every getter gives a value of the right type and records what is wrong."""

    def __init__(self, value: object, where: str, faults: Faults) -> None:
        self.where = where
        self.faults = faults
        self.map: Mapping[str, object] = {}
        if isinstance(value, Mapping):
            self.map = value
        else:
            faults.add(where or "file", f"an object is wanted, not {kind_of(value)}")

    def _at(self, key: str) -> str:
        return f"{self.where}.{key}" if self.where else key

    def has(self, key: str) -> bool:
        """Say whether the key is there and not null."""
        return self.map.get(key) is not None

    def text(self, key: str, default: str | None = None) -> str:
        """Give a text; a whole number is taken as its digits."""
        value = self.map.get(key)
        if value is None and default is not None:
            return default
        return as_text(value, self._at(key), self.faults)

    def number(self, key: str, default: int | None = None, low: int = -LARGEST, high: int = LARGEST) -> int:
        """Give a whole number within `low` and `high`; true and false count as 1 and 0."""
        value = self.map.get(key)
        if value is None and default is not None:
            return default
        return as_number(value, self._at(key), self.faults, low, high)

    def flag(self, key: str, *, default: bool | None = None) -> bool:
        """Give a truth value written as true, false, 1 or 0."""
        value = self.map.get(key)
        if value is None and default is not None:
            return default
        if value in (0, 1):
            return bool(value)
        self.faults.add(self._at(key), f"true or false is wanted, not {kind_of(value)}")
        return False

    def items(self, key: str, *, needed: bool = True) -> Sequence[object]:
        """Give a list; an absent one is empty unless it is needed."""
        value = self.map.get(key)
        if value is None and not needed:
            return ()
        return as_list(value, self._at(key), self.faults)

    def readers(self, key: str, *, needed: bool = True) -> Iterator["Reader"]:
        """Give the mappings of a list, each with its place in the document."""
        for i, value in enumerate(self.items(key, needed=needed)):
            yield Reader(value, f"{self._at(key)}[{i}]", self.faults)

    def part(self, key: str, *, needed: bool = True) -> "Reader":
        """Give the mapping under a key; an absent one is empty unless it is needed."""
        value = self.map.get(key)
        return Reader({} if value is None and not needed else value, self._at(key), self.faults)

    def texts(self, key: str, *, needed: bool = True) -> tuple[str, ...]:
        """Give a list of texts."""
        values = self.items(key, needed=needed)
        return tuple(as_text(v, f"{self._at(key)}[{i}]", self.faults) for i, v in enumerate(values))

    def numbers(self, key: str, low: int = -LARGEST, high: int = LARGEST) -> tuple[int, ...]:
        """Give a list of whole numbers; long lists of good numbers are read quickly."""
        values = self.items(key)
        if all(type(v) is int for v in values):
            good = tuple(v for v in values if isinstance(v, int))
            if not good or (min(good) >= low and max(good) <= high):
                return good
        return tuple(as_number(v, f"{self._at(key)}[{i}]", self.faults, low, high) for i, v in enumerate(values))


def kind_of(value: object) -> str:
    """Name the kind of a JSON value for a fault."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"the number {str(value)[:20]}"
    if isinstance(value, str):
        return f"the text {value[:40]!r}"
    return "a list" if isinstance(value, list | tuple) else "an object"


def as_text(value: object, where: str, faults: Faults) -> str:
    """Give a text of 1 to 200 characters."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if isinstance(value, str) and 0 < len(value) <= 200:  # noqa: PLR2004 -- as devsys.base.limits.TEXT
        return value
    faults.add(where, f"a text of 1 to 200 characters is wanted, not {kind_of(value)}")
    return ""


def as_number(value: object, where: str, faults: Faults, low: int = -LARGEST, high: int = LARGEST) -> int:
    """Give a whole number within `low` and `high`."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and low <= value <= high:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        faults.add(where, f"a whole number from {low} to {high} is wanted, not {str(value)[:20]}")
    else:
        faults.add(where, f"a whole number is wanted, not {kind_of(value)}")
    return max(0, low)


def as_list(value: object, where: str, faults: Faults) -> Sequence[object]:
    """Give a list."""
    if isinstance(value, list | tuple):
        return value
    faults.add(where, f"a list is wanted, not {kind_of(value)}")
    return ()


def as_numbers(value: object, count: int, where: str, faults: Faults) -> tuple[int, ...]:
    """Give a list of exactly `count` whole numbers; zeros where it is not one."""
    values = as_list(value, where, faults)
    if len(values) != count:
        if isinstance(value, list | tuple):
            faults.add(where, f"{count} numbers are wanted, not {len(values)}")
        return (0,) * count
    return tuple(as_number(v, f"{where}[{i}]", faults) for i, v in enumerate(values))
