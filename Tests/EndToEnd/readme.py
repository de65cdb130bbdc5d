#!/usr/bin/env python3
"""Runs every shell command of the README and the guides as a reader would.

    python3 Tests/EndToEnd/readme.py DAYBOOK

A block that begins with ```sh is run line by line in one fresh directory per document, with DAYBOOK's
folder first in PATH; variables that a line sets are kept. A comment `# exit N` at the end of a line states another exit code than 0. Blocks
marked ```sh ci are covered by .ci/run itself (installing, building, the tests) and must stand there.
A block ```text after a block shows output; lines in it must occur in the real output, where `…` stands
for anything.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "Documentation").glob("*.md"))]


def blocks(text):
    return re.findall(r"^```([^\n]*)\n(.*?)^```", text, re.M | re.S)


def run_line(line, folder, environment):
    expected = re.search(r"#\s*exit (\d+)\s*$", line)
    done = subprocess.run(
        ["bash", "-c", line], cwd=folder, env=environment, capture_output=True, text=True)
    assigned = re.match(r"([A-Z]+)=", line)
    if assigned:
        shown = subprocess.run(
            ["bash", "-c", f'{line}; printf %s "${assigned[1]}"'], cwd=folder, env=environment,
            capture_output=True, text=True)
        environment[assigned[1]] = shown.stdout
    wanted = int(expected[1]) if expected else 0
    if done.returncode != wanted:
        raise SystemExit(f"`{line}` ended with {done.returncode}, the document says {wanted}\n"
                         f"{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def check_output(shown, output, document):
    for line in filter(str.strip, shown.splitlines()):
        parts = [r"\s+".join(map(re.escape, part.split())) for part in line.split("…")]
        pattern = ".*".join(parts)
        if not re.search(pattern, output):
            raise SystemExit(f"{document.name}: the output has no line like `{line}`:\n{output}")


def check(document, program):
    commands = 0
    pipeline = (ROOT / ".ci" / "run").read_text()
    with tempfile.TemporaryDirectory(prefix="daybook-readme-") as folder:
        environment = dict(os.environ, PATH=f"{program.parent}:{os.environ['PATH']}", HOME=folder)
        environment.pop("DAYBOOK_STORE", None)
        output = ""
        for kind, body in blocks(document.read_text()):
            if kind == "sh":
                output = ""
                for line in body.replace("\\\n", "").splitlines():
                    if line.strip() and not line.startswith("#"):
                        output += run_line(line, folder, environment)
                        commands += 1
            elif kind == "sh ci":
                for word in re.findall(
                    r"swift test[^\n&]*|swift run|liblz4-dev|libsqlite3-dev|bars\.py|reader\.py", body):
                    if word != "swift run" and word.strip() not in pipeline:
                        raise SystemExit(f"{document.name}: `{word}` is not in .ci/run")
            elif kind == "text":
                check_output(body, output, document)
    print(f"{document.name}: {commands} commands run as written")
    return commands


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    if sum(check(document, program) for document in DOCUMENTS if document.exists()) == 0:
        raise SystemExit("no command was run: the documents have no ```sh blocks")


if __name__ == "__main__":
    main()
