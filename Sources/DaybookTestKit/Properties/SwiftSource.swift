public import DaybookCore

/// A value that knows how it is written in Swift, so that a counterexample can be pasted into a test.
///
/// Most types need nothing: ``swiftSource(of:)`` finds out by reflection. Types whose stored values
/// are not the arguments of an initialiser conform.
public protocol SwiftSourceConvertible {
    /// An expression that makes the value.
    var swiftSource: String { get }
}

/// How a value is written in Swift.
///
/// Structs as calls of their memberwise initialiser, enums as their case, collections as literals;
/// sets and dictionaries sorted, so that the text is always the same. Long expressions take several
/// lines.
public func swiftSource(of value: Any) -> String {
    SourceWriter().text(of: value, isRoot: true)
}

/// Renders by reflection.
private struct SourceWriter {
    static let width = 88

    func text(of value: Any, isRoot: Bool = false) -> String {
        if let known = value as? any SwiftSourceConvertible { return known.swiftSource }
        if let plain = plainText(of: value) { return plain }
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .optional:
            return mirror.children.first.map { text(of: $0.value, isRoot: isRoot) } ?? "nil"
        case .tuple: return list("(", mirror.children.map(member), ")")
        case .collection:
            return list("[", mirror.children.map { text(of: $0.value, isRoot: isRoot) }, "]")
        case .set: return list("[", mirror.children.map { text(of: $0.value) }.sorted(), "]")
        case .dictionary:
            let pairs = mirror.children.map { pair in
                let parts = Mirror(reflecting: pair.value).children.map { text(of: $0.value) }
                return parts.joined(separator: ": ")
            }
            return pairs.isEmpty ? "[:]" : list("[", pairs.sorted(), "]")
        case .enum: return caseText(of: value, mirror, isRoot: isRoot)
        default:
            return list(typeName(of: value) + "(", mirror.children.map(member), ")")
        }
    }

    private func plainText(of value: Any) -> String? {
        switch value {
        case let text as String: return quoted(text)
        case let character as Character: return quoted(String(character))
        case let text as Substring: return quoted(String(text))
        case is any BinaryInteger, is Bool, is Double, is Float: return "\(value)"
        case is Void: return "()"
        case let duration as Duration:
            let (seconds, fraction) = duration.components
            return fraction == 0
                ? ".seconds(\(seconds))"
                : "Duration(secondsComponent: \(seconds), attosecondsComponent: \(fraction))"
        default:
            // Foundation's type, which this module does not import, and whose mirror is empty.
            return typeName(of: value) == "UUID" ? "UUID(uuidString: \"\(value)\")!" : nil
        }
    }

    private func caseText(of value: Any, _ mirror: Mirror, isRoot: Bool) -> String {
        let owner = isRoot ? typeName(of: value) : ""
        guard let payload = mirror.children.first else {
            if value is any CustomStringConvertible, let raw = value as? any RawRepresentable {
                return "\(typeName(of: value))(rawValue: \(text(of: raw.rawValue)))!"
            }
            return "\(owner).\(value)"
        }
        let content = Mirror(reflecting: payload.value)
        let members =
            content.displayStyle == .tuple
            ? content.children.map(member) : [text(of: payload.value)]
        return list("\(owner).\(payload.label ?? "")(", members, ")")
    }

    private func member(_ child: Mirror.Child) -> String {
        guard let label = child.label, !label.hasPrefix(".") else { return text(of: child.value) }
        return label + ": " + text(of: child.value)
    }

    private func list(_ open: String, _ items: [String], _ close: String) -> String {
        let line = open + items.joined(separator: ", ") + close
        guard line.count > SourceWriter.width || items.contains(where: { $0.contains("\n") }) else {
            return line
        }
        let indented = items.map { item in
            item.split(separator: "\n", omittingEmptySubsequences: false).map { "    " + $0 }
                .joined(separator: "\n")
        }
        return open + "\n" + indented.joined(separator: ",\n") + "\n" + close
    }

    /// `Outer.Inner` without the module and without what is private to a file.
    private func typeName(of value: Any) -> String {
        let name = String(reflecting: type(of: value))
        guard !name.contains("<"), !name.contains("(unknown") else {
            return String(describing: type(of: value))
        }
        return name.split(separator: ".").dropFirst().joined(separator: ".")
    }

    private func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case "\r": quoted += "\\r"
            default:
                let isPlain = scalar.value >= 0x20 && scalar.properties.isGraphemeBase
                let digits = String(scalar.value, radix: 16, uppercase: true)
                quoted += isPlain ? String(scalar) : "\\u{\(digits)}"
            }
        }
        return quoted + "\""
    }
}

extension Tag: SwiftSourceConvertible {
    public var swiftSource: String {
        switch value {
        case .text(let text):
            "Tag(label: \(DaybookTestKit.swiftSource(of: label)), "
                + "text: \(DaybookTestKit.swiftSource(of: text)))"
        case .identifier(let number):
            "Tag(label: \(DaybookTestKit.swiftSource(of: label)), identifier: \(number))"
        }
    }
}

extension EventType: SwiftSourceConvertible {
    public var swiftSource: String { DaybookTestKit.swiftSource(of: rawValue) }
}
