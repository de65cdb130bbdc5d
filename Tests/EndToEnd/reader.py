#!/usr/bin/env python3
"""Holds Schemas/log/daybook_reader.py, a reader that shares no code with the log, against the log.

    python3 Tests/EndToEnd/reader.py DAYBOOK [HISTORY.csv.xz] [--flips 60] [--seed N]

Runs the reader over the vectors in Schemas/log/vectors/v1 and compares with what their JSON files say;
flips bits in logs and compares its verdict with `daybook verify`; with HISTORY, imports real orders and
compares every event, position, type and tag with `daybook export`, and chain and Merkle root with
`daybook verify`. Exits 1 at the first thing that does not hold, and prints how to repeat it.
"""

import argparse
import ast
import json
import lzma
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
READER = ROOT / "Schemas" / "log" / "daybook_reader.py"
VECTORS = ROOT / "Schemas" / "log" / "vectors" / "v1"
FINDING = re.compile(
    r"(CORRUPT|MISSING|TORN|NEWER) (segment=\d+|file=MARK) range=\[(\d+),(\d+)\)"
    r"( expected_batch=\d+)?( positions=\[\d+,\d+\])? evidence=[!-~]+( [!-~]+)*")
EXIT_CODES = {"sound": 0, "damaged": 65, "newer": 12}

sys.path.insert(0, str(READER.parent))
sys.dont_write_bytecode = True
import daybook_reader as reader  # noqa: E402


class Failure(Exception):
    pass


def require(holds, message):
    if not holds:
        raise Failure(message)


def run_reader(command, log):
    """Exit code and lines; a traceback or a line that is no finding fails."""
    done = subprocess.run(
        [sys.executable, "-S", "-E", str(READER), command, str(log)], capture_output=True, text=True)
    require("Traceback" not in done.stderr, f"{command} {log} crashed:\n{done.stderr}")
    return done.returncode, done.stdout.splitlines(), done.stderr.splitlines()


def verify_with_reader(log):
    """Exit code, findings and summary of `verify`."""
    code, lines, errors = run_reader("verify", log)
    if code in (10, 64, 74):
        require(not lines and len(errors) == 1, f"verify {log}: {lines} {errors}")
        return code, [], errors[0]
    for line in lines[:-1]:
        require(FINDING.fullmatch(line), f"not a finding: {line!r}")
    require(lines[-1].startswith("OK " if code == 0 else "DAMAGED "), f"verify {log}: {lines[-1]}")
    return code, lines[:-1], lines[-1]


# ---- The reader itself


def check_source():
    source = READER.read_text()
    require(len(source.splitlines()) <= 400, f"the reader has {len(source.splitlines())} lines")
    imported = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            imported |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module.split(".")[0])
    require(imported <= sys.stdlib_module_names, f"imports {imported - sys.stdlib_module_names}")
    require(reader.crc32c(b"123456789") == 0xE3069283, "CRC-32C of the check string")
    require(main_code() == 64 and main_code("list") == 64 and main_code("dump", ".") == 64, "usage")
    with tempfile.TemporaryDirectory() as empty:
        require(main_code("verify", empty) == 10, "an empty directory is no log")
        require(main_code("verify", empty + "/none") == 10, "no directory is no log")
    print(f"reader: {len(source.splitlines())} lines, standard library only")


def main_code(*arguments):
    return subprocess.run([sys.executable, str(READER), *arguments], capture_output=True).returncode


# ---- Vectors


def shown(structure, *hidden):
    """A structure as a vector's JSON shows it."""
    return {name: value.hex() if isinstance(value, bytes) else value
            for name, value in structure._asdict().items()
            if name not in hidden and "reserved" not in name}


def shown_header(data):
    return shown(reader.segment_header(data), "text", "sentinel", "major", "header_length", "crc")


def shown_batch(batch, events):
    return {**batch, "events": events}


def shown_frame(data):
    frame = reader.frame_header(data, 0, len(data))
    result = shown(frame, "magic", "crc")
    if len(data) == 128:
        return result
    stored = data[128:128 + frame.stored]
    reader.require(reader.crc32c(stored) == frame.payload_crc, "payload-checksum")
    content = reader.decode_frame(frame, stored)
    if frame.kind == reader.BATCHES:
        result["content"] = [shown_batch(batch, events) for _, batch, events in content]
    else:
        require(content == {1: b"schemas"}, f"the note's content is {content}")
        result["raw_bytes"] = stored.hex()
    return result


def shown_slot(data, slot):
    try:
        mark = reader.mark_slot(data, slot)
    except reader.Damage:
        return "damaged"
    return shown(mark, "magic", "crc") if mark else "empty"


def shown_seal(data):
    frame = reader.frame_header(data, 0, len(data))
    seal, subtrees, index = reader.decode_frame(frame, data[128:128 + frame.stored])
    trailer = reader.Trailer.read(data, len(data) - 64)
    return {
        "frame": shown(frame, "magic", "crc"),
        "seal": {**shown(seal, "header", "entries"), "index": [list(entry) for entry in index],
                 "subtrees": [root.hex() for _, root in subtrees]},
        "trailer": shown(trailer, "magic", "crc"),
    }


def shown_message(message):
    """As in a frame whose first batch is 11 and whose first position is 13."""
    batch, events = reader.decode_batch(message)
    events = [{**event, "position": 13 + index} for index, event in enumerate(events)]
    return {"batch": 11, **batch, "events": events}


STRUCTURES = {
    "segment-header": shown_header, "frame": shown_frame, "seal-and-trailer": shown_seal,
    "mark-file": lambda data: [shown_slot(data, 0), shown_slot(data, 1)], "batch": shown_message,
    "lz4-block": lambda data: reader.lz4_block(data[4:], int.from_bytes(data[:4], "little")).hex(),
}


def check_structure(name, vector):
    data = (VECTORS / f"{name}.bin").read_bytes()
    try:
        content = STRUCTURES[vector["structure"]](data)
    except (reader.Damage, IndexError, UnicodeDecodeError):
        content = "refused"
    require(content == vector["content"], f"{name}: {content}\nexpected {vector['content']}")


def make_log(vector, folder):
    """The vector's log, with its edits, in a fresh folder."""
    log = pathlib.Path(folder) / "log"
    shutil.copytree(VECTORS / vector["log"], log)
    for edit in vector.get("edits", ()):
        path = log / edit["file"]
        data = bytearray(path.read_bytes()) if path.exists() else bytearray()
        if "remove" in edit:
            path.unlink()
            continue
        if "length" in edit:
            data = data[:edit["length"]].ljust(edit["length"], b"\0")
        if "bytes" in edit:
            new = bytes.fromhex(edit["bytes"])
            data[edit["offset"]:edit["offset"] + len(new)] = new
        path.write_bytes(data)
    return log


def covers(found, expected):
    """Whether a finding is of the same file as the expected one, and of a place that it touches."""
    kind, file, start, end = FINDING.fullmatch(found).groups()[:4]
    words = FINDING.fullmatch(expected + " evidence=any").groups()[:4]
    is_touching = int(start) <= int(words[3]) and int(words[2]) <= int(end)
    return file == words[1] and (kind == "TORN") == (words[0] == "TORN") and is_touching


def decoded(log):
    """Batches with their events as `decode` prints them, and its exit code."""
    code, lines, _ = run_reader("decode", log)
    batches = []
    for line in map(json.loads, lines):
        if "events" in line:
            batches.append({**line, "events": []})
        elif "position" in line:
            require(line.pop("batch") == batches[-1]["batch"], f"{log}: an event of another batch")
            batches[-1]["events"].append(line)
    return code, batches


def check_log(name, vector, folder):
    log = make_log(vector, folder)
    code, findings, summary = verify_with_reader(log)
    require(code == EXIT_CODES[vector["verdict"]],
            f"{name}: the reader says {code}, the vector {vector['verdict']}\n{findings}")
    without_evidence = [line.split(" evidence=")[0] for line in findings]
    if code == 0:
        require(without_evidence == vector["findings"], f"{name}: {findings}")
        for field in ("segments", "frames", "batches", "events", "chain", "merkle_root"):
            word = f"{field.replace('merkle_', '')}={vector[field]}"
            require(vector[field] == 0 or word in summary.split(), f"{name}: no {word} in {summary}")
    for expected in vector["findings"]:
        require(any(covers(found, expected) for found in findings),
                f"{name}: no finding like {expected} in {findings}")
    decode_code, batches = decoded(log)
    require(decode_code == code, f"{name}: decode says {decode_code}, verify {code}")
    if "content" in vector:
        masked = [{key: value for key, value in batch.items() if key not in ("segment", "frame")}
                  for batch in batches]
        require(masked == vector["content"], f"{name}: decode prints {masked}")
    if code == 0:
        positions = [event["position"] for batch in batches for event in batch["events"]]
        require(positions == list(range(1, vector["proven_position"] + 1)), f"{name}: {positions}")
        require(run_reader("list", log)[0] == 0, f"{name}: list fails")
    return set(without_evidence) == set(vector["findings"])


def check_vectors():
    counts = {"structures": 0, "logs": 0, "equal": 0}
    for path in sorted(VECTORS.glob("*.json")):
        vector = json.loads(path.read_text())
        if "structure" in vector:
            check_structure(path.stem, vector)
            counts["structures"] += 1
        else:
            with tempfile.TemporaryDirectory(prefix="daybook-vector-") as folder:
                counts["equal"] += check_log(path.stem, vector, folder)
            counts["logs"] += 1
    require(counts["structures"] >= 25 and counts["logs"] >= 50, f"vectors are missing: {counts}")
    print(f"vectors: {counts['structures']} structures, {counts['logs']} logs, as their JSON says;"
          f" findings of {counts['equal']} logs equal to the byte")


# ---- The log's own program


class Daybook:
    """Runs the program on one store."""

    def __init__(self, program, store):
        self.program, self.store = str(program), pathlib.Path(store)
        self.log = self.store / "log"

    def run(self, *words, expect=(0,)):
        done = subprocess.run(
            [self.program, *words, "--store", str(self.store)], capture_output=True, text=True)
        require(done.returncode in expect, f"`daybook {' '.join(words)}` ended with"
                f" {done.returncode}, expected {expect}\n{done.stdout[-1000:]}{done.stderr[-2000:]}")
        return done

    def verify(self, *expect):
        """Exit code and the figures of `verify`."""
        done = self.run("verify", "--json", expect=expect or (0, 65))
        return done.returncode, json.loads(done.stdout.splitlines()[-1])


def flip_bits(program, flips, chance, work):
    """Random damage in logs of one and of several segments: both readers give the same verdict."""
    book = Daybook(program, work / "flipped")
    book.run("init", "--seed", "7")
    shutil.rmtree(book.log)
    found = {0: 0, 65: 0, 10: 0}
    names = ["101-three-batches", "102-several-segments", "103-compressed"]
    crashed = VECTORS / "110-unproven-frame.json"
    for index in range(flips):
        # Every fourth log was not closed, so that what is torn and what is damaged is told apart.
        vector = {"log": chance.choice(names)} if index % 4 else json.loads(crashed.read_text())
        log = make_log(vector, book.store)
        done = [damage(log, chance) for _ in range(chance.randint(1, 3))]
        code, findings, summary = verify_with_reader(log)
        ours, _ = book.verify(0, 65, 5, 10)
        require(code == ours, f"{vector['log']} {done}: the reader says {code} {findings} {summary},"
                f" `daybook verify` {ours}")
        run_reader("decode", log)
        found[code] += 1
        shutil.rmtree(log)
    require(found[65] > flips / 4, f"hardly any damage was found: {found}")
    print(f"random damage: {flips} logs, {found[65]} damaged, {found[0]} sound (torn behind the mark,"
          " or undone); both readers agree")


def damage(log, chance):
    """Changes one file; returns what was done."""
    path = chance.choice(sorted(path for path in log.iterdir()))
    data = bytearray(path.read_bytes())
    # Most of a small log is zeros: half of the places are taken from the bytes that are in use.
    used = len(data.rstrip(b"\0")) or 1
    place = chance.randrange(chance.choice([used, len(data)])) if data else 0
    kind = chance.choice(["bit", "bit", "bit", "zero", "noise", "cut", "longer"])
    if kind == "bit" and data:
        data[place] ^= 1 << chance.randrange(8)
    elif kind == "zero":
        data[place:place + 64] = bytes(len(data[place:place + 64]))
    elif kind == "noise":
        data[place:place + 8] = chance.randbytes(len(data[place:place + 8]))
    elif kind == "cut":
        del data[place:]
    elif kind == "longer":
        data += bytes(chance.choice([1, 8, 4096]))
    path.write_bytes(data)
    return kind, path.name, place


ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def plain_tag(text):
    """`order:ord_…` of an export as the format's own text, `order=` and hexadecimal digits."""
    match = re.fullmatch(r"([a-z0-9_]+):[a-z]+_([0-9a-hjkmnp-tv-z]{26})", text)
    if not match:
        return text
    number = 0
    for character in match[2]:
        number = number << 5 | ALPHABET.index(character)
    return f"{match[1]}={number:032x}"


def compare_history(program, history, work):
    book = Daybook(program, work / "history")
    book.run("init", "--seed", "7")
    csv = work / "history.csv"
    csv.write_bytes(lzma.open(history).read())
    book.run("import", "orders", str(csv), "--reject-file", str(work / "rejects.csv"), expect=(3,))
    started = time.monotonic()
    code, findings, summary = verify_with_reader(book.log)
    seconds = time.monotonic() - started
    require(code == 0 and not findings, f"the imported log: {findings}")
    _, figures = book.verify(0)
    for ours, theirs in (("chain", "chain"), ("merkle_root", "root"), ("events", "events"),
                         ("batches", "batches"), ("frames", "frames"), ("bytes", "bytes")):
        require(f"{theirs}={figures[ours]}" in summary.split(), f"{ours}: {figures[ours]}, {summary}")
    started = time.monotonic()
    code, batches = decoded(book.log)
    decode_seconds = time.monotonic() - started
    require(code == 0, f"decode ended with {code}")
    count = 0
    exported = map(json.loads, book.run("export", "events").stdout.splitlines())
    for batch in batches:
        for event in batch["events"]:
            other = next(exported)
            count += 1
            require(
                (event["position"], event["type"], event["schema_version"], batch["batch"],
                 batch["command"], batch.get("idempotency_key"), event["tags"]) ==
                (other["position"], other["event_type"], other["schema_version"], other["batch"],
                 other["command"], other.get("idempotency_key"), list(map(plain_tag, other["tags"]))),
                f"position {count}: the reader says {batch} {event}, the export {other}")
    require(next(exported, None) is None and count == figures["events"], f"{count} events")
    size = sum(path.stat().st_size for path in book.log.glob("log-*.seg"))
    print(f"real orders: {count} events of {size} bytes equal to the export, chain and Merkle root to"
          f" `daybook verify`; verify {seconds:.1f} s, decode {decode_seconds:.1f} s")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("history", nargs="?")
    parser.add_argument("--flips", type=int, default=60)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    options = parser.parse_args()
    work = pathlib.Path(tempfile.mkdtemp(prefix="daybook-reader-"))
    program = pathlib.Path(options.program).resolve()
    try:
        check_source()
        check_vectors()
        flip_bits(program, options.flips, random.Random(options.seed), work)
        if options.history:
            compare_history(program, options.history, work)
        return 0
    except Failure as failure:
        history = f" {options.history}" if options.history else ""
        print(f"FAILED: {failure}\nrepeat: python3 Tests/EndToEnd/reader.py {options.program}{history}"
              f" --flips {options.flips} --seed {options.seed}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
