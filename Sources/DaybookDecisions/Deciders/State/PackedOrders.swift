import DaybookCore

/// Open orders that nobody has asked for lately, in the bytes of their snapshot: a tenth of the memory.
///
/// Each takes some 200 bytes in a chunk and one entry of a map. A chunk is given back once nothing in it
/// is needed any more; when more than half of all bytes are such, everything moves together.
struct PackedOrders: Sendable {
    private struct Chunk: Sendable {
        var bytes: [UInt8] = []
        var usedByteCount = 0
    }

    /// Chunk, start and length of each order's bytes.
    private var places = IdentifierMap<Place>(filler: Place(chunk: 0, start: 0, count: 0))
    private var chunks: [Chunk] = []
    private var usedByteCount = 0
    private var byteCount = 0
    private var scratch = WireWriter(capacity: 512)
    private let chunkByteCount: Int

    private struct Place: BitwiseCopyable, Sendable {
        var chunk: UInt32
        var start: UInt32
        var count: UInt32
    }

    init(chunkByteCount: Int = 1 << 18) {
        self.chunkByteCount = chunkByteCount
    }

    var count: Int { places.count }

    func contains(_ id: OrderID) -> Bool { places[id.rawValue] != nil }

    subscript(_ id: OrderID) -> OrderState? {
        places[id.rawValue].map(order)
    }

    /// - Precondition: the order is not here.
    mutating func insert(_ order: OrderState) {
        scratch.removeAll()
        order.encode(into: &scratch)
        let place = scratch.withUnsafeBytes { append($0) }
        places.set(place, for: order.id.rawValue)
    }

    mutating func remove(_ id: OrderID) -> OrderState? {
        guard let place = places.remove(id.rawValue) else { return nil }
        let order = order(place)
        usedByteCount -= Int(place.count)
        chunks[Int(place.chunk)].usedByteCount -= Int(place.count)
        if chunks[Int(place.chunk)].usedByteCount == 0, Int(place.chunk) != chunks.count - 1 {
            byteCount -= chunks[Int(place.chunk)].bytes.count
            chunks[Int(place.chunk)] = Chunk()
        }
        if byteCount > 4 * chunkByteCount, usedByteCount * 2 < byteCount { moveTogether() }
        return order
    }

    /// Every order, in no order that means anything.
    ///
    /// - Complexity: O(*n*), about a microsecond each.
    func forEach(_ body: (OrderState) -> Void) {
        places.forEach { _, place in body(order(place)) }
    }

    func forEachID(_ body: (OrderID) -> Void) {
        places.forEach { id, _ in body(OrderID(rawValue: id)) }
    }

    /// Appends the bytes of an order's snapshot.
    ///
    /// - Returns: whether the order is here.
    func copy(_ id: OrderID, into writer: inout WireWriter) -> Bool {
        guard let place = places[id.rawValue] else { return false }
        chunks[Int(place.chunk)].bytes.withUnsafeBytes { bytes in
            let start = Int(place.start)
            writer.append(
                raw: UnsafeRawBufferPointer(rebasing: bytes[start..<start + Int(place.count)]))
        }
        return true
    }

    private func order(_ place: Place) -> OrderState {
        do throws(WireError) {
            return try decoded(place)
        } catch {
            preconditionFailure("PackedOrders: an order cannot be unpacked: \(error)")
        }
    }

    private func decoded(_ place: Place) throws(WireError) -> OrderState {
        let result = chunks[Int(place.chunk)].bytes.withUnsafeBytes { bytes in
            let start = Int(place.start)
            var reader = WireReader(
                UnsafeRawBufferPointer(rebasing: bytes[start..<start + Int(place.count)]))
            return Result<OrderState, WireError> { () throws(WireError) in
                try OrderState(from: &reader)
            }
        }
        return try result.get()
    }

    private mutating func append(_ bytes: UnsafeRawBufferPointer) -> Place {
        let isRoom = chunks.last.map { $0.bytes.count + bytes.count <= chunkByteCount } ?? false
        if !isRoom {
            chunks.append(Chunk())
            chunks[chunks.count - 1].bytes.reserveCapacity(max(chunkByteCount, bytes.count))
        }
        let chunk = chunks.count - 1
        let start = chunks[chunk].bytes.count
        chunks[chunk].bytes.append(contentsOf: bytes)
        chunks[chunk].usedByteCount += bytes.count
        usedByteCount += bytes.count
        byteCount += bytes.count
        return Place(chunk: UInt32(chunk), start: UInt32(start), count: UInt32(bytes.count))
    }

    private mutating func moveTogether() {
        let old = chunks
        chunks = []
        usedByteCount = 0
        byteCount = 0
        var moved: [(UInt128, Place)] = []
        moved.reserveCapacity(places.count)
        places.forEach { moved.append(($0, $1)) }
        for (id, place) in moved {
            let bytes = old[Int(place.chunk)].bytes
            let new = bytes.withUnsafeBytes { bytes in
                append(
                    UnsafeRawBufferPointer(
                        rebasing: bytes[Int(place.start)..<Int(place.start + place.count)]))
            }
            places.set(new, for: id)
        }
    }
}

// MARK: - Image

extension PackedOrders {
    /// Writes the chunks as they are, and where the orders lie in them: a million orders in the time of a
    /// copy.
    func encodeImage(chunks: Int, places: Int, into writer: inout WireWriter) {
        for chunk in self.chunks { writer.alwaysField(chunks, bytes: chunk.bytes) }
        self.places.encodeImage(field: places, into: &writer)
    }

    mutating func addImage(chunk bytes: UnsafeRawBufferPointer) {
        chunks.append(Chunk(bytes: Array(bytes)))
        byteCount += bytes.count
    }

    mutating func addImage(
        places bytes: UnsafeRawBufferPointer, field number: Int
    ) throws(WireError) {
        try places.addImage(bytes, field: number)
    }

    /// Makes sure that all places lie in the chunks, once both are here.
    ///
    /// - Parameter decodesOrders: whether nobody vouches for the orders, so that each is read.
    /// - Throws: ``WireError``; the table must not be used then.
    mutating func finishImage(field number: Int, decodesOrders: Bool) throws(WireError) {
        var isSound = true
        places.forEach { id, place in
            guard place.chunk < chunks.count,
                UInt64(place.start) + UInt64(place.count)
                    <= chunks[Int(place.chunk)].bytes.count
            else {
                isSound = false
                return
            }
            chunks[Int(place.chunk)].usedByteCount += Int(place.count)
            usedByteCount += Int(place.count)
            guard decodesOrders else { return }
            let order = try? decoded(place)
            isSound = isSound && order?.id.rawValue == id && order?.isQuiet == true
        }
        guard isSound else { throw .badValue(field: number) }
    }
}
