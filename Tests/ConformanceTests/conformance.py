#!/usr/bin/env python3
"""Writes conformance.md anew: every row of DOMAIN.md with the tests that show it.

Row numbers in test names are taken as they stand; SHOWN adds tests that carry no number.
"""
import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parent
TESTS = HERE.parent

ROWS = (
    [f"S-{n:03}" for a, b in [(1, 8), (10, 43), (50, 60), (70, 90), (100, 118), (120, 128),
                              (130, 138)] for n in range(a, b + 1)]
    + [f"D-{n:02}" for n in range(1, 55) if n != 51]
    + [f"G-{n}" for n in range(1, 23)]
)
HTTP = {"S-051", "S-052", "S-058", "D-48"}

# Row -> beginnings of test names.
SHOWN = {
    "S-006": ["given a replaced link, when projected", "S-085 given a link"],
    "S-010": ["S-023 given stock 5", "G-2 ", "D-17 ", "D-20 S-043"],
    "S-011": ["S-017 P-09", "S-121 S-122", "S-019 ", "S-057 "],
    "S-016": ["S-042 D-14", "S-023 given", "S-037 given"],
    "S-050": ["given an impossible quantity, when ordered", "given a wrong file, when read"],
    "S-054": ["given stock and a verified user, when an order is placed"],
    "S-055": ["given too little stock, when an order is placed"],
    "S-056": ["given a declining bank, when an order is placed"],
    "D-15": ["given wrong usage with --json", "given JSON, when a command ends",
             "given a shortage, when shown"],
    "D-46": ["D-46"],
}


def names():
    found = []
    for path in sorted(TESTS.rglob("*.swift")):
        target = path.relative_to(TESTS).parts[0]
        for name in re.findall(r"func\s+`([^`]+)`", path.read_text()):
            if (target, name) not in found:
                found.append((target, name))
    return found


def main():
    found = names()
    lines = [
        "# Conformance",
        "",
        "Every rule of the reference (S), every defect of it that must not be here (D) and every",
        "golden trace (G), with the tests that show it. Written by conformance.py; do not edit.",
        "",
        "| row | test target | test |",
        "|---|---|---|",
    ]
    missing = []
    for row in ROWS:
        if row in HTTP:
            lines.append(f"| {row} | — | HTTP, later |")
            continue
        shown = [
            (target, name) for target, name in found
            if re.search(rf"\b{row}\b", name)
            or any(name.startswith(start) for start in SHOWN.get(row, []))
        ]
        if not shown:
            missing.append(row)
        lines += [f"| {row} | {target} | `{name}` |" for target, name in shown]
    (HERE / "conformance.md").write_text("\n".join(lines) + "\n")
    print("rows without a test:", " ".join(missing) or "none")


if __name__ == "__main__":
    main()
