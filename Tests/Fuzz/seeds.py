#!/usr/bin/env python3
"""Makes first inputs for the fuzz targets from real bytes: golden events and the log of a demo store.

    .build/release/daybook demo --store /tmp/shop
    python3 Tests/Fuzz/seeds.py /tmp/shop

Inputs go to Tests/Fuzz/Corpus; `fuzz.py --keep` minimises them together with what it found.
"""

import pathlib
import re
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def seed(target, name, content):
    place = HERE / "Corpus" / target
    place.mkdir(parents=True, exist_ok=True)
    (place / name).write_bytes(content)


def decompressed(block):
    raw, index = bytearray(), 0

    def length(first):
        nonlocal index
        while True:
            first += block[index]
            index += 1
            if block[index - 1] != 255:
                return first

    while True:
        token = block[index]
        index += 1
        count = token >> 4
        if count == 15:
            count = length(count)
        raw += block[index:index + count]
        index += count
        if index == len(block):
            return bytes(raw)
        distance = block[index] | block[index + 1] << 8
        index += 2
        count = token & 15
        if count == 15:
            count = length(count)
        for _ in range(count + 4):
            raw.append(raw[-distance])


def events():
    text = (ROOT / "Sources/DaybookDecisions/Events/Event.swift").read_text()
    types = re.findall(r"^        (\w+)\.type,$", text, re.MULTILINE)
    for number, type in enumerate(types):
        for path in sorted((ROOT / "Schemas/golden" / type).rglob("*.bin")):
            content = path.read_bytes()
            if len(content) < 600:
                seed("event", f"{type}-{path.stem}", bytes([number, 1]) + content)


def log(store):
    segment = (store / "log/log-00000000000000000001.seg").read_bytes()
    mark = (store / "log/MARK").read_bytes()
    seed("header", "fields", b"\x01" + segment[256:448])
    seed("header", "text", b"\x03" + segment[:256])
    seed("mark", "both", b"\x07" + mark[:256] + mark[4096:4352])
    fields = bytearray(168)
    struct.pack_into("<6Q", fields, 0, 2, 2, 4, 200, 100, 5)
    struct.pack_into("<3Q", fields, 56, 9, 8, 20)
    entry = struct.pack("<5Q", 4096, 1, 1, 1, 5) + struct.pack("<5Q", 70000, 2, 3, 4, 6)
    for flags in (1, 3, 5, 7):
        seed("seal", f"entries-{flags}", bytes([flags]) + bytes(64) + bytes(fields) + entry)
    offset, kept = 4096, 0
    while segment[offset:offset + 4] == b"\xf5DBF":
        stored, raw = struct.unpack_from("<II", segment, offset + 8)
        frame = segment[offset:offset + 128 + stored]
        offset += 128 + (stored + 7) // 8 * 8
        if frame[4] != 1 or stored > 1500 or kept >= 40:
            continue
        kept += 1
        payload = frame[128:]
        content = decompressed(payload) if frame[5] == 1 else payload
        seed("frame", f"frame-{kept}", b"\x07" + frame)
        seed("frame", f"frame-{kept}-lz4", (b"\x0f" if frame[5] == 1 else b"\x03") + frame)
        if len(content) < 3000:
            seed("batch", f"batch-{kept}", b"\x00" + content)
        if frame[5] == 1:
            seed("lz4", f"block-{kept}", b"\x00" + struct.pack("<I", raw)[:3] + payload)
            seed("lz4", f"raw-{kept}", b"\x01\x00\x00\x00" + content)


def texts():
    commands = (ROOT / "Sources/daybook/Arguments/CommandReader.swift").read_text()
    names = re.findall(r'Entry\(name: "(\w+)"', commands)
    user, order = "usr_01h455vb4pex5vsknk084sn02q", "ord_01h455vb4pex5vsknk084sn02q"
    payment, back = "pay_01h455vb4pex5vsknk084sn02q", "ret_01h455vb4pex5vsknk084sn02q"
    fields = (
        f'"user":"{user}","order":"{order}","payment":"{payment}","return":"{back}","sku":"A",'
        '"name":"Lamp","price":"9.99 GBP","quantity":5,"delta":-2,"reason":"lost","email":"a@b.de",'
        '"token":"x","location":"main","stocked":true,"restock":false,"amount":{"minor":9,'
        '"currency":"GBP"},"items":[{"sku":"A","quantity":2,"unit_price":"1 GBP"}],'
        '"lines":[{"line_number":1,"quantity":2}]')
    members = re.findall(r'"\w+":(?:\[[^\]]*\]|\{[^}]*\}|"[^"]*"|[^,]*)', fields)
    wanted = {
        "add_product": "sku name price stocked", "change_price": "sku price",
        "rename_product": "sku name", "discontinue_product": "sku",
        "receive_stock": "sku quantity location", "adjust_stock": "sku delta reason",
        "register_user": "email", "verify_email": "token", "resend_verification": "email",
        "deactivate_user": "user reason", "reactivate_user": "user reason",
        "create_order": "user items", "complete_order": "order", "start_processing": "order",
        "ship_order": "order lines", "cancel_order": "order reason",
        "capture_payment": "payment amount", "void_payment": "payment",
        "refund_payment": "payment amount reason", "request_return": "order lines",
        "receive_return": "return order",
    }
    for name in names:
        chosen = [m for m in members if m.split('"')[1] in wanted.get(name, "").split()]
        seed("json", name, ("{" + ",".join([f'"command":"{name}"'] + chosen) + "}").encode())
    seed("json", "escapes", rb'["\u00e9\ud83d\ude00\n\"", -1.5e+3, 9223372036854775807, null, []]')
    sample = (ROOT / "Sources/daybook/Resources/sample-orders.csv").read_bytes().splitlines(True)
    seed("csv", "rows", b"\x07" + b"".join(sample[1:6]))
    seed("csv", "quotes", b"\x02" + b'536365,85123A,"A ""LAMP"", new",6,2010-12-01 08:26,2.55,17850,UK\n'
         b'C536365,85123A,"open\n')
    for number, text in enumerate([
            "2010-12-01T08:26:00.000001+01:00", "sku:85123A", "operator:Ann", order, "9.99 GBP",
            "85123A=6@2.55GBP", "1=2:1", "Ann.B+x@B\u00fccher.de", "85123A", "QUJDRA==",
            "receive_stok"]):
        seed("text", f"text-{number}", bytes([number]) + text.encode())
    seed("text", "far", b"\x00+010000-01-01T00:00:00Z")


def logs():
    """Operations of the target `log`: one number of one place each, and what must be put right."""
    extremes = [0, 2**62 - 1, 2**64 - 1]

    def overwrite(place, value):
        return place + b"\x07" + struct.pack("<Q", value)

    for number, value in enumerate(extremes):
        for field in range(16, 136, 8):
            # The mark stands behind the three segments of the base log.
            edits = b"".join(overwrite(b"\x03" + struct.pack("<H", start + field), value)
                             for start in (0, 4096))
            seed("log", f"mark-{field}-{number}", b"\x04" + edits)
        for field in (8, 16, 24, 32, 40, 48, 56, 104, 112):
            seed("log", f"frame-{field}-{number}",
                 b"\x03" + overwrite(bytes([1 << 3, 2, field]), value))
        for back in range(160, 420, 8):
            seed("log", f"seal-{back}-{number}",
                 b"\x13" + overwrite(bytes([3 << 3]) + struct.pack("<H", back + 7), value))
        for back in range(7, 64, 8):
            seed("log", f"trailer-{back}-{number}",
                 b"\x0b" + overwrite(bytes([3 << 3]) + struct.pack("<H", back), value))
        for field in range(280, 352, 8):
            seed("log", f"header-{field}-{number}",
                 b"\x08" + overwrite(b"\x01" + struct.pack("<H", field), value))
    for file in range(4):
        seed("log", f"cut-{file}", bytes([0, 4 << 3 | file, 100, 0]))
        seed("log", f"longer-{file}", bytes([0, 5 << 3 | file, 0, 200]))
        seed("log", f"moved-{file}", bytes([1, 6 << 3 | file, 0, 0, 2, 64, 2]))
        for other in range(5):
            seed("log", f"replaced-{file}-{other}", bytes([0, 7 << 3 | file, other]))


if __name__ == "__main__":
    events()
    texts()
    logs()
    log(pathlib.Path(sys.argv[1]))
