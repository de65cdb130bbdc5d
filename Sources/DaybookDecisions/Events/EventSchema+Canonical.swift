extension EventSchema {
    /// What a published message means, as text that does not depend on how its file is laid out: one
    /// line, then one line for each field.
    ///
    /// `Schemas/lock.json` holds the SHA-256 of this text; `Schemas/generate.py` writes the same text.
    ///
    /// - Parameter numbers: the fields to include; numbers that the message lacks are left out, so
    ///   that a deleted field changes the text.
    package func canonicalText(of message: MessageDescriptor, numbers: [Int]) -> String {
        var lines = ["message \(message.fullName) event \(message.eventVersion)"]
        for field in message.fields where numbers.contains(field.number) {
            var line = "\(field.number) \(field.name) \(typeName(of: field.type))"
            line += field.isRepeated ? " repeated" : field.isOptional ? " optional" : " single"
            if !field.kind.isEmpty { line += " kind=\(field.kind)" }
            if field.isPersonal { line += " personal" }
            lines.append(line)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The same for an enumeration: a line for each of its values.
    package func canonicalText(of declared: EnumDescriptor, numbers: [Int]) -> String {
        var lines = ["enum \(declared.fullName)"]
        for value in declared.values.sorted(by: { $0.number < $1.number })
        where numbers.contains(Int(value.number)) {
            lines.append("\(value.number) \(value.name)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The type as a `.proto` file names it.
    private func typeName(of type: FieldDescriptor.ValueType) -> String {
        switch type {
        case .text: "string"
        case .message(let index): messages[index].fullName
        case .enumeration(let index): enums[index].fullName
        default: "\(type)"
        }
    }
}
