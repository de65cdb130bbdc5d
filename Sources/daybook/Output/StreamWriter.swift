import Glibc

/// Bytes to a file descriptor, gathered so that a line does not cost a system call.
///
/// Not thread-safe; its owner holds a lock.
struct StreamWriter: ~Copyable {
    private let descriptor: Int32
    private let capacity: Int
    private var waiting: [UInt8] = []
    /// The first error of the operating system; after it everything is dropped.
    private(set) var errorNumber: Int32?

    /// - Parameter capacity: bytes that may wait; 0 writes everything at once.
    init(descriptor: Int32, capacity: Int = 65_536) {
        self.descriptor = descriptor
        self.capacity = capacity
    }

    mutating func write(_ bytes: some Sequence<UInt8>) {
        guard errorNumber == nil else { return }
        waiting.append(contentsOf: bytes)
        if waiting.count >= capacity { flush() }
    }

    mutating func write(line text: String) {
        write(text.utf8)
        write(CollectionOfOne(UInt8(ascii: "\n")))
    }

    mutating func flush() {
        var start = 0
        while start < waiting.count, errorNumber == nil {
            let count = waiting.withUnsafeBytes { bytes in
                Glibc.write(descriptor, bytes.baseAddress.map { $0 + start }, bytes.count - start)
            }
            if count >= 0 {
                start += count
            } else if errno != EINTR {
                errorNumber = errno
            }
        }
        waiting.removeAll(keepingCapacity: true)
    }
}

/// The operating system's words for an error number.
func systemMessage(_ errorNumber: Int32) -> String {
    String(cString: strerror(errorNumber))
}
