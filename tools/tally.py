"""Add up the results of several test runs: what was left out and why, then one line with the sums.

`tally.py RESULTS.xml ... -- FAILED STEP ...`; ends with 1 when a test or a step failed, or nothing was tested.
"""

import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET


def main() -> int:
    """Print it all; 0 when everything passed."""
    words = sys.argv[1:]
    cut = words.index("--") if "--" in words else len(words)
    files, steps = words[:cut], words[cut + 1 :]
    sums: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for file in files:
        for suite in ET.parse(file).iter("testsuite"):  # noqa: S314 -- our own test runs wrote these
            for name in ("tests", "failures", "errors", "skipped"):
                sums[name] += int(suite.get(name, "0"))
        for skipped in ET.parse(file).iter("skipped"):  # noqa: S314 -- our own test runs wrote these
            reasons[f"{Path(file).stem}: {skipped.get('message', '')}"] += 1
    if reasons:
        print("\nLEFT OUT")
        for reason, number in sorted(reasons.items()):
            print(f"{number:5} {reason}")
    bad = sums["failures"] + sums["errors"]
    passed = sums["tests"] - bad - sums["skipped"]
    if steps and not bad:
        bad = len(steps)
    print(f"\n{passed} passed, {bad} failed")
    return int(bool(bad or steps or not passed))


if __name__ == "__main__":
    sys.exit(main())
