"""Gets what the peers need: Python packages into a cache folder, C programs into the run's."""

import os
import pathlib
import shutil
import subprocess
import sys

from measure import Missing

PEERS = pathlib.Path(__file__).resolve().parent
PACKAGES = {
    "django": ["django", "psycopg[binary,pool]"],
    "eventsourcing": ["eventsourcing", "psycopg[binary,pool]"],
    "umadb": ["umadb"],
}
PROGRAMS = {
    "vector": [], "sync_probe": [], "sqlite_events": ["-lsqlite3"], "postgres_events": ["-lpq"],
}
HEADERS = {
    "sqlite_events": "sqlite3.h is not installed: apt-get install libsqlite3-dev",
    "postgres_events": "libpq-fe.h is not installed: apt-get install libpq-dev",
}


def cache_folder():
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(base) / "daybook-peers"


def python_with(package):
    """The interpreter of a virtual environment that holds the newest release that pip can reach."""
    folder = cache_folder() / package
    interpreter = folder / "bin" / "python"
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        run([sys.executable, "-m", "venv", folder],
            "a virtual environment cannot be made: apt-get install python3-venv")
        run([interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
             *PACKAGES[package]], f"pip cannot install {package}: is PyPI reachable?")
        (folder / "complete").touch()
    return interpreter


def version_of(interpreter, package):
    return subprocess.run(
        [interpreter, "-c", f"from importlib.metadata import version; print(version({package!r}))"],
        capture_output=True, text=True, check=True).stdout.strip()


def compiled(program, folder):
    """Compiles a program of native/ into `folder`."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if not compiler:
        raise Missing("no C compiler: apt-get install gcc")
    if (folder / program).exists():
        return folder / program
    includes = []
    if program == "postgres_events":
        includes = ["-I/usr/include/postgresql"]
    sources = [PEERS / "native" / f"{name}.c" for name in (program, "workload")]
    run([compiler, "-O2", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-pthread", *includes,
         "-o", folder / program, *sources, *PROGRAMS[program]],
        HEADERS.get(program, f"{program}.c does not compile"))
    return folder / program


def run(words, hint):
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode != 0:
        raise Missing(f"{hint}\n{done.stderr[-2000:]}")
