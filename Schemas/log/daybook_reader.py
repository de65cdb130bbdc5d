#!/usr/bin/env python3
"""Reads a Daybook log; written from FORMAT.md and batch.proto alone. Takes no lock, writes nothing.

    daybook_reader.py list DIR      segments, frames and batches of the log in the directory DIR
    daybook_reader.py decode DIR    every batch, event and note up to the mark, one JSON object a line
    daybook_reader.py verify DIR    checks every byte; findings as in section 9 of FORMAT.md

Exit codes: 0 sound, 10 no log, 12 needs a newer reader, 64 wrong usage, 65 damaged, 74 unreadable file."""
import collections, contextlib, datetime, functools, hashlib, json, pathlib, re, signal, struct, sys

# ---- Checksums and digests: section 5
CRC_TABLE = list(range(256))
for _ in range(8):
    CRC_TABLE = [crc >> 1 ^ (0x82F63B78 if crc & 1 else 0) for crc in CRC_TABLE]

def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = CRC_TABLE[(crc ^ byte) & 255] ^ crc >> 8
    return crc ^ 0xFFFFFFFF

def digest(*parts): return hashlib.sha256(b"".join(parts)).digest()
def is_zero(data): return data.count(0) == len(data)

def merkle_append(subtrees, message):
    """`subtrees`: size and root of the complete subtrees, the largest first."""
    subtrees.append((1, digest(b"\0", message)))
    while len(subtrees) > 1 and subtrees[-2][0] == subtrees[-1][0]:
        (size, left), (_, right) = subtrees[-2:]
        subtrees[-2:] = [(2 * size, digest(b"\1", left, right))]
def merkle_root(subtrees):
    roots = [root for _, root in reversed(subtrees)] or [digest()]
    return functools.reduce(lambda right, left: digest(b"\1", left, right), roots)

# ---- Structures: section 4
class Damage(Exception):
    kind = property(lambda self: "NEWER" if str(self).startswith("newer") else "CORRUPT")

def require(holds, evidence):
    if not holds: raise Damage(evidence)
    return holds

def structure(name, table):
    """The fields of a table in their order, each with its type in the notation of the module `struct`."""
    names, types = zip(*(field.split(":") for field in table.split()))
    kind, packed = collections.namedtuple(name, names), struct.Struct("<" + "".join(types))
    kind.read = classmethod(lambda cls, data, at=0: cls(*packed.unpack_from(data, at)))
    return kind

Header = structure("Header", """text:248s sentinel:8s major:H minor:H header_length:I log_id:16s segment:Q
    number:Q batch:Q position:Q created:q epoch:I reserved_1:4s length:Q features:I writer_features:I
    other_features:I reserved_2:4s chain:32s previous_seal:32s salt:32s reserved_3:3644s crc:I""")
Frame = structure("Frame", """magic:4s kind:B codec:B flags:H stored:I raw:I number:Q batch:Q position:Q
    batches:I events:I time:q epoch:I payload_crc:I reserved:8s chain:32s offset:Q durable:Q tag:4s crc:I""")
Mark = structure("Mark", """magic:8s log_id:16s generation:Q epoch:I flags:I segment:Q durable:Q number:Q
    batch:Q position:Q time:q chain:32s tree_size:Q tree_root:32s reserved:92s crc:I""")
Seal = structure("Seal", """header:4096s frames:Q batches:Q events:Q raw:Q stored:Q first_time:q last_time:q
    number:Q batch:Q position:Q tree_size:Q root:32s header_digest:32s reserved:8s subtrees:I entries:I""")
Trailer = structure("Trailer", """magic:8s log_id:16s segment:Q seal_offset:Q seal_length:Q length:Q
    reserved:4s crc:I""")
Frame.end = property(lambda frame: frame.offset + 128 + (frame.stored + 7 & ~7))
BATCHES, SEAL, NOTE = 1, 2, 3

def segment_header(data):
    require(len(data) >= 4096, "file-ends-inside-header")
    header = Header.read(data)
    require(header.crc == crc32c(data[:4092]), "header-checksum")
    require(header.text.startswith(b"Daybook log segment, format "), "not-a-log")
    require(header.sentinel == b"\x89DBK\r\n\x1a\n", "sentinel")
    require(header.major == 1 and not header.features, f"newer-{header.major}-features-{header.features}")
    require(header.minor or is_zero(header.reserved_1 + header.reserved_2 + header.reserved_3), "reserved-byte")
    return require(header.header_length == 4096 and header.length in range(1 << 14, (1 << 30) + 1, 4096) and
                   0 < min(header[6:10]) <= max(header[6:10]) < 1 << 62 and header, "implausible-header")

def frame_header(data, at, end):
    """A frame's header that is right in itself."""
    require(at + 128 <= end, "file-ends-inside-frame")
    frame = Frame.read(data, at)
    require(frame.magic == b"\xf5DBF", "zero-bytes" if is_zero(data[at:at + 128]) else "no-frame")
    require(frame.crc == crc32c(data[at:at + 124]), "frame-header-checksum")
    require(0 < frame.kind < 4 and frame.codec < 2 and not frame.flags & 255, "newer-frame={}-{}-{}".format(*frame[1:4]))
    require(is_zero(frame.reserved), "reserved-byte")
    require((frame.stored < frame.raw if frame.codec else frame.stored == frame.raw)
            and frame.raw <= min(16 << 20, 255 * frame.stored + 64), "bad-length")
    counts_fit = 0 < frame.batches <= frame.events if frame.kind == BATCHES else frame[9:11] == (0, 0)
    return require(0 < min(frame[6:9]) <= max(frame[6:9]) < 1 << 62 and counts_fit and frame, "bad-counts")

def mark_slot(data, slot):
    """The mark in slot 0 or 1; `None` when the slot was never written."""
    written = data[4096 * slot:4096 * slot + 256]
    require(len(data) >= 8192, f"file-length={len(data)}")
    mark, unused = Mark.read(written), is_zero(written)
    require(unused or mark.magic == b"DBKMARK1" and mark.crc == crc32c(written[:252]) and
            mark.generation % 2 == slot and mark.flags < 4 and is_zero(mark.reserved), "slot-checksum")
    return None if unused else mark

def seal_content(raw):
    """Fields, Merkle subtrees and sparse index of a seal."""
    seal = Seal.read(raw)
    sizes = [1 << bit for bit in range(63, -1, -1) if seal.tree_size >> bit & 1]
    require(seal.subtrees == len(sizes) and is_zero(seal.reserved), "content(seal)")
    require(len(raw) == (index := 4264 + 32 * len(sizes)) + 40 * seal.entries, "content(seal-length)")
    roots = [raw[at:at + 32] for at in range(4264, index, 32)]
    return seal, list(zip(sizes, roots)), list(struct.iter_unpack("<QQQQq", raw[index:]))

def has_trailer(data, number, log_id):
    trailer = Trailer.read(data, len(data) - 64)
    return (trailer.magic == b"DBKTRAIL" and trailer.crc == crc32c(data[-64:-4]) and is_zero(trailer.reserved)
            and (trailer.length, trailer.segment, trailer.log_id) == (len(data), number, log_id))

# ---- Payloads: sections 4.6 (messages) and 4.7 (LZ4 blocks)
def lz4_block(block, raw_length):
    out, at = bytearray(), 0
    while True:
        token, at = block[at], at + 1
        count, is_long = token >> 4, token >> 4 == 15
        while is_long: count, is_long, at = count + block[at], block[at] == 255, at + 1
        require(count <= min(len(block) - at, raw_length - len(out)), "decompression")
        out += block[at:at + count]
        at += count
        if at == len(block):
            require(len(out) == raw_length, "decompression")
            return bytes(out)
        distance, at = block[at] | block[at + 1] << 8, at + 2
        count, is_long = (token & 15) + 4, token & 15 == 15
        while is_long: count, is_long, at = count + block[at], block[at] == 255, at + 1
        require(0 < distance <= len(out) and count <= raw_length - len(out), "decompression")
        piece = out[len(out) - distance:len(out) - distance + count]
        out += piece if count <= distance else (piece * (count // distance + 1))[:count]

def varint(data, at):
    value = shift = 0
    for byte in data[at:at + 10]:
        value, shift = value | (byte & 127) << shift, shift + 7
        if byte < 128 and value < 1 << 64:
            return value, at + shift // 7
    raise Damage("content(varint)")

def fields(message, known):
    """Number and value of the fields whose type `known` tells; others are skipped."""
    at = 0
    while at < len(message):
        key, at = varint(message, at)
        value, at = varint(message, at) if key & 7 in (0, 2) else ({1: 8, 5: 4}.get(key & 7, 1 << 64), at)
        if key & 7:  # The value is a length.
            value, at = message[at:at + value] if key & 7 == 2 else None, at + value
        require(key >> 3 and at <= len(message), "content(field)")
        if key >> 3 in known:
            require(type(value) is known[key >> 3], "content(field-type)")
            yield key >> 3, value
def hexadecimal(value, count): return require(len(value) == count and value.hex(), "content(length)")
def tag_text(stored):
    """`label:text`, or `label=` and 32 hexadecimal digits."""
    tag = require(re.match(rb"([a-z0-9_]{1,15}[:=])(.*)", stored, re.DOTALL), "content(tag)")
    return tag[1].decode() + (tag[2].decode() if tag[1].endswith(b":") else hexadecimal(tag[2], 16))
def actor_text(stored):
    require(re.match(rb"(system|gateway|operator|import)\Z|operator:|user=", stored), "content(actor)")
    return tag_text(stored) if stored.startswith(b"user=") else stored.decode()

BATCH = {1: ("recorded_at", lambda value: value - (value >> 63 << 64)), 2: ("actor", actor_text),
         3: ("command", bytes.decode), 4: ("idempotency_key", bytes.decode), 7: ("causation_position", int),
         5: ("fingerprint", lambda value: hexadecimal(value, 32)),
         6: ("correlation_id", lambda value: hexadecimal(value, 16))}
BATCH_TYPES = {1: int, 7: int, **dict.fromkeys((2, 3, 4, 5, 6, 8, 9, 10), bytes)}

def decode_event(message, types, tags):
    (event, at, chosen), known = ({1: 0, 2: 1, 3: b"", 4: b""}, 0, []), {1: int, 2: int, 3: bytes, 4: bytes}
    event.update(fields(message, known))
    while at < len(event[3]):
        index, at = varint(event[3], at)
        chosen.append(tags[index])
    require(0 < event[2] < 1 << 32, "content(schema-version)")
    return {"type": types[event[1]], "schema_version": event[2], "tags": chosen, "payload": event[4].hex()}
def decode_batch(message):
    batch, types, tags, events = {"recorded_at": 0, "actor": "", "command": ""}, [], [], []
    for number, value in fields(message, BATCH_TYPES):
        require(number == 10 or not events, "content(table-after-event)")
        if number < 8:
            batch[BATCH[number][0]] = BATCH[number][1](value)
        elif number == 10:
            events.append(decode_event(value, types, tags))
        else:
            tags.append(tag_text(value)) if number == 9 else types.append(value.decode())
    return require(batch["actor"] and events and (batch, events), "content(no-actor-or-event)")
def decode_frame(frame, stored):
    """Of every batch the message, its fields and its events; of a seal or note its content."""
    try:
        raw = lz4_block(stored, frame.raw) if frame.codec else stored
        if frame.kind != BATCHES:
            require(frame.kind == NOTE or not frame.codec, "content(compressed-seal)")
            return seal_content(raw) if frame.kind == SEAL else dict(fields(raw, {1: bytes}))
        at, batches, position = 0, [], frame.position
        while at < len(raw):
            count, at = varint(raw, at)
            message, at = raw[at:at + count], at + count
            batch, events = decode_batch(message)
            events = [{"position": position + index, **event} for index, event in enumerate(events)]
            batches.append((message, {"batch": frame.batch + len(batches), **batch}, events))
            position += len(events)
    except (IndexError, UnicodeDecodeError, struct.error) as error:
        raise Damage(f"content({type(error).__name__})") from None
    return require((at, len(batches), position - frame.position) == (len(raw), frame.batches, frame.events)
                   and batches, "content(counts)")

# ---- A whole log: sections 3, 8 and 9
# What the next frame must say; what a sealed segment says about the next one; what a walk needs to know.
Place = collections.namedtuple("Place", "offset number batch position time epoch chain")
Link = collections.namedtuple("Link", "place digest subtrees")
Segment = collections.namedtuple("Segment", "number header data end tag mark active")

def finding(kind, number, start, end, evidence, place=None, until=0):
    """One line of section 9; damage begins at `place`, and position `until` is the first behind it."""
    batch = f" expected_batch={place.batch}" if place else ""
    lost = f" positions=[{place.position},{until - 1}]" if place and until > place.position else ""
    return f"{kind} {f'segment={number}' if number else 'file=MARK'} range=[{start},{end}){batch}{lost} evidence={evidence}"

def check_frame(segment, place):
    """The frame at `place`, with its content, when everything about it is right."""
    data, payload = segment.data, place.offset + 128
    frame = frame_header(data, place.offset, segment.end)
    require(frame.offset == place.offset and frame.tag == segment.tag, "frame-of-another-place")
    require(frame.end <= segment.end, "file-ends-inside-frame")
    require(frame[6:9] == place[1:4], "frame={},batch={},position={}".format(*frame[6:9]))
    require(frame.epoch >= place.epoch and frame.time >= place.time, "epoch-or-time-goes-back")
    require(frame.durable <= frame.offset, f"durable-offset={frame.durable}")
    stored = data[payload:payload + frame.stored]
    require(frame.payload_crc == crc32c(stored), "payload-checksum")
    require(is_zero(data[payload + frame.stored:frame.end]), "padding-not-zero")
    require(frame.chain == digest(b"\2", place.chain, data[payload - 128:payload - 56], stored), "chain-broken")
    return frame, decode_frame(frame, stored)

def right_headers(data, at, end, tag):
    """The frame headers that are right in themselves and in their place."""
    while (at := data.find(b"\xf5DBF", at, end)) >= 0:
        with contextlib.suppress(Damage):
            frame = frame_header(data, at, end)
            if at % 8 == 0 and frame.offset == at and frame.tag == tag:
                yield frame
        at += 1

def judge(segment, place, damage):
    """What stands where no right frame does: damage, a write that a crash tore, or the end."""
    number, header, data, end, tag, mark, active = segment
    right = list(right_headers(data, place.offset, end, tag))
    residue = max(len(data[:end].rstrip(b"\0")), place.offset)
    proven = max([mark.durable if mark else 0, *(frame.durable for frame in right)])
    here = right.pop(0) if right and right[0].offset == place.offset else None
    never_torn = here and str(damage) not in ("payload-checksum", "padding-not-zero", "file-ends-inside-frame")
    if active and proven <= place.offset and damage.kind != "NEWER" and not never_torn:
        kind = "CORRUPT" if mark and mark.flags & 1 else "TORN"  # Closed cleanly: nothing may follow.
        return [finding(kind, number, place.offset, residue, damage, place)][residue == place.offset:]
    stop, until = (max(residue, proven), mark.position if mark else 0) if active else (end, 0)
    if right or here:
        known = right[0] if right else here._replace(offset=min(here.end, end), position=here.position + here.events)
        stop, until = known.offset, known.position
    found = [finding(damage.kind, number, place.offset, stop, damage, place, until)]
    cut = [finding("MISSING", number, *sorted((len(data), header.length)), "neither-sealed-nor-whole")]
    return found if active or end < len(data) else found[residue == place.offset:] + cut

def check_seal(segment, frame, content, expected, subtrees_before):
    (number, _, data, end, *_, active), (seal, subtrees, index) = segment, content
    fits = ([*seal[:11], seal.header_digest, index, seal.root] == [*expected, merkle_root(subtrees)]
            and subtrees_before in (None, subtrees))
    found = [] if fits else [finding("CORRUPT", number, frame.offset, frame.end, "seal-and-frames-disagree")]
    if active:
        found.append(finding("TORN", number, frame.end, len(data), "rotation-interrupted"))
    elif len(data) != frame.end + 64:
        found.append(finding("MISSING", number, *sorted((len(data), frame.end + 64)), "file-length"))
    elif end == len(data) or Trailer.read(data, end)[3:5] != (frame.offset, frame.end - frame.offset):
        found.append(finding("CORRUPT", number, frame.end, len(data), "trailer"))
    return found

class Log:
    """One pass over a log: `items()` gives findings as text, segments, and frames with their content."""
    def __init__(self, directory):
        self.directory, self.totals = pathlib.Path(directory), collections.Counter()
        self.mark = self.identity = self.link = self.place = self.subtrees = None
    def items(self):
        names = {entry.name for entry in self.directory.iterdir()}
        numbers = sorted(int(name[4:24]) for name in names if re.fullmatch(r"log-(?!0{20})[01][0-9]{19}\.seg", name))
        found = list(self.read_mark()) if "MARK" in names else [finding("MISSING", 0, 0, 0, "no-mark-file")]
        last = max([*numbers[-1:], self.mark.segment if self.mark else 0])
        if not last:
            raise FileNotFoundError(f"no log in {self.directory}")
        yield from found
        for before, number in zip([0, *numbers], [*numbers, last + 1]):
            if number > before + 1:
                yield finding("MISSING", before + 1, 0, 0, f"up-to-segment={number - 1}", self.place)
                self.link = self.place = self.subtrees = None
            if number <= last: yield from self.segment(number, number == numbers[-1])
    def read_mark(self):
        data, marks = (self.directory / "MARK").read_bytes(), []
        for slot in 0, 1:
            try:
                marks.append(mark_slot(data, slot))
            except Damage as damage:
                yield finding("CORRUPT", 0, 4096 * slot, 4096 * slot + 256, damage)
        if marks == [None, None] or not is_zero(data[256:4096] + data[4352:]) or len(data) > 8192:
            yield finding("CORRUPT" if any(marks) else "MISSING", 0, 0, 8192, "no-mark-or-bytes-beside-it")
        self.mark = max(filter(None, marks), key=lambda mark: mark.generation, default=None)
    def segment(self, number, is_last):
        data = (self.directory / f"log-{number:020}.seg").read_bytes()
        link, self.link, self.subtrees, self.place = self.link, None, None, None
        self.totals.update(segments=1, bytes=len(data))
        try:
            header = segment_header(data)
            if number == 1:
                genesis = digest(b"daybook log genesis 1\n", header.log_id)
                link = Link(Place(4096, 1, 1, 1, -1 << 63, 0, genesis), bytes(32), [])
            require(header.segment == number, f"header-of-segment={header.segment}")
            require(not self.mark or self.mark.log_id == header.log_id, "log-id-differs-from-mark")
            require(self.identity in (None, (header.log_id, header.salt)), "segment-of-another-log")
            self.identity = header.log_id, header.salt
            require(not link or (*header[7:10], header.chain, header.previous_seal) ==
                    (*link.place[1:4], link.place.chain, link.digest), "does-not-continue")
        except Damage as damage:
            kind, start = (damage.kind, 0) if len(data) >= 4096 else ("MISSING", len(data))
            return (yield finding(kind, number, start, 4096, damage))
        place = link.place if link else Place(4096, *header[7:10], -1 << 63, 0, header.chain)
        self.subtrees = list(link.subtrees) if link else None
        mark = self.mark if self.mark and self.mark.segment == number else None
        tag, sealed = digest(header.salt, struct.pack("<Q", number))[:4], has_trailer(data, number, header.log_id)
        active = is_last and not sealed and len(data) == header.length
        segment = Segment(number, header, data, len(data) - 64 * sealed, tag, mark, active)
        tally, index, headers, ends, found = [0] * 7, [], digest(b"\3", data[:4096]), {}, None
        yield segment,
        while found is None:
            ends[place.offset] = *place[1:4], place.chain
            try:
                frame, content = check_frame(segment, place)
            except Damage as damage:
                found = judge(segment, place, damage)
                break
            self.totals.update(frames=1, batches=frame.batches, events=frame.events)
            is_proven = not self.mark or (number, frame.end) <= (self.mark.segment, self.mark.durable)
            yield segment, frame, content, is_proven
            if frame.kind == BATCHES:
                if not index or frame.offset - index[-1][0] >= 65536:
                    index.append((frame.offset, *place[1:4], frame.time))
                for message, _, _ in content if self.subtrees is not None else ():
                    merkle_append(self.subtrees, message)
            place = Place(frame.end, frame.number + 1, frame.batch + frame.batches,
                          frame.position + frame.events, frame.time, frame.epoch, frame.chain)
            if frame.kind == SEAL:
                expected = [data[:4096], *tally, *place[1:4], headers, index]
                found = check_seal(segment, frame, content, expected, self.subtrees)
                self.link = Link(place._replace(offset=4096), digest(b"\5", data[frame.offset:]), content[1])
            sums = map(sum, zip(tally, (1, frame.batches, frame.events, frame.raw, frame.stored)))
            tally = [*sums, tally[5] if tally[0] else frame.time, frame.time]
            headers = digest(b"\4", headers, data[frame.offset:frame.offset + 128])
        self.place = place
        yield from found
        vouched = mark and (mark.number, mark.batch, mark.position, mark.chain)
        if all(line.startswith("TORN") for line in found) and vouched != (mark and ends.get(mark.durable)):
            yield finding("CORRUPT", number, 4096, max(mark.durable, place.offset), "mark-and-frames-disagree")

# ---- Commands
def when(time):
    seconds = datetime.timedelta(seconds=max(-6e10, min(time // 1000000, 2e11)))  # The years 68 to 8307.
    return f"{datetime.datetime(1970, 1, 1) + seconds}.{time % 1000000:06}Z"

def show(segment, frame=None, content=None, is_proven=True):
    if not frame:
        return print(f"segment {segment.number}: {('sealed', 'active')[segment.active]}, {len(segment.data)} bytes")
    print(f"  frame {frame.number} at {frame.offset}: {('batches', 'seal', 'note')[frame.kind - 1]}, {frame.stored} "
          f"bytes of {frame.raw}, {when(frame.time)}{'' if is_proven else ', behind the mark'}")
    for _, batch, events in content if frame.kind == BATCHES else ():
        print(f"    batch {batch['batch']}: positions {events[0]['position']} to {events[-1]['position']},"
              f" {when(batch['recorded_at'])}, {batch['actor']!a}, {batch['command']!a}")
def decode(segment, frame=None, content=None, is_proven=False):
    if is_proven and frame.kind == NOTE:
        print(json.dumps({"note": frame.number, "schemas": content.get(1, b"").hex()}))
    for _, batch, events in content if is_proven and frame.kind == BATCHES else ():
        print(json.dumps({**batch, "segment": segment.number, "frame": frame.number, "events": len(events)}),
              *(json.dumps({**event, "batch": batch["batch"]}) for event in events), sep="\n")

def main(command="", directory=None, *rest):
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    commands = {"list": show, "decode": decode, "verify": lambda *item: None}
    if command not in commands or directory is None or rest:
        return print(__doc__, file=sys.stderr) or 64
    log, damage = Log(directory), set()
    try:
        for item in log.items():
            if not isinstance(item, str):
                commands[command](*item)
                continue
            print(item, file=sys.stdout if command == "verify" else sys.stderr)
            damage |= {item.split()[0]} - {"TORN"}
            if command == "decode" and damage and " segment=" in item: break
    except OSError as error:
        is_absent = isinstance(error, (FileNotFoundError, NotADirectoryError))
        return print(error, file=sys.stderr) or (10 if is_absent else 74)
    if command == "verify":
        print("DAMAGED" if damage else "OK", *(f"{what}={count}" for what, count in log.totals.items()),
              *() if damage else (f"chain={log.place.chain.hex()}", f"root={merkle_root(log.subtrees).hex()}"))
    return 65 if damage - {"NEWER"} else 12 if damage else 0

if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
