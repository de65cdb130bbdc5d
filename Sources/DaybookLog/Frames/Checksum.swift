internal import CDaybookCRC32C

/// CRC-32C, by the processor's instruction where there is one.
///
/// Format: Schemas/log/FORMAT.md, Checksums.
package enum Checksum {
    package static func crc32c(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        daybook_crc32c(0, bytes.baseAddress, bytes.count)
    }

    /// The same by table; for tests.
    package static func portableCRC32C(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        daybook_crc32c_portable(0, bytes.baseAddress, bytes.count)
    }
}
