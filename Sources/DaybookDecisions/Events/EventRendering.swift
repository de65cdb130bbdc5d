package import DaybookCore

/// Why a payload cannot be shown by its names.
package struct EventRenderingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The field, from the outside in, for example `OrderPlaced.lines[2].sku`.
    package var path: String
    package var reason: String

    package var description: String { "\(path): \(reason)" }

    /// The same error, seen from one level further out.
    func inside(_ outer: String) -> EventRenderingError {
        EventRenderingError(path: path.isEmpty ? outer : outer + "." + path, reason: reason)
    }
}

/// Shows stored payloads as JSON by the names of a schema, without generated code.
///
/// Members stand in the order of field numbers under their `snake_case` names. Identifiers are shown
/// as TypeIDs, instants as ISO 8601, digests and bytes as hexadecimal, enumerations by name (unknown
/// numbers as numbers), sealed values as `{"personal":true,"sealed":KEY_VERSION,"bytes":HEX}`. Absent
/// `optional` fields and messages are left out; other absent fields are shown as their zero. Nothing
/// is lost: fields that the schema does not know follow under `unknown_fields`.
///
/// The output depends on the arguments only.
package struct EventRendering: Sendable {
    package let schema: EventSchema

    package init(schema: EventSchema = .current) {
        self.schema = schema
    }

    /// The payload as JSON; total.
    ///
    /// Types and schema versions that the schema does not know give `{"undecoded":HEX}`, malformed
    /// payloads `{"malformed":REASON,"undecoded":HEX}`.
    ///
    /// - Complexity: O(*n*) in the payload's bytes, plus a sort when fields are out of order.
    package func json(of event: RecordedEvent, layout: JSONWriter.Layout = .oneLine) -> String {
        var writer = JSONWriter(layout: layout, capacity: event.payload.count * 3 + 64)
        event.payload.withUnsafeBytes { payload in
            write(
                type: event.type, schemaVersion: event.schemaVersion, payload: payload,
                into: &writer)
        }
        return writer.text
    }

    /// Writes the payload as one JSON value; total, in the form of `json(of:)`.
    package func write(
        type: EventType, schemaVersion: UInt32, payload: UnsafeRawBufferPointer,
        into writer: inout JSONWriter
    ) {
        let mark = writer.mark
        var failure: EventRenderingError?
        do throws(EventRenderingError) {
            let isKnown = try writeDecoded(
                type: type, schemaVersion: schemaVersion, payload: payload, into: &writer)
            if isKnown { return }
        } catch {
            failure = error
        }
        writer.rewind(to: mark)
        writer.beginObject()
        if let failure { writer.member("malformed", failure.description) }
        writer.key("undecoded")
        writer.value(hex: payload)
        writer.endObject()
    }

    /// Writes the payload as one JSON object.
    ///
    /// - Returns: `false`, with nothing written, when the schema does not have this version of the
    ///   type.
    /// - Throws: ``EventRenderingError``, which names the field; then what was written so far is
    ///   still in the writer.
    package func writeDecoded(
        type: EventType, schemaVersion: UInt32, payload: UnsafeRawBufferPointer,
        into writer: inout JSONWriter
    ) throws(EventRenderingError) -> Bool {
        guard let message = schema.message(for: type, schemaVersion: schemaVersion) else {
            return false
        }
        do throws(EventRenderingError) {
            try MessageRenderer(schema: schema).write(message, payload, into: &writer)
        } catch {
            throw error.inside(message.name)
        }
        return true
    }
}
