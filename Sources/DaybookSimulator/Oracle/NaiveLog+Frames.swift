extension NaiveLog {
    /// Takes the frame at an offset; returns where it ends.
    mutating func takeFrame(_ file: NaiveBytes, _ at: Int, _ number: UInt64)
        throws(NaiveDefect) -> Int
    {
        let header = try file.slice(at, 128)
        try state.check(
            header.bytes.starts(with: [0xF5, 0x44, 0x42, 0x46]), "frame magic at \(at)")
        try state.check(
            header.u32(124) == (try header.slice(0, 124)).crc, "frame header CRC at \(at)")
        let storedCount = Int(header.u32(8))
        let payload = try file.slice(at + 128, storedCount)
        let next = at + (128 + storedCount + 7) / 8 * 8
        try state.check(header.u32(60) == payload.crc, "payload CRC at \(at)")
        let padding = try file.slice(at + 128 + storedCount, next - at - 128 - storedCount)
        try state.check(padding.isZero, "padding at \(at)")
        try checkNumbers(header, at)
        var chain = NaiveHasher(domain: 2)
        chain.add(state.chain)
        chain.add(try header.slice(0, 72).bytes)
        chain.add(payload.bytes)
        state.chain = chain.digest()
        try state.check(header.digest(72) == state.chain, "chain at \(at)")
        let kind = header.bytes[4]
        let first = state.nextBatch
        state.nextFrame += 1
        state.time = header.i64(48)
        state.epoch = header.u32(56)
        if kind == 2 {
            try state.check(header.bytes[5] == 0, "codec of the seal")
            state.segment.sealOffset = at
            try checkSeal(payload, of: file)
            state.segment.isSealed = true
        } else {
            let counts = try takeBatches(payload, header, at)
            try state.check(counts == (header.u32(40), header.u32(44)), "counts at \(at)")
            state.segment.count(header, at)
        }
        frames.append(
            Frame(
                segment: number, byteRange: at..<next, kind: kind,
                batches: first..<state.nextBatch))
        return next
    }

    private func checkNumbers(_ header: NaiveBytes, _ at: Int) throws(NaiveDefect) {
        try state.check(header.u64(16) == state.nextFrame, "frame number at \(at)")
        try state.check(header.u64(24) == state.nextBatch, "batch number at \(at)")
        try state.check(header.u64(32) == state.nextPosition, "position at \(at)")
        try state.check(header.i64(48) >= state.time, "time at \(at)")
        try state.check(header.u32(56) >= state.epoch, "epoch at \(at)")
        try state.check(header.u64(64) == 0, "reserved bytes at \(at)")
        try state.check(header.u64(104) == UInt64(at), "own offset at \(at)")
        try state.check(header.u64(112) <= UInt64(at), "durable offset at \(at)")
        try state.check(header.u32(120) == state.segment.tag, "segment tag at \(at)")
        try state.check((1...3).contains(header.bytes[4]) && header.bytes[5] <= 1, "kind at \(at)")
    }

    /// Takes the batches of a frame in; returns how many there are, and how many events.
    private mutating func takeBatches(_ payload: NaiveBytes, _ header: NaiveBytes, _ at: Int)
        throws(NaiveDefect) -> (UInt32, UInt32)
    {
        let rawCount = Int(header.u32(12))
        let isBatches = header.bytes[4] == 1
        guard header.bytes[5] == 1 else {
            try state.check(payload.count == rawCount, "lengths at \(at)")
            return isBatches ? try take(payload) : (0, 0)
        }
        let raw = try payload.lz4(rawCount: rawCount)
        guard isBatches else { return (0, 0) }
        let result = raw.withUnsafeBytes { bytes -> Result<(UInt32, UInt32), NaiveDefect> in
            do throws(NaiveDefect) {
                return .success(try take(NaiveBytes(bytes: bytes)))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private mutating func take(_ raw: NaiveBytes) throws(NaiveDefect) -> (UInt32, UInt32) {
        let found = try NaiveBatch.all(
            in: raw, number: state.nextBatch, position: state.nextPosition)
        var eventCount = 0
        for (batch, message) in found {
            var leaf = NaiveHasher(domain: 0)
            leaf.add(message.bytes)
            tree.append(leaf: leaf.digest())
            batches.append(batch)
            eventCount += batch.events.count
        }
        state.nextBatch += UInt64(found.count)
        state.nextPosition += UInt64(eventCount)
        return (UInt32(found.count), UInt32(eventCount))
    }
}

// MARK: - Seals

extension NaiveLog.SegmentSoFar {
    fileprivate mutating func count(_ header: NaiveBytes, _ at: Int) {
        var digest = NaiveHasher(domain: 4)
        digest.add(headerDigest)
        digest.add(header.bytes)
        headerDigest = digest.digest()
        frames += 1
        batches += UInt64(header.u32(40))
        events += UInt64(header.u32(44))
        raw += UInt64(header.u32(12))
        stored += UInt64(header.u32(8))
        if frames == 1 { firstTime = header.i64(48) }
        lastTime = header.i64(48)
        guard header.bytes[4] == 1 else { return }
        if let last = entries.last, UInt64(at) - last[0] < 65_536 { return }
        entries.append(
            [UInt64(at), header.u64(16), header.u64(24), header.u64(32), header.u64(48)])
    }
}

extension NaiveLog {
    private func checkSeal(_ seal: NaiveBytes, of file: NaiveBytes) throws(NaiveDefect) {
        try state.check(seal.count >= 4264, "seal too short")
        try state.check(
            try seal.slice(0, 4096).equals(try file.slice(0, 4096)), "seal header copy")
        let segment = state.segment
        let numbers = [
            segment.frames, segment.batches, segment.events, segment.raw, segment.stored,
            UInt64(bitPattern: segment.firstTime), UInt64(bitPattern: segment.lastTime),
            state.nextFrame, state.nextBatch, state.nextPosition, UInt64(tree.leafCount),
        ]
        for (index, number) in numbers.enumerated() {
            try state.check(seal.u64(4096 + 8 * index) == number, "seal number \(index)")
        }
        try state.check(seal.digest(4184) == merkleRoot, "Merkle root")
        try state.check(seal.digest(4216) == segment.headerDigest, "header digest")
        try state.check(seal.u64(4248) == 0, "seal reserved bytes")
        let roots = tree.subtreeRoots(of: tree.leafCount)
        try state.check(Int(seal.u32(4256)) == roots.count, "seal subtree count")
        try state.check(Int(seal.u32(4260)) == segment.entries.count, "seal entry count")
        try state.check(
            seal.count == 4264 + 32 * roots.count + 40 * segment.entries.count, "seal length")
        for (index, root) in roots.enumerated() {
            try state.check(seal.digest(4264 + 32 * index) == root, "subtree \(index)")
        }
        for (index, entry) in segment.entries.enumerated() {
            for (field, number) in entry.enumerated() {
                let place = 4264 + 32 * roots.count + 40 * index + 8 * field
                try state.check(seal.u64(place) == number, "sparse index entry \(index)")
            }
        }
    }
}
