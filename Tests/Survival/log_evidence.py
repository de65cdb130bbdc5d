"""What the files of a log prove by themselves, read without any code of ours.

Written from Schemas/log/FORMAT.md. Used where a disk has lied: a log that opens with less than was
acknowledged is right to do so exactly if nothing on the disk proves that there was more.
"""

import fnmatch
import hashlib
import os
import pathlib
import struct

FRAME_MAGIC = b"\xf5DBF"


def _table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


TABLE = _table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def u64(data, offset):
    return struct.unpack_from("<Q", data, offset)[0]


def u32(data, offset):
    return struct.unpack_from("<I", data, offset)[0]


class Evidence:
    """`batches`: so many batches were certainly durable; `reasons`: what proves how many."""

    def __init__(self, directory):
        self.batches = 0
        self.reasons = []
        # Whether anything at all says that there was a log.
        self.exists = False
        directory = pathlib.Path(directory)
        self.read(self.read_mark, directory / "MARK")
        for path in self.segments(directory):
            self.read(self.read_segment, path)

    @staticmethod
    def segments(directory):
        try:
            names = sorted(os.listdir(directory))
        except OSError:
            # A lying disk may have lost the directory's own blocks; then its files prove nothing.
            return []
        return [directory / name for name in names if fnmatch.fnmatch(name, "log-*.seg")]

    def read(self, reader, path):
        try:
            content = path.read_bytes()
        except OSError:
            # A file that is not there or cannot be read proves nothing.
            return
        reader(content, path.name)

    def prove(self, batches, reason):
        self.exists = True
        self.reasons.append(f"{reason}: {batches} batches")
        self.batches = max(self.batches, batches)

    def read_mark(self, content, name):
        for start in (0, 4096):
            slot = content[start:start + 256]
            # A mark of segment 0 says only that somebody began to create a log.
            if len(slot) == 256 and slot[:8] == b"DBKMARK1" and u32(slot, 252) == crc32c(slot[:252]) \
                    and u64(slot, 40) > 0:
                self.prove(u64(slot, 64) - 1, f"{name} slot at {start}, generation {u64(slot, 24)}")

    def read_segment(self, content, name):
        if len(content) < 4096 or u32(content, 4092) != crc32c(content[:4092]):
            return
        self.prove(u64(content, 296) - 1, f"header of {name}")
        tag = hashlib.sha256(content[416:448] + content[280:288]).digest()[:4]
        at = content.find(FRAME_MAGIC, 4096)
        while at >= 0:
            header = content[at:at + 128]
            if at % 8 == 0 and len(header) == 128 and u64(header, 104) == u64(header, 112) == at \
                    and header[120:124] == tag and u32(header, 124) == crc32c(header[:124]):
                # Everything below this frame was synced before it was written.
                self.prove(u64(header, 24) - 1, f"durable offset of {name}@{at}")
            at = content.find(FRAME_MAGIC, at + 8 if at % 8 == 0 else at + 1)
