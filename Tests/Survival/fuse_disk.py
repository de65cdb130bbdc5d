#!/usr/bin/env python3
"""A disk as a single file, served through raw /dev/fuse, that logs every block write and flush.

    python3 Tests/Survival/fuse_disk.py BASE LOG_DIRECTORY MOUNT_POINT

A loop device on the file MOUNT_POINT is then a disk whose content begins as BASE. The loop driver
turns a write into a FUSE WRITE and a flush into a FUSE FSYNC; each is in the log before it is
answered, so whoever was told that a write or flush is done finds it below the number of entries.

The log: `index` has an entry of 24 bytes for each write or flush (u32 kind, u32 byte count, u64 disk
offset, u64 offset in `data`), `data` the bytes written, `count` the number of entries as a u64.

Only one file is served: the root of the file system is the file itself. The server ends when it is
unmounted, and with its parent. Source: linux/include/uapi/linux/fuse.h, protocol 7.31.
"""

import errno
import gzip
import mmap
import os
import pathlib
import signal
import stat
import struct
import subprocess
import sys
import time

import loop_mount

WRITE, FLUSH = 1, 2
ENTRY = struct.Struct("<IIQQ")

MAX_WRITE = 1 << 20
FUSE_LOOKUP, FUSE_FORGET, FUSE_GETATTR, FUSE_SETATTR = 1, 2, 3, 4
FUSE_OPEN, FUSE_READ, FUSE_WRITE, FUSE_STATFS, FUSE_RELEASE, FUSE_FSYNC = 14, 15, 16, 17, 18, 20
FUSE_FLUSH, FUSE_INIT, FUSE_INTERRUPT, FUSE_DESTROY, FUSE_BATCH_FORGET = 25, 26, 36, 38, 42
BIG_WRITES, MAX_PAGES = 1 << 5, 1 << 22
FOPEN_DIRECT_IO = 1
WITHOUT_REPLY = (FUSE_FORGET, FUSE_INTERRUPT, FUSE_BATCH_FORGET)

IN_HEADER = struct.Struct("<IIQQIIII")
OUT_HEADER = struct.Struct("<IiQ")
READ_OR_WRITE = struct.Struct("<QQI")


class DiskServer:
    def __init__(self, base, log):
        self.content = bytearray(read_base(base))
        self.index = os.open(log / "index", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self.data = os.open(log / "data", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(log / "count", "r+b") as file:
            self.count = memoryview(mmap.mmap(file.fileno(), 8)).cast("Q")
        self.entry_count = 0
        self.data_offset = 0

    def serve(self, descriptor):
        buffer = bytearray(MAX_WRITE + (64 << 10))
        view = memoryview(buffer)
        while True:
            try:
                length = os.readv(descriptor, [buffer])
            except OSError as error:
                if error.errno in (errno.EINTR, errno.EAGAIN, errno.ENOENT):
                    continue
                if error.errno == errno.ENODEV:
                    return
                raise
            _, opcode, unique, *_ = IN_HEADER.unpack_from(buffer)
            if opcode in WITHOUT_REPLY:
                continue
            code, parts = self.answer(opcode, view[IN_HEADER.size:length])
            size = OUT_HEADER.size + sum(len(part) for part in parts)
            try:
                os.writev(descriptor, [OUT_HEADER.pack(size, -code, unique), *parts])
            except FileNotFoundError:
                # Nobody waits for this answer any more.
                continue

    def answer(self, opcode, body):
        """The error number and the parts of the answer."""
        if opcode == FUSE_WRITE:
            _, offset, size = READ_OR_WRITE.unpack_from(body)
            payload = body[40:40 + size]
            self.content[offset:offset + size] = payload
            self.log(WRITE, offset, payload)
            return 0, [struct.pack("<II", size, 0)]
        if opcode == FUSE_READ:
            _, offset, size = READ_OR_WRITE.unpack_from(body)
            return 0, [memoryview(self.content)[offset:offset + size]]
        if opcode == FUSE_FSYNC:
            self.log(FLUSH, 0, b"")
            return 0, []
        if opcode == FUSE_INIT:
            return 0, [struct.pack(
                "<IIIIHHIIHHI28x", 7, 31, 0, BIG_WRITES | MAX_PAGES, 16, 12, MAX_WRITE, 1,
                MAX_WRITE // 4096, 0, 0)]
        if opcode in (FUSE_GETATTR, FUSE_SETATTR):
            return 0, [struct.pack("<QII", 3600, 0, 0) + self.attributes()]
        if opcode == FUSE_OPEN:
            return 0, [struct.pack("<QII", 1, FOPEN_DIRECT_IO, 0)]
        if opcode in (FUSE_RELEASE, FUSE_FLUSH, FUSE_DESTROY):
            return 0, []
        if opcode == FUSE_STATFS:
            return 0, [struct.pack("<QQQQQIIII24x", 1, 0, 0, 1, 0, 4096, 255, 4096, 0)]
        return errno.ENOSYS, []

    def attributes(self):
        size = len(self.content)
        return struct.pack(
            "<6Q10I", 1, size, size // 512, 0, 0, 0, 0, 0, 0, stat.S_IFREG | 0o600, 1, 0, 0, 0,
            4096, 0)

    def log(self, kind, offset, payload):
        if payload:
            os.write(self.data, payload)
        os.write(self.index, ENTRY.pack(kind, len(payload), offset, self.data_offset))
        self.data_offset += len(payload)
        self.entry_count += 1
        # One aligned store of eight bytes: readers see the old or the new number. (`struct` first fills in
        # zeros, and who looks then takes an acknowledgement for one of the disk's first moment.)
        self.count[0] = self.entry_count


def read_base(path):
    """A disk's content, compressed or not."""
    opener = gzip.open if str(path).endswith(".gz") else open
    with opener(path, "rb") as file:
        return file.read()


class LoggedDisk:
    """Runs a server as a process of its own: whoever does I/O on a disk must not be the one who
    serves it."""

    def __init__(self, base, log, mount_point):
        self.log, self.mount_point = pathlib.Path(log), pathlib.Path(mount_point)
        self.log.mkdir(parents=True, exist_ok=True)
        self.mount_point.touch()
        (self.log / "count").write_bytes(bytes(8))
        with open(self.log / "count", "r+b") as file:
            self._count = memoryview(mmap.mmap(file.fileno(), 8, prot=mmap.PROT_READ)).cast("Q")
        self.process = subprocess.Popen(
            [sys.executable, __file__, str(base), str(self.log), str(self.mount_point)],
            stdout=subprocess.PIPE, start_new_session=True)
        if self.process.stdout.readline() != b"serving\n":
            self.close()
            raise OSError(errno.EIO, "the FUSE server did not start")

    def count(self):
        """How many writes and flushes are logged."""
        return self._count[0]

    def close(self):
        loop_mount.unmount(self.mount_point)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def wait_for_release(self, patience=10.0):
        """Until the loop device has let the file go, which it does a little after an unmount."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            backing = [path.read_text().strip() for path in
                       pathlib.Path("/sys/block").glob("loop*/loop/backing_file")]
            if str(self.mount_point) not in backing:
                return
            time.sleep(0.01)


def main():
    base, log, mount_point = sys.argv[1:]
    loop_mount.die_with_parent(signal.SIGKILL)
    # Ctrl-C is for the parent, which unmounts first.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    server = DiskServer(base, pathlib.Path(log))
    descriptor = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
    loop_mount.mount(
        "daybook-disk", mount_point, "fuse",
        f"fd={descriptor},rootmode={stat.S_IFREG:o},user_id=0,group_id=0,allow_other",
        loop_mount.MS_NOSUID | loop_mount.MS_NODEV)
    print("serving", flush=True)
    server.serve(descriptor)


if __name__ == "__main__":
    main()
