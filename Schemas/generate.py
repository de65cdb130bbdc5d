#!/usr/bin/env python3
"""Writes the Swift event types and codecs from the .proto files.

    python3 Schemas/generate.py            writes the files
    python3 Schemas/generate.py --check    exits 1 if a committed file differs, or if a published
                                           message was changed or is not in lock.json
    python3 Schemas/generate.py --lock     adds messages and fields that are new to lock.json;
                                           what stands in it is never changed

The .proto files are the source; what is written is committed, so a build needs neither Python nor
protoc. Needs protoc (Debian: protobuf-compiler) and nothing else. The wire format is proto3; fields
appear in order of their numbers; unknown fields are skipped when read.
"""

import base64
import hashlib
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent
SOURCES = ROOT.parent / "Sources" / "DaybookDecisions"
PACKAGES = ["users", "inventory", "orders", "payments", "mail", "operations"]

# ------------------------------------------------------------------ descriptors, read by hand


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def fields(data):
    """{number: [value, ...]} of one message; nested messages stay bytes."""
    found, at = {}, 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        elif key & 7 == 2:
            size, at = varint(data, at)
            value, at = data[at : at + size], at + size
        else:
            raise ValueError(f"wire type {key & 7} in a descriptor")
        found.setdefault(key >> 3, []).append(value)
    return found


def text(found, number, default=""):
    return found[number][0].decode() if number in found else default


TYPES = {3: "int64", 4: "uint64", 5: "int32", 8: "bool", 9: "string", 11: "message", 12: "bytes",
         13: "uint32", 14: "enum", 18: "sint64"}


class Field:
    def __init__(self, data):
        found = fields(data)
        self.proto_name = text(found, 1)
        self.number = found[3][0]
        self.repeated = found[4][0] == 3
        self.type = TYPES[found[5][0]]
        self.type_name = text(found, 6).rsplit(".", 1)[-1]
        self.optional = 17 in found
        self.full_type_name = text(found, 6)[1:]
        options = fields(found[8][0]) if 8 in found else {}
        self.kind = text(options, 50001)
        self.personal = options.get(50002, [0])[0] != 0
        self.name = camel(self.proto_name)


class Message:
    def __init__(self, data):
        found = fields(data)
        self.name = text(found, 1)
        self.fields = sorted((Field(f) for f in found.get(2, [])), key=lambda f: f.number)
        options = fields(found[7][0]) if 7 in found else {}
        self.version = options.get(50003, [0])[0]


class Enum:
    def __init__(self, data):
        found = fields(data)
        self.name = text(found, 1)
        prefix = re.sub(r"(?<!^)(?=[A-Z])", "_", self.name).upper() + "_"
        self.values = []
        for value in found[2]:
            inner = fields(value)
            self.values.append((text(inner, 1)[len(prefix):].lower(), inner.get(2, [0])[0]))
        self.cases = [(name, number) for name, number in self.values if number]


class File:
    def __init__(self, data):
        found = fields(data)
        self.path = text(found, 1)
        self.package = text(found, 2)
        self.messages = [Message(m) for m in found.get(4, [])]
        self.enums = [Enum(e) for e in found.get(5, [])]


def camel(snake):
    head, *rest = snake.split("_")
    return head + "".join("ID" if part == "id" else part.capitalize() for part in rest)


# ------------------------------------------------------------------ comments of the .proto files


def comments(path):
    """{message or message.field or enum: comment lines} as they stand above the declarations."""
    found, pending, scope = {}, [], None
    for line in path.read_text().splitlines():
        stripped = line.strip()
        if stripped.startswith("//"):
            pending.append(stripped[2:].strip())
            continue
        declared = re.match(r"(?:message|enum) (\w+)", stripped)
        member = re.match(r"(?:optional |repeated )?[\w.]+ (\w+) = \d+", stripped)
        value = re.match(r"(\w+) = \d+;", stripped)
        if declared:
            scope = declared[1]
            found[scope] = pending
        elif member and scope:
            found[f"{scope}.{member[1]}"] = pending
        elif value and scope:
            found[f"{scope}.{value[1]}"] = pending
        pending = []
    return found


# ------------------------------------------------------------------ Swift

IDENTIFIERS = {"OrderID", "UserID", "PaymentID", "ShipmentID", "ReturnID", "VerificationID", "MailID",
               "RefundID", "CaptureID"}
CHECKED_TEXT = {"SKU", "LocationID", "Currency"}
CHECKED_INT = {"Quantity", "BasisPoints"}
HAND_WRITTEN = {"Money"}  # the struct lives in Values/; only its codec is written here
SCALARS = {"int32": "Int32", "int64": "Int64", "uint32": "UInt32", "uint64": "UInt64", "sint64": "Int64",
           "bool": "Bool", "string": "String", "bytes": "[UInt8]"}
DEFAULTS = {"Int32": "0", "Int64": "0", "UInt32": "0", "UInt64": "0", "Bool": "false", "String": '""',
            "[UInt8]": "[]"}


def swift_type(field):
    if field.kind:
        return field.kind
    if field.type in ("message", "enum"):
        return field.type_name
    return SCALARS[field.type]


def write_statement(field, value, always):
    number, kind = field.number, field.kind
    form = "alwaysField" if always else "field"
    if kind in IDENTIFIERS:
        return f"writer.field({number}, identifier: {value}.rawValue)"
    if kind == "EmailDigest":
        return f"writer.field({number}, digest: {value}.digest)"
    if kind == "Digest":
        return f"writer.field({number}, digest: {value})"
    if kind in CHECKED_TEXT:
        return f"writer.{form}({number}, text: {value}.rawValue)"
    if kind in CHECKED_INT:
        value, field_type = f"{value}.rawValue", "int32"
    elif kind == "Instant":
        value, field_type = f"{value}.microseconds", "int64"
    else:
        field_type = field.type
    if field_type == "message":
        return f"writer.field({number}) {{ {value}.encode(into: &$0) }}"
    if field_type == "string":
        return f"writer.{form}({number}, text: {value})"
    if field_type == "bytes":
        return f"writer.{form}({number}, bytes: {value})"
    if field_type == "sint64":
        return f"writer.field({number}, zigzag: {value})"
    if field_type == "bool":
        return f"writer.field({number}, bool: {value})"
    if field_type == "enum":
        return f"writer.field({number}, int: Int64({value}.rawValue))"
    if always:
        return f"writer.alwaysField({number}, varint: UInt64(bitPattern: Int64({value})))"
    if field_type in ("uint32", "uint64"):
        return f"writer.field({number}, varint: UInt64({value}))"
    return f"writer.field({number}, int: Int64({value}))" if field_type == "int32" else (
        f"writer.field({number}, int: {value})")


def read_expression(field):
    kind = field.kind
    if kind in IDENTIFIERS:
        return f"{kind}(rawValue: try reader.identifier(tag))"
    if kind == "EmailDigest":
        return "EmailDigest(digest: try reader.digest(tag))"
    if kind == "Digest":
        return "try reader.digest(tag)"
    if kind in CHECKED_TEXT:
        return f"try reader.checked(tag, {kind}.init(utf8:), of: try reader.delimited(tag))"
    if kind in CHECKED_INT:
        return f"try reader.checked(tag, {kind}.init(rawValue:), of: try reader.int32(tag))"
    if kind == "Instant":
        return "Instant(microseconds: try reader.int64(tag))"
    if field.type == "message":
        return f"try reader.decode({field.type_name}.self, tag)"
    if field.type == "enum":
        return f"try reader.checked(tag, {field.type_name}.init(rawValue:), of: try reader.int32(tag))"
    return {"string": "try reader.text(tag)", "bytes": "try reader.bytes(tag)",
            "bool": "try reader.bool(tag)", "int32": "try reader.int32(tag)",
            "int64": "try reader.int64(tag)", "sint64": "try reader.zigzag(tag)",
            "uint32": "try reader.uint32(tag)", "uint64": "try reader.varint(tag)"}[field.type]


def doc(lines, indent=""):
    return [f"{indent}/// {line}".rstrip() for line in lines]


def wrapped(head, parts, tail, indent):
    """`head(parts)tail` on one line if it fits, else a part list filled to 100 columns."""
    one = f"{indent}{head}({', '.join(parts)}){tail}"
    if len(one) <= 100:
        return [one]
    lines, line = [f"{indent}{head}("], indent + "    "
    for index, part in enumerate(parts):
        piece = part + (", " if index + 1 < len(parts) else "")
        if len(line) + len(piece.rstrip()) > 100:
            lines.append(line.rstrip())
            line = indent + "    "
        line += piece
    lines.append(line.rstrip())
    lines.append(f"{indent}){tail}")
    return lines


def swift_enum(enum, notes):
    lines = doc(notes.get(enum.name, []))
    lines.append(f"public enum {enum.name}: Int32, Sendable, CaseIterable {{")
    prefix = re.sub(r"(?<!^)(?=[A-Z])", "_", enum.name).upper() + "_"
    for name, number in enum.cases:
        lines += doc(notes.get(f"{enum.name}.{prefix}{name.upper()}", []), "    ")
        lines.append(f"    case {camel(name)} = {number}")
    lines += ["", "    /// The name on the wire of JSON, SQL and the command line.",
              "    public var name: String {", "        switch self {"]
    lines += [f'        case .{camel(name)}: "{name}"' for name, _ in enum.cases]
    return lines + ["        }", "    }", "}", ""]


def swift_message(message, notes):
    lines = []
    is_event = message.version > 0
    protocol = "EventPayload, WireMessage" if is_event else "WireMessage"
    if message.name in HAND_WRITTEN:
        lines.append(f"extension {message.name}: WireMessage {{")
    else:
        lines += doc(notes.get(message.name, []))
        lines.append(f"public struct {message.name}: {protocol}, Hashable, Sendable {{")
        if is_event:
            lines.append(f'    public static let type: EventType = "{message.name}"')
            lines.append(f"    public static let schemaVersion: UInt32 = {message.version}")
            lines.append("")
        for field in message.fields:
            lines += doc(notes.get(f"{message.name}.{field.proto_name}", []), "    ")
            lines.append(f"    public var {field.name}: {stored_type(field)}")
        lines.append("")
        parameters = [
            f"{f.name}: {stored_type(f)}" + (" = nil" if f.optional else "") for f in message.fields]
        lines += wrapped("public init", parameters, " {", "    ")
        lines += [f"        self.{f.name} = {f.name}" for f in message.fields]
        lines += ["    }", ""]
    lines += swift_encode(message) + [""] + swift_decode(message) + ["}", ""]
    return lines


def stored_type(field):
    base = swift_type(field)
    return f"[{base}]" if field.repeated else base + ("?" if field.optional else "")


def swift_encode(message):
    lines = ["    package func encode(into writer: inout WireWriter) {"]
    for field in message.fields:
        if field.repeated:
            lines.append(f"        for element in {field.name} {{")
            lines.append(f"            {write_statement(field, 'element', True)}")
            lines.append("        }")
        elif field.optional:
            lines.append(f"        if let {field.name} {{")
            lines.append(f"            {write_statement(field, field.name, True)}")
            lines.append("        }")
        else:
            lines.append(f"        {write_statement(field, field.name, False)}")
    return lines + ["    }"]


def swift_decode(message):
    lines = ["    package init(from reader: inout WireReader) throws(WireError) {"]
    for field in message.fields:
        base = swift_type(field)
        if field.repeated:
            lines.append(f"        var {field.name}: [{base}] = []")
        elif base in DEFAULTS and not field.optional:
            lines.append(f"        var {field.name}: {base} = {DEFAULTS[base]}")
        else:
            lines.append(f"        var {field.name}: {base}?")
    lines += ["        while let tag = try reader.nextTag() {", "            switch tag.field {"]
    for field in message.fields:
        if field.repeated and field.type == "message":
            lines.append(f"            case {field.number}: try reader.decode(tag, into: &{field.name})")
        elif field.repeated:
            lines.append(f"            case {field.number}: {field.name}.append({read_expression(field)})")
        else:
            lines.append(f"            case {field.number}: {field.name} = {read_expression(field)}")
    lines += ["            default: try reader.skip(tag)", "            }", "        }"]
    for field in message.fields:
        if field.repeated or field.optional or swift_type(field) in DEFAULTS:
            continue
        if field.kind in ("Instant",):  # proto3 leaves zero out
            lines.append(f"        let {field.name}Value = {field.name} ?? Instant(microseconds: 0)")
        elif field.kind == "BasisPoints":
            lines.append(f"        let {field.name}Value = {field.name} ?? .zero")
        else:
            lines.append(f"        guard let {field.name} else {{ throw .missing(field: {field.number}) }}")
    arguments = []
    for field in message.fields:
        suffix = "Value" if field.kind in ("Instant", "BasisPoints") and not field.optional else ""
        arguments.append(f"{field.name}: {field.name}{suffix}")
    return lines + wrapped("self.init", arguments, "", "        ") + ["    }"]


def lower_first(name):
    return name[0].lower() + name[1:]


def swift_event_enum(events):
    lines = ["/// Something that happened: one of the types that this program knows.",
             "public indirect enum Event: Hashable, Sendable {"]
    lines += [f"    case {lower_first(e.name)}({e.name})" for e in events]
    lines += ["}", "", "extension Event {",
              "    /// Every type that this program knows, in the order of the schemas.",
              "    public static let allTypes: [EventType] = ["]
    lines += [f"        {e.name}.type," for e in events]
    lines += ["    ]", "",
              "    /// Today's schema version of each type, in the same order.",
              "    package static let schemaVersions: [UInt32] = ["]
    lines += [f"        {e.name}.schemaVersion," for e in events]
    lines += ["    ]", "",
              "    /// The place of the type in `allTypes`; it is stored nowhere.",
              "    package var typeNumber: Int {", "        switch self {"]
    lines += [f"        case .{lower_first(e.name)}: {number}" for number, e in enumerate(events)]
    lines += ["        }", "    }", "",
              "    /// The name under which the event is stored.",
              "    public var type: EventType { Event.allTypes[typeNumber] }", "",
              "    public var schemaVersion: UInt32 { Event.schemaVersions[typeNumber] }", "",
              "    /// The payload, whichever it is.",
              "    public var payload: any EventPayload {", "        switch self {"]
    lines += [f"        case .{lower_first(e.name)}(let event): event" for e in events]
    lines += ["        }", "    }", "",
              "    /// Writes the payload.",
              "    package func encode(into writer: inout WireWriter) {", "        switch self {"]
    lines += [f"        case .{lower_first(e.name)}(let event): event.encode(into: &writer)" for e in events]
    lines += ["        }", "    }", "",
              "    private static let typeNumbers = Dictionary(",
              "        uniqueKeysWithValues: allTypes.enumerated().map { ($1, $0) })", "",
              "    /// The place of a type in `allTypes`; `nil` when it is not known here.",
              "    package static func typeNumber(of type: EventType) -> Int? { typeNumbers[type] }", "",
              "    /// Reads a payload of today's shape; `nil` when the type is not known here.",
              "    package init?(",
              "        type: EventType, decoding reader: inout WireReader",
              "    ) throws(WireError) {",
              "        guard let number = Event.typeNumber(of: type) else { return nil }",
              "        try self.init(typeNumber: number, decoding: &reader)", "    }", "",
              "    /// Reads a payload of today's shape.",
              "    ///",
              "    /// - Parameter typeNumber: the place of its type in `allTypes`.",
              "    /// - Returns: `nil` when nothing has that place.",
              "    package init?(",
              "        typeNumber: Int, decoding reader: inout WireReader",
              "    ) throws(WireError) {", "        switch typeNumber {"]
    for number, e in enumerate(events):
        lines.append(f"        case {number}: self = .{lower_first(e.name)}(try {e.name}(from: &reader))")
    lines += ["        default: return nil", "        }", "    }", "}", ""]
    return lines


def header(source, *imports):
    return [f"// Written by Schemas/generate.py from {source}. Edit that, not this.", "",
            *imports, ""]


def descriptor_set():
    paths = ["daybook/v1/options.proto", "daybook/v1/values.proto"]
    paths += [f"{package}/v1/events.proto" for package in PACKAGES]
    done = subprocess.run(
        ["protoc", f"-I{ROOT}", *paths, "--include_imports", "--descriptor_set_out=/dev/stdout"],
        check=True, capture_output=True)
    return done.stdout


def our_files(data):
    return [File(f) for f in fields(data)[1] if not text(fields(f), 1).startswith("google/")]


def outputs():
    data = descriptor_set()
    by_path = {f.path: f for f in our_files(data)}
    result = {ROOT / "generated" / "descriptors.binpb": data}
    core = "import DaybookCore"
    events = []
    for path in ["daybook/v1/values.proto"] + [f"{package}/v1/events.proto" for package in PACKAGES]:
        file, notes = by_path[path], comments(ROOT / path)
        lines = header("Schemas/" + path, "package " + core if path.startswith("daybook") else "public " + core)
        for enum in file.enums:
            lines += swift_enum(enum, notes)
        for message in file.messages:
            lines += swift_message(message, notes)
            if message.version:
                events.append(message)
        stem = "Shared" if path.startswith("daybook") else path.split("/")[0].capitalize()
        name = "SharedValues" if stem == "Shared" else f"{stem.removesuffix('s')}Events"
        result[SOURCES / "Events" / f"{name}.swift"] = "\n".join(lines).rstrip() + "\n"
    lines = header("Schemas/*/v1/events.proto", "public " + core) + swift_event_enum(events)
    result[SOURCES / "Events" / "Event.swift"] = "\n".join(lines).rstrip() + "\n"
    result[SOURCES / "Events" / "EventSchema+Descriptors.swift"] = descriptors_swift(data)
    return result


def descriptors_swift(data):
    encoded = base64.b64encode(data).decode()
    rows = [encoded[at : at + 88] for at in range(0, len(encoded), 88)]
    lines = header("Schemas/*.proto") + [
        "extension EventSchema {",
        "    /// The FileDescriptorSet of every event type, base 64; every segment of a log begins with it.",
        '    static let encodedDescriptors = """']
    lines += ["        " + row + ("\\" if row is not rows[-1] else "") for row in rows]
    return "\n".join(lines + ['        """', "}"]) + "\n"


# ------------------------------------------------------------------ what is published

LOCK = ROOT / "lock.json"


def canonical(declared, package, numbers):
    """What a message or enumeration means, as text; EventSchema+Canonical.swift writes the same."""
    if isinstance(declared, Enum):
        values = sorted((number, name) for name, number in declared.values if number in numbers)
        return "".join([f"enum {package}.{declared.name}\n"] + [f"{n} {name}\n" for n, name in values])
    lines = [f"message {package}.{declared.name} event {declared.version}\n"]
    for field in declared.fields:
        if field.number not in numbers:
            continue
        line = f"{field.number} {field.proto_name} {field.full_type_name or field.type}"
        line += " repeated" if field.repeated else " optional" if field.optional else " single"
        line += f" kind={field.kind}" if field.kind else ""
        lines.append(line + (" personal" if field.personal else "") + "\n")
    return "".join(lines)


def published():
    """(full name, the message or enumeration, its package, its numbers), in the order of the files."""
    for file in our_files(descriptor_set()):
        for declared in file.messages + file.enums:
            numbers = ([f.number for f in declared.fields] if isinstance(declared, Message)
                       else sorted(number for _, number in declared.values))
            yield f"{file.package}.{declared.name}", declared, file.package, numbers


def check_lock(add):
    """Complaints about changes to what is published; with `add`, new things are locked first."""
    locked = json.loads(LOCK.read_text())["published"] if LOCK.exists() else []
    current = {name: rest for name, *rest in published()}
    if add:
        for name, (declared, package, numbers) in current.items():
            if not any(e["name"] == name and e["numbers"] == numbers for e in locked):
                digest = hashlib.sha256(canonical(declared, package, numbers).encode()).hexdigest()
                locked.append({"name": name, "numbers": numbers, "sha256": digest})
        rows = ",\n".join("    " + json.dumps(entry) for entry in locked)
        LOCK.write_text('{\n  "published": [\n' + rows + "\n  ]\n}\n")
    complaints = []
    for entry in locked:
        name, numbers = entry["name"], entry["numbers"]
        if name not in current:
            complaints.append(f"{name} is published and was removed")
            continue
        declared, package, _ = current[name]
        digest = hashlib.sha256(canonical(declared, package, numbers).encode()).hexdigest()
        if digest != entry["sha256"]:
            complaints.append(f"{name} is published and was changed: add a new version instead")
    for name, (_, _, numbers) in current.items():
        if not any(e["name"] == name and e["numbers"] == numbers for e in locked):
            complaints.append(f"{name} is not in lock.json as it is now: run generate.py --lock")
    return complaints


def formatted(swift):
    """As `swift format` lays it out, so that the files pass the check that all others pass."""
    configuration = str(ROOT.parent / ".swift-format")
    done = subprocess.run(
        ["swift", "format", "--configuration", configuration], input=swift.encode(), check=True,
        capture_output=True)
    return done.stdout


def main():
    check = "--check" in sys.argv[1:]
    differing = []
    for path, content in outputs().items():
        data = content if isinstance(content, bytes) else formatted(content)
        if path.exists() and path.read_bytes() == data:
            continue
        differing.append(path)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    for path in differing:
        print(("differs: " if check else "wrote: ") + str(path.relative_to(ROOT.parent)))
    complaints = check_lock(add="--lock" in sys.argv[1:])
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints or (check and differing) else 0


if __name__ == "__main__":
    sys.exit(main())
