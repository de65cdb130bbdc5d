internal import DaybookCore
internal import DaybookDecisions

/// A snapshot of the shop's state: a disposable file, which may hold anything.
enum SnapshotTarget {
    @Sendable static func run(_ input: UnsafeRawBufferPointer) {
        let bytes = Array(input)
        bytes.withUnsafeBytes { bytes in
            var reader = WireReader(bytes)
            guard let shop = try? Shop(from: &reader) else { return }
            var writer = WireWriter()
            shop.encodeImage(into: &writer)
            let again = writer.withUnsafeBytes { bytes in
                var reader = WireReader(bytes)
                return try? Shop(from: &reader)
            }
            require(again == shop, "a snapshot does not encode to what it was decoded from")
        }
    }
}
