extension String {
    /// The text of the bytes; `nil` when they are not UTF-8.
    ///
    /// Like `init(validating:as:)`, which is not specialised for raw bytes and takes several times as
    /// long for the short ASCII names that a log is full of.
    package init?(utf8 bytes: UnsafeRawBufferPointer) {
        guard bytes.isASCII else {
            self.init(validating: bytes, as: UTF8.self)
            return
        }
        self.init(unsafeUninitializedCapacity: bytes.count) { buffer in
            UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
            return bytes.count
        }
    }
}

extension String {
    /// Whether both are the same bytes. Equal texts need not be: `é` is one letter or two in Unicode, and
    /// what was recorded stays as it was.
    package func hasSameBytes(as other: String) -> Bool {
        var left = self
        var right = other
        return left.withUTF8 { left in
            right.withUTF8 { UnsafeRawBufferPointer(left).hasSameBytes(as: .init($0)) }
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Whether all bytes are below 128.
    package var isASCII: Bool {
        var seen: UInt64 = 0
        var offset = 0
        while offset + 8 <= count {
            seen |= loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            offset += 8
        }
        while offset < count {
            seen |= UInt64(self[offset])
            offset += 1
        }
        return seen & 0x8080_8080_8080_8080 == 0
    }

    /// Whether the bytes are text; makes no string when they are ASCII.
    package var isUTF8: Bool { isASCII || String(validating: self, as: UTF8.self) != nil }
}
