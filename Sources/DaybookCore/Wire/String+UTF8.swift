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

extension UnsafeRawBufferPointer {
    /// Whether all bytes are below 128.
    package var isASCII: Bool {
        var seen: UInt8 = 0
        for byte in self { seen |= byte }
        return seen < 0x80
    }

    /// Whether the bytes are text; makes no string when they are ASCII.
    package var isUTF8: Bool { isASCII || String(validating: self, as: UTF8.self) != nil }
}
