#!/usr/bin/env python3
"""Writes Documentation/Properties/properties.md anew: every property of DOMAIN section 5 with its tests.

Numbers in test names are taken as they stand; SHOWN adds tests that carry no number.
"""
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
TESTS = HERE.parent
PAGE = TESTS.parent / "Documentation" / "Properties" / "properties.md"
KIT = HERE.name

# Where the names of tests are read for the other table.
sys.path.insert(0, str(TESTS / "ConformanceTests"))
from conformance import names  # noqa: E402

NUMBERS = [f"P-{n:02}" for n in range(1, 21)] + ["P-20a", "P-20b", "P-20c"] + [
    f"P-{n:02}" for n in range(21, 41)]

# Number -> beginnings of test names.
SHOWN = {
    "P-20c": ["given an erased person, then neither wrapped key", "given an erased person, when a value"],
    "P-26": ["given a flipped bit anywhere", "given a frame header, when any bit flips"],
    "P-27": ["given payloads of many kinds, when compressed", "given a block that is cut"],
    "P-28": ["given the log on a disk, then concurrent appends"],
}


def main():
    found = names()
    lines = [
        "# Properties of orders",
        "",
        "Every property of DOMAIN section 5 with the tests that show it. Those of `OrderPropertyTests` are",
        "written with `DaybookTestKit` (`Sources/DaybookProperties`): random histories that the decider",
        "itself produced, judged command by command against small reference models. They run a fixed number",
        "of cases from fixed seeds on every change; longer on demand:",
        "",
        "    DAYBOOK_SECONDS=60 swift test --filter OrderPropertyTests",
        "    swift run -c release daybook-simulate properties --seconds 60 --seed 7",
        "",
        "That they can fail: [mutants.md](mutants.md). Written by Tests/OrderPropertyTests/properties.py; do",
        "not edit.",
        "",
        "| property | test target | test |",
        "|---|---|---|",
    ]
    missing = []
    for number in NUMBERS:
        shown = [
            (target, name) for target, name in found
            if re.search(rf"\b{number}\b", name)
            or any(name.startswith(start) for start in SHOWN.get(number, []))
        ]
        shown.sort(key=lambda test: (test[0] != KIT, test))
        if not shown:
            missing.append(number)
        lines += [f"| {number} | {target} | `{name}` |" for target, name in shown]
    PAGE.write_text("\n".join(lines) + "\n")
    print("properties without a test:", " ".join(missing) or "none")


main()
