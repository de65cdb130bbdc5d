"""A PostgreSQL server of its own, in a folder of the run, stopped and removed with it."""

import contextlib
import glob
import itertools
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile

from measure import Missing

# What https://www.postgresql.org/docs/15/runtime-config-resource.html (a quarter of memory, here
# bounded) and https://www.postgresql.org/docs/15/populate.html (max_wal_size) advise; durability is
# the default and stated here so that no default can take it away.
SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_sync_method": "fdatasync",
    "shared_buffers": "1GB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "max_connections": "300",
    "listen_addresses": "",
}
DURABILITY = "fsync=on, synchronous_commit=on"


def programs():
    """The folder of initdb, pg_ctl and postgres: Debian keeps it out of PATH."""
    folders = sorted(
        glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]))
    for folder in reversed(folders):
        if os.access(f"{folder}/initdb", os.X_OK):
            return pathlib.Path(folder)
    found = shutil.which("initdb")
    if found:
        return pathlib.Path(found).resolve().parent
    raise Missing("PostgreSQL is not installed: apt-get install postgresql libpq-dev")


def version():
    shown = subprocess.run(
        [programs() / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    return shown.split()[2]


def server_user():
    """The server refuses to run as root; Debian's package brings the user for it."""
    if os.geteuid() != 0:
        return {}
    try:
        entry = pwd.getpwnam("postgres")
    except KeyError:
        raise Missing("run as an ordinary user, or install postgresql, which brings `postgres`")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


@contextlib.contextmanager
def cluster(folder):
    """Yields a context manager of an empty database; that one yields its connection string.

    The data lie below `folder`, the socket in the folder for temporary files.
    """
    user, bin_folder = server_user(), programs()
    data = folder / "postgresql"
    sockets = pathlib.Path(tempfile.mkdtemp(prefix="daybook-pg-"))
    data.mkdir()
    for path in (data, sockets):
        if user:
            os.chown(path, user["user"], user["group"])
    data.chmod(0o700)

    def run(*words):
        done = subprocess.run(words, cwd="/", capture_output=True, text=True, **user)
        if done.returncode != 0:
            log = data / "server.log"
            raise RuntimeError(
                f"{words[0].name} failed: {done.stderr}{log.read_text() if log.exists() else ''}")

    try:
        run(bin_folder / "initdb", "-D", data, "-U", "peers", "--auth=trust", "--no-instructions",
            "-E", "UTF8", "--locale=C")
        with open(data / "postgresql.auto.conf", "a") as settings:
            settings.writelines(f"{name} = '{value}'\n" for name, value in SETTINGS.items())
            settings.write(f"unix_socket_directories = '{sockets}'\n")
        run(bin_folder / "pg_ctl", "-D", data, "-l", data / "server.log", "-w", "-t", "60", "start")
        numbers = itertools.count(1)

        @contextlib.contextmanager
        def database():
            name = f"peer{next(numbers)}"
            run(bin_folder / "createdb", "-h", sockets, "-U", "peers", name)
            try:
                run(bin_folder / "psql", "-h", sockets, "-U", "peers", "-qc", "CHECKPOINT", name)
                yield f"host={sockets} user=peers dbname={name}"
            finally:  # so that nothing is left to be written while the next peer is measured
                run(bin_folder / "dropdb", "-h", sockets, "-U", "peers", "--force", name)

        yield database
    finally:
        if (data / "postmaster.pid").exists():
            run(bin_folder / "pg_ctl", "-D", data, "-m", "fast", "-w", "-t", "120", "stop")
        shutil.rmtree(data, ignore_errors=True)
        shutil.rmtree(sockets, ignore_errors=True)
