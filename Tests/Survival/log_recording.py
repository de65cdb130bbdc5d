"""Records a real worker process on a logged disk, with real ext4 between the two.

The worker is paced: it appends a round of concurrent batches when told to and then waits, so the
entries logged when its last acknowledgement is read are exactly those that happened before it.
Between and during rounds this process does what a kernel or a neighbour may do at any time: starts
the write-back of any file without a flush, writes and removes other files, or lets time pass until
the log syncs its mark by itself.
"""

import ctypes
import gzip
import json
import os
import pathlib
import shutil
import signal
import subprocess
import threading
import time

import fuse_disk
import loop_mount
from crash_images import ImageBuilder

_libc = ctypes.CDLL(None, use_errno=True)
SYNC_FILE_RANGE_WRITE = 2
IMAGE_BYTES = 24 << 20


def make_base(directory, options, work):
    """An empty file system with the directory of a store in it."""
    image, mount_point = work / "base.img", work / "base"
    image.unlink(missing_ok=True)
    with open(image, "wb") as file:
        file.truncate(IMAGE_BYTES)
    subprocess.run(
        ["mkfs.ext4", "-q", "-F", "-b", str(options["block_bytes"]), "-E",
         "lazy_itable_init=0,lazy_journal_init=0", str(image)], check=True)
    mount_point.mkdir(exist_ok=True)
    with loop_mount.MountedImage(image, mount_point, "ext4", ""):
        (mount_point / "store").mkdir()
    save_base(image, directory)


def save_base(image, directory):
    directory.mkdir(parents=True, exist_ok=True)
    with open(image, "rb") as source, gzip.open(directory / "base.img.gz", "wb", 1) as target:
        shutil.copyfileobj(source, target, 1 << 20)


def crash_base(earlier, image, directory, work):
    """A crash image of an earlier recording becomes the disk on which the next one begins."""
    path = work / "base.img"
    ImageBuilder(earlier).build(image, path)
    save_base(path, directory)


class Neighbour:
    """Disturbs the file system while the worker runs; draws from its own chance."""

    def __init__(self, root, chance):
        self.root, self.chance = root, chance
        self.ends = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.noise = 0
        self.failure = None

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ends.set()
        self.thread.join()
        if self.failure:
            raise self.failure

    def run(self):
        try:
            while not self.ends.wait(self.chance.choice((0.0005, 0.002, 0.01))):
                self.disturb()
        except Exception as error:
            self.failure = error

    def disturb(self):
        try:
            if self.chance.random() < 0.9:
                files = [path for path in (self.root / "store").rglob("*") if path.is_file()]
                if files:
                    write_back(self.chance.choice(files))
            else:
                self.write_noise()
        except FileNotFoundError:
            # The worker was faster: the directory is not there yet, or the file was renamed.
            return

    def write_noise(self):
        path = self.root / f"noise-{self.noise % 8}"
        if path.exists() and self.chance.random() < 0.5:
            path.unlink()
        else:
            path.write_bytes(self.chance.randbytes(self.chance.randint(1, 20_000)))
            write_back(path)
        self.noise += 1


def write_back(path):
    """Starts the write-back of a file's dirty pages, without a flush and without metadata."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        _libc.sync_file_range(
            descriptor, ctypes.c_int64(0), ctypes.c_int64(0), SYNC_FILE_RANGE_WRITE)
    finally:
        os.close(descriptor)


class Session:
    """Drives one worker and writes its story."""

    def __init__(self, program, directory, options, chance, before=None, preload=None):
        self.program, self.directory = program, directory
        self.options, self.chance = options, chance
        # A library that makes the worker make a mistake.
        self.environment = {**os.environ, "LD_PRELOAD": str(preload)} if preload else None
        # What an earlier recording had acknowledged is demanded of this one as well.
        before = before or {"acks": [], "sent": {}, "created": None}
        self.story = {
            "options": options, "begin": 0, "created": before["created"], "rounds": [],
            "opened": None, "acks": before["acks"], "sent": dict(before["sent"]), "closed": None}

    def record(self, work):
        mount_point = work / "recording"
        mount_point.mkdir(exist_ok=True)
        disk = fuse_disk.LoggedDisk(self.directory / "base.img.gz", self.directory, work / "disk")
        try:
            with loop_mount.MountedImage(
                    disk.mount_point, mount_point, "ext4", self.options["mount"]):
                if not self.story["acks"]:
                    self.story["begin"] = disk.count()
                with Neighbour(mount_point, self.chance):
                    self.run_worker(disk, mount_point)
            disk.wait_for_release()
        finally:
            disk.close()
        (self.directory / "story.json").write_text(json.dumps(self.story))

    def run_worker(self, disk, root):
        first = max((int(token) for token in self.story["sent"]), default=0) + 1
        worker = subprocess.Popen(
            [self.program, "append", str(root / "store" / "log"), "--paced",
             "--durability", self.options["durability"],
             "--segment-bytes", str(self.options["segment_bytes"]),
             "--seed", str(self.options["seed"]), "--first-token", str(first)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=self.environment, preexec_fn=lambda: loop_mount.die_with_parent(signal.SIGKILL))
        try:
            self.read_until(worker, disk, ("created", "opened"))
            self.story["opened"] = disk.count()
            if self.story["created"] is None:
                self.story["created"] = self.story["opened"]
            for _ in range(self.options["rounds"]):
                worker.stdin.write(f"{self.chance.choice((1, 1, 2, 3, 6))}\n")
                worker.stdin.flush()
                self.read_until(worker, disk, ("round",))
                self.story["rounds"].append(disk.count())
                if self.chance.random() < 0.15:
                    # Longer than the 50 ms after which an idle log syncs its mark.
                    time.sleep(0.07)
            if self.options["closes"]:
                worker.stdin.write("close\n")
                worker.stdin.flush()
                self.read_until(worker, disk, ("closed",))
                self.story["closed"] = disk.count()
            worker.stdin.close()
            if worker.wait(30) != 0:
                raise RuntimeError(f"the worker ended with {worker.returncode}")
        except (RuntimeError, BrokenPipeError) as error:
            worker.kill()
            raise RuntimeError(f"{error}: {worker.stderr.read()}") from error
        finally:
            worker.kill()
            worker.wait()

    def read_until(self, worker, disk, words):
        for line in worker.stdout:
            count = disk.count()
            word, *rest = line.split()
            if word == "sent":
                self.story["sent"][rest[0]] = rest[1]
            elif word == "ack":
                token, first, last, digest = rest
                self.story["acks"].append([count, int(token), int(first), int(last), digest])
            elif word in words:
                return
        raise RuntimeError(f"the worker stopped without saying {' or '.join(words)}")
