"""What a disk may hold after a power cut: recordings of block writes, and the images made of them.

The model, for the n logged entries (writes and flushes in the order in which the disk did them) and a
power cut after entry c: everything that was written before the last flush at or before c is on the
disk. Of the writes behind that flush any subset may be, and of each of them any 512-byte sectors.

*Honest* images obey the model, so everything acknowledged by c must be there. *Liar* images come from
a disk that answered flushes without doing them (LOG.md fault 13): writes before the last flushes are
missing too. *Sabotage* images lack all writes since an earlier round of appends and are judged as if
they were honest: a harness that does not call each of them a loss proves nothing.
"""

import dataclasses
import json
import pathlib

import fuse_disk

SECTOR = 512
CHUNK = 64 << 10
HONEST_KINDS = {"flush": 20, "between": 15, "subset": 30, "reordered": 15, "torn": 20}
LIAR_KINDS = {"liar-lost-write": 40, "liar-subset": 30, "liar-rollback": 15, "liar-later-only": 15}
SABOTAGE = "sabotage"

LOG_MARKS = (b"\xf5DBF", b"DBKMARK1", b"Daybook log segment", b"DBKTRAIL")
JOURNAL_MAGIC = b"\xc0\x3b\x39\x98"


@dataclasses.dataclass
class Image:
    number: int
    recording: int
    kind: str
    # Entries before `base` are all on the disk; of those in [base, cut) all but the dropped ones.
    base: int
    cut: int
    dropped: frozenset = frozenset()
    # Of this write only these sectors are on the disk.
    torn: int | None = None
    kept_sectors: frozenset = frozenset()

    @property
    def is_liar(self):
        return self.kind.startswith("liar")

    def describe(self):
        text = f"image {self.number} ({self.kind}) of recording {self.recording}: entries" \
               f" [0,{self.base}) whole, cut at {self.cut}"
        if self.dropped:
            text += f", without {sorted(self.dropped)}"
        if self.torn is not None:
            text += f", of write {self.torn} only sectors {sorted(self.kept_sectors)}"
        return text


class Recording:
    """One run of a worker on a logged disk: `base.img.gz`, `index`, `data`, `story.json`.

    The story has `options` (of mkfs, mount and worker), `begin` (entries when the worker started),
    `created` and `opened` (when it said so; a log made before counts as created at 0), `rounds`
    (entries at the end of each), `acks` ([entries, token, first, last, digest]: acknowledged no later
    than with so many entries logged) and `sent` (token to digest).
    """

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.story = json.loads((self.directory / "story.json").read_text())
        index = (self.directory / "index").read_bytes()
        self.entries = list(fuse_disk.ENTRY.iter_unpack(index))
        with open(self.directory / "data", "rb") as file:
            self.data = file.read()
        flush = 0
        # For each cut, where the entries begin that no flush covers.
        self.covered = [0]
        for number, entry in enumerate(self.entries, 1):
            if entry[0] == fuse_disk.FLUSH:
                flush = number
            self.covered.append(flush)
        self.begin = self.story["begin"]

    def payload(self, number):
        _, size, _, start = self.entries[number]
        return memoryview(self.data)[start:start + size]

    def writes(self, begin, end):
        return [number for number in range(begin, end)
                if self.entries[number][0] == fuse_disk.WRITE]

    def is_of_log(self, number):
        payload = bytes(self.payload(number))
        return any(mark in payload for mark in LOG_MARKS)

    def is_file_system_head(self, number):
        """ext4 writes its superblock and that of its journal in place and counts on each to be
        written whole: tearing them tests the file system, not the log."""
        _, _, offset, _ = self.entries[number]
        if offset < 4096:
            return True
        payload = self.payload(number)
        return any(
            payload[at:at + 4] == JOURNAL_MAGIC and payload[at + 7] in (3, 4)
            for at in range(0, len(payload), 1024))

    def demanded(self, cut):
        return [ack for ack in self.story["acks"] if ack[0] <= cut]

    def is_recovering(self, cut):
        """Whether ext4 or the log was recovering from an earlier crash."""
        return self.story["created"] == 0 and cut < self.story["opened"]

    def is_created(self, cut):
        created = self.story["created"]
        return created is not None and created <= cut


class Planner:
    """Draws images from recordings; the same seed and recordings give the same images."""

    def __init__(self, recordings, chance):
        self.recordings, self.chance = recordings, chance
        self.images = []
        self.seen = set()
        self.log_writes = [
            {number for number in recording.writes(recording.begin, len(recording.entries))
             if recording.is_of_log(number)} for recording in recordings]

    def plan(self, honest, liars, sabotage):
        self.draw(honest, HONEST_KINDS)
        self.draw(liars, LIAR_KINDS)
        self.draw(sabotage, {SABOTAGE: 1})
        return self.images

    def draw(self, count, kinds):
        end = len(self.images) + count
        attempts = 0
        while len(self.images) < end:
            attempts += 1
            if attempts > 200 * count:
                raise RuntimeError(
                    f"only {len(self.images)} different images found in {attempts} attempts")
            kind = self.chance.choices(list(kinds), list(kinds.values()))[0]
            which = self.turn(len(self.images), kind)
            image = getattr(self, "draw_" + kind.replace("-", "_"))(which)
            key = image and (which, image.kind in LIAR_KINDS, image.base, image.cut,
                             image.dropped, image.torn, image.kept_sectors)
            if image and key not in self.seen:
                self.seen.add(key)
                image.number = len(self.images)
                self.images.append(image)

    def turn(self, number, kind):
        """Every recording has its share; what a lying disk proves is judged for bare logs only."""
        logs = [which for which, recording in enumerate(self.recordings)
                if kind not in LIAR_KINDS or recording.story["options"]["kind"] == "log"]
        return logs[number % len(logs)]

    def cut(self, which):
        recording = self.recordings[which]
        # Creating and recovering are short, and delicate.
        end = recording.story["opened"] if self.chance.random() < 0.15 else len(recording.entries)
        return self.chance.randint(recording.begin, end)

    def epoch(self, which, least):
        """A cut with so many writes since the last flush, which are returned too."""
        recording = self.recordings[which]
        for _ in range(1000):
            cut = self.cut(which)
            writes = recording.writes(recording.covered[cut], cut)
            if len(writes) >= least:
                return recording.covered[cut], cut, writes
        return None

    def draw_flush(self, which):
        recording = self.recordings[which]
        cut = self.cut(which)
        base = recording.covered[cut]
        return Image(0, which, "flush", base, base) if base >= recording.begin else None

    def draw_between(self, which):
        found = self.epoch(which, 1)
        return found and Image(0, which, "between", found[0], found[1])

    def draw_subset(self, which):
        found = self.epoch(which, 2)
        if not found:
            return None
        base, cut, writes = found
        share = self.chance.choice((0.2, 0.5, 0.8))
        dropped = frozenset(write for write in writes if self.chance.random() < share)
        return Image(0, which, "subset", base, cut, dropped) if dropped else None

    def draw_reordered(self, which):
        """A later write is there, an earlier one of the same epoch is not."""
        found = self.epoch(which, 2)
        if not found:
            return None
        base, cut, writes = found
        dropped = frozenset([self.chance.choice(writes[:-1])])
        return Image(0, which, "reordered", base, cut, dropped)

    def draw_torn(self, which):
        recording = self.recordings[which]
        for _ in range(100):
            found = self.epoch(which, 1)
            if not found:
                return None
            base, cut, writes = found
            of_log = [write for write in writes if write in self.log_writes[which]]
            if of_log and self.chance.random() < 0.7:
                writes = of_log
            torn = self.chance.choice(writes)
            count = recording.entries[torn][1] // SECTOR
            if count >= 2 and not recording.is_file_system_head(torn):
                break
        else:
            return None
        if self.chance.random() < 0.4:
            kept = frozenset(range(self.chance.randint(0, count - 1)))
        else:
            kept = frozenset(sector for sector in range(count) if self.chance.random() < 0.5)
        if len(kept) == count:
            return None
        others = [write for write in found[2] if write != torn]
        share = self.chance.choice((0, 0, 0.5))
        dropped = frozenset(write for write in others if self.chance.random() < share)
        return Image(0, which, "torn", base, cut, dropped, torn, kept)

    def lied(self, which):
        """A cut, and where the writes begin that the disk only claims to have."""
        recording = self.recordings[which]
        cut = self.cut(which)
        base = recording.covered[cut]
        for _ in range(self.chance.randint(1, 5)):
            base = recording.covered[max(base - 1, 0)]
        if base < recording.begin:
            return None
        return base, cut, recording.writes(base, recording.covered[cut])

    def draw_liar_lost_write(self, which):
        """One write to the log that was flushed is not there, everything after it is."""
        found = self.lied(which)
        of_log = found and [write for write in found[2] if write in self.log_writes[which]]
        if not of_log:
            return None
        return Image(0, which, "liar-lost-write", found[0], found[1],
                     frozenset([self.chance.choice(of_log)]))

    def draw_liar_subset(self, which):
        found = self.lied(which)
        if not found:
            return None
        dropped = frozenset(write for write in found[2] if self.chance.random() < 0.4)
        return Image(0, which, "liar-subset", found[0], found[1], dropped) if dropped else None

    def draw_liar_rollback(self, which):
        """The disk went back in time: no program on it can tell."""
        found = self.lied(which)
        if not found or not found[2]:
            return None
        return Image(0, which, "liar-rollback", found[0], found[1],
                     frozenset(self.recordings[which].writes(found[0], found[1])))

    def draw_liar_later_only(self, which):
        """Everything that was flushed since is lost but the writes behind the last flush."""
        found = self.lied(which)
        if not found or not found[2]:
            return None
        return Image(0, which, "liar-later-only", found[0], found[1], frozenset(found[2]))

    def draw_sabotage(self, which):
        recording = self.recordings[which]
        rounds = recording.story["rounds"]
        if len(rounds) < 2:
            return None
        later = self.chance.randrange(1, len(rounds))
        base, cut = rounds[later - 1], rounds[later]
        return Image(0, which, SABOTAGE, base, cut, frozenset(recording.writes(base, cut)))


class ImageBuilder:
    """Writes images of one recording into a file, each in the time of what differs.

    Images must come in the order of their bases.
    """

    def __init__(self, recording):
        self.recording = recording
        self.content = bytearray(fuse_disk.read_base(recording.directory / "base.img.gz"))
        self.applied = 0
        empty = bytes(CHUNK)
        self.chunks = {offset for offset in range(0, len(self.content), CHUNK)
                       if self.content[offset:offset + CHUNK] != empty}

    def build(self, image, path):
        self.advance(image.base)
        # Unlinked, not overwritten: a loop device may still be letting the old one go.
        pathlib.Path(path).unlink(missing_ok=True)
        with open(path, "wb", buffering=0) as file:
            file.truncate(len(self.content))
            view = memoryview(self.content)
            for offset in self.chunks:
                file.seek(offset)
                file.write(view[offset:offset + CHUNK])
            for number in self.recording.writes(image.base, image.cut):
                if number not in image.dropped:
                    self.write(file, number, image)

    def write(self, file, number, image):
        offset = self.recording.entries[number][2]
        payload = self.recording.payload(number)
        if number != image.torn:
            file.seek(offset)
            file.write(payload)
            return
        for sector in image.kept_sectors:
            file.seek(offset + sector * SECTOR)
            file.write(payload[sector * SECTOR:(sector + 1) * SECTOR])

    def advance(self, base):
        if base < self.applied:
            raise ValueError("ImageBuilder: images must come in the order of their bases")
        for number in self.recording.writes(self.applied, base):
            _, size, offset, _ = self.recording.entries[number]
            self.content[offset:offset + size] = self.recording.payload(number)
            self.chunks.update(range(offset // CHUNK * CHUNK, offset + size, CHUNK))
        self.applied = base
