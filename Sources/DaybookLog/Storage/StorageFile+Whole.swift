internal import DaybookCore

extension StorageFile {
    /// Writes all bytes, continuing where a short write stopped.
    package func writeAll(
        _ bytes: UnsafeRawBufferPointer, at offset: UInt64
    ) throws(EventLogError) {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count = try write(rest, at: offset + UInt64(done))
            guard count > 0, count <= rest.count else {
                throw EventLogError(
                    .io, "a write accepted \(count) of \(rest.count) bytes", file: name,
                    byteOffset: offset + UInt64(done))
            }
            done += count
            if PlantedBug.shortWriteIgnored.isPlanted { return }
        }
        invariant(done == bytes.count, "StorageFile: all of it is written, and nothing twice")
    }

    /// Fills `bytes`, or as much as the file has.
    ///
    /// - Returns: how many bytes were read.
    func readAll(into bytes: UnsafeMutableRawBufferPointer, at offset: UInt64)
        throws(EventLogError) -> Int
    {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[done...])
            let count = try read(into: rest, at: offset + UInt64(done))
            guard count > 0 else { break }
            done += count
        }
        invariant(done <= bytes.count, "StorageFile: no more is read than there is room for")
        return done
    }

    /// Reads `count` bytes, fewer only at the end of the file.
    package func bytes(at offset: UInt64, count: Int) throws(EventLogError) -> [UInt8] {
        var failure: EventLogError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
            let target = UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: count)
            do throws(EventLogError) {
                done = try readAll(into: target, at: offset)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Writes an array.
    package func writeAll(_ bytes: [UInt8], at offset: UInt64) throws(EventLogError) {
        var failure: EventLogError?
        bytes.withUnsafeBytes { buffer in
            do throws(EventLogError) {
                try writeAll(buffer, at: offset)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// Writes zeros over a range.
    func zeroFill(_ range: Range<UInt64>) throws(EventLogError) {
        var offset = range.lowerBound
        let written = zeros.withUnsafeBytes { zeros in
            Result { () throws(EventLogError) in
                while offset < range.upperBound {
                    let count = Int(min(UInt64(zeros.count), range.upperBound - offset))
                    try writeAll(UnsafeRawBufferPointer(rebasing: zeros[..<count]), at: offset)
                    offset += UInt64(count)
                }
            }
        }
        try written.get()
        invariant(offset == range.upperBound, "StorageFile: the zeros end where they should")
    }
}

/// Made once: with each segment that is prepared, as many of them are written as later bytes of events.
private let zeros = [UInt8](repeating: 0, count: 256 << 10)
