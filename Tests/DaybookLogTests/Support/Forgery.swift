@testable import DaybookLog

extension [UInt8] {
    /// Overwrites a little-endian number, without a look at any checksum.
    mutating func put(_ value: some FixedWidthInteger, at offset: Int) {
        withUnsafeMutableBytes { bytes in
            Swift.withUnsafeBytes(of: value.littleEndian) { value in bytes.copy(value, at: offset) }
        }
    }

    /// Puts the checksum over a range right; it stands behind the range.
    mutating func mendChecksum(over range: Range<Int>) {
        let checksum = withUnsafeBytes { bytes in
            Checksum.crc32c(UnsafeRawBufferPointer(rebasing: bytes[range]))
        }
        put(checksum, at: range.upperBound)
    }
}
