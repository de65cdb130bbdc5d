"""Which peers are measured, how, and with what durability."""

import dataclasses
import subprocess

import cluster
import install

WAL = "WAL, synchronous=FULL"
UMADB = "2 fdatasync a commit group (always on)"
# gunicorn's advice, https://docs.gunicorn.org/en/stable/design.html: 2 x cores + 1 workers.
WORKERS = 5


@dataclasses.dataclass(frozen=True)
class Case:
    """One run of one peer: a row of the table."""

    peer: str
    mode: str  # callers or bulk
    callers: int
    durability: str
    postgres: bool = False
    program: str = ""  # of native/
    package: str = ""  # of PyPI
    script: str = ""

    def arguments(self, prepared, settings, folder, conninfo):
        seed, variant = str(settings.seed), settings.variant
        orders, seconds = str(settings.orders), str(settings.seconds)
        if self.program == "sqlite_events":
            return [prepared, self.mode, folder / "events.db", orders, seconds, seed, variant]
        if self.program == "postgres_events":
            return [
                prepared, self.mode, conninfo, str(self.callers), orders, seconds, seed, variant]
        server = ["--conninfo", conninfo] if self.postgres else []
        return [
            prepared, install.PEERS / self.script, self.mode, "--callers", str(self.callers),
            "--orders", orders, "--seconds", seconds, "--seed", seed, "--variant", variant,
            "--folder", folder, *server]

    def prepare(self, folder):
        """Installs or compiles what the case needs; returns what to start, and the version."""
        if self.postgres:
            cluster.programs()
        if self.program:
            prepared = install.compiled(self.program, folder)
            return prepared, cluster.version() if self.postgres else sqlite_version(prepared)
        interpreter = install.python_with(self.package)
        version = install.version_of(interpreter, self.package)
        if self.postgres:
            version += f", PostgreSQL {cluster.version()}"
        return interpreter, version


def sqlite_version(program):
    shown = subprocess.run([program, "version"], capture_output=True, text=True, check=True)
    return shown.stdout.strip()


def cases():
    server = {"durability": cluster.DURABILITY, "postgres": True}
    yield Case("sqlite", "callers", 1, WAL, program="sqlite_events")
    yield Case("sqlite", "bulk", 1, WAL, program="sqlite_events")
    for mode, callers in (("callers", 1), ("callers", 32), ("bulk", 1)):
        yield Case("postgresql", mode, callers, program="postgres_events", **server)
    for mode, callers in (("callers", 1), ("callers", 64), ("callers", 256), ("bulk", 1)):
        yield Case("umadb", mode, callers, UMADB, package="umadb", script="umadb_peer.py")
    library = {"package": "eventsourcing", "script": "eventsourcing_peer.py"}
    for mode in ("callers", "bulk"):
        yield Case("eventsourcing-sqlite", mode, 1, WAL, **library)
    for mode, callers in (("callers", 1), ("callers", WORKERS), ("bulk", 1)):
        yield Case("eventsourcing-postgresql", mode, callers, **server, **library)
    shop = {"package": "django", "script": "django_shop.py"}
    yield Case("django-sqlite", "callers", 1, WAL, **shop)
    for callers in (1, WORKERS):
        yield Case("django-postgresql", "callers", callers, **server, **shop)
