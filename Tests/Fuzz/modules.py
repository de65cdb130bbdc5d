"""Compiles a few of the package's modules with swiftc, with flags of its own and nothing else.

SwiftPM builds all of a package with one set of flags; a fuzzer or a coverage run then waits for
modules, and for other packages, that it does not need (ADR 0012). What did not change is not built.
"""

import concurrent.futures
import hashlib
import os
import pathlib
import shutil
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SWIFT = [
    "-swift-version", "6", "-enable-upcoming-feature", "ExistentialAny",
    "-enable-upcoming-feature", "InternalImportsByDefault",
    "-enable-upcoming-feature", "MemberImportVisibility", "-package-name", "daybook",
    "-parse-as-library", "-enable-testing", "-wmo",
]


class Failed(Exception):
    """A step of the build went wrong; the text says which."""


def swift_files(folder):
    return sorted((ROOT / folder).rglob("*.swift"))


class Modules:
    def __init__(self, folder, flags, c_flags=()):
        """`flags` go to swiftc, `c_flags` to clang, both also to the linker's call."""
        self.folder = folder
        # What was compiled or linked, and how long each took.
        self.steps = []
        self.waiting = []
        self.flags = list(flags)
        self.c_flags = list(c_flags)
        folder.mkdir(parents=True, exist_ok=True)
        # The package manager makes this module map itself.
        include = folder / "CDaybookCRC32C"
        include.mkdir(exist_ok=True)
        shutil.copy(ROOT / "Sources/CDaybookCRC32C/include/CDaybookCRC32C.h", include)
        (include / "module.modulemap").write_text(
            'module CDaybookCRC32C {\n    header "CDaybookCRC32C.h"\n    export *\n}\n')
        self.include = ["-I", include, "-I", ROOT / "Sources/CLZ4"]

    def step(self, name, command, sources, products):
        """Runs a compiler unless command and sources are those of the last time."""
        command = list(map(str, command))
        digest = hashlib.sha256("\0".join(command).encode())
        for source in sources:
            digest.update(pathlib.Path(source).read_bytes())
        stamp, text = self.folder / f"{name}.stamp", digest.hexdigest()
        if stamp.exists() and stamp.read_text() == text and all(p.exists() for p in products):
            return
        stamp.unlink(missing_ok=True)
        began = time.monotonic()
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True)
        if done.returncode != 0:
            raise Failed(f"{name} does not compile:\n{done.stdout}{done.stderr}")
        stamp.write_text(text)
        self.steps.append((name, time.monotonic() - began))

    def told(self):
        """What was built, the slowest first, as one line."""
        slowest = sorted(self.steps, key=lambda step: -step[1])
        return ", ".join(f"{name} {took:.0f} s" for name, took in slowest) or "nothing has changed"

    def swift(self, name, sources, also=(), flags=()):
        """One Swift module; `also`: sources of the modules that it imports.

        What importers need of it is there at once; its code is when `compile` is done.
        """
        sources = sorted(sources)
        command = ["swiftc", *SWIFT, *self.flags, "-I", ".", *self.include, *flags,
                   "-module-name", name]
        interface, code = self.folder / f"{name}.swiftmodule", self.folder / f"{name}.o"
        self.step(f"{name}.swiftmodule", [
            *command, "-emit-module", "-emit-module-path", interface,
            "-Xfrontend", "-experimental-skip-non-inlinable-function-bodies", *sources],
            [*sources, *also], [interface])
        self.waiting.append((
            sum(source.stat().st_size for source in sources),
            (name, [*command, "-c", *sources, "-o", code], [*sources, *also], [code])))

    def compile(self):
        """The code of all modules so far, as many at a time as there are cores, the largest first."""
        waiting, self.waiting = sorted(self.waiting, key=lambda job: -job[0]), []
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            for job in [pool.submit(self.step, *step) for _, step in waiting]:
                job.result()

    def c(self, name, source, also=(), flags=None):
        product = self.folder / f"{name}.o"
        flags = self.c_flags if flags is None else flags
        self.step(name, ["clang", "-O2", "-g1", *flags, *self.include, "-c", source, "-o", product],
                  [source, *also], [product])

    def program(self, name, modules, flags=()):
        objects = [self.folder / f"{m}.o" for m in modules]
        program = self.folder / name
        self.step(name, ["swiftc", *self.flags, *objects, *flags, "-llz4", "-o", program], objects,
                  [program])
        return program
