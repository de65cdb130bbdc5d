import DaybookCore

@testable import DaybookLog

/// Logs that differ from a good one: what a crash leaves, what damage does, what is none.
struct VectorDamage {
    let base: String
    let log: SimulatedDisk

    func vector(_ name: String, _ about: String, _ change: (SimulatedDisk) -> Void) -> Vector {
        let changed = log.killed()
        change(changed)
        return Vector(
            name: name, about: about,
            content: .changed(
                log: base, FileEdit.differences(from: log, to: changed)))
    }

    static func all() throws -> [Vector] {
        let three = VectorDamage(
            base: Vector.threeBatchesName, log: try Vector.threeBatches())
        let several = VectorDamage(
            base: Vector.severalSegmentsName, log: try Vector.severalSegments())
        return three.crashes() + three.damage() + three.forgeries() + three.marks()
            + three.versions() + several.segments()
    }

    private var segment: String { LogFileName.segment(1) }
    private var frames: [FrameHeader] { log.frames(ofSegment: 1) }
    private var first: FrameHeader { frames[0] }
    private var second: FrameHeader { frames[1] }
    private var genesis: DaybookCore.Digest { HashFunction.sha256.genesisChain(of: testLogID) }

    private func flip(_ disk: SimulatedDisk, _ byte: UInt64) {
        disk.flip(segment, byte: Int(byte), bit: 2)
    }
}

// MARK: - What a crash leaves: sound

extension VectorDamage {
    private func crashes() -> [Vector] {
        [
            vector("110-unproven-frame", "The mark is older than the last frame, which is whole.") {
                $0.setMark(after: first)
            },
            vector("111-torn-payload", "A torn write: the last frame's payload, behind the mark.") {
                $0.setMark(after: first)
                flip($0, second.byteOffset + 140)
            },
            vector("112-torn-header", "A torn write: the last frame's header, behind the mark.") {
                $0.setMark(after: first)
                flip($0, second.byteOffset + 20)
            },
            vector(
                "113-group-with-a-hole",
                "Two frames of one write: the first is torn, the second whole, none was durable."
            ) { disk in
                disk.setMark(after: nil)
                disk.rewriteFrame(second) { $0[112...119] = [0, 16, 0, 0, 0, 0, 0, 0] }
                flip(disk, first.byteOffset + 20)
            },
            vector("114-empty", "Created and never written to.") { disk in
                disk.setMark(after: nil)
                disk.change(segment) { file in
                    for index in 4096..<file.count { file[index] = 0 }
                }
            },
            vector(
                "115-other-files", "Files that a reader does not need; it ignores what is in them."
            ) {
                $0.set(LogFileName.spare, [1, 2, 3])
                $0.set("checkpoints.log", [4])
                $0.set("notes.txt", [5])
            },
        ]
    }
}

// MARK: - Damage

extension VectorDamage {
    private func damage() -> [Vector] {
        [
            vector("120-damaged-payload", "One bit of the first payload.") {
                flip($0, first.byteOffset + 140)
            },
            vector("121-damaged-frame-header", "One bit of the first frame's header.") {
                flip($0, first.byteOffset + 20)
            },
            vector("122-damaged-last-payload", "One bit of the last payload; the mark proves it.") {
                flip($0, second.byteOffset + 140)
            },
            vector(
                "123-damaged-proven-by-frame",
                "One bit of the first frame; the mark is older, the next frame proves it."
            ) {
                $0.setMark(after: nil)
                flip($0, first.byteOffset + 20)
            },
            vector("124-damaged-padding", "A padding byte that is not zero.") {
                flip($0, first.byteOffset + 128 + UInt64(first.storedByteCount) + 1)
            },
            vector("125-damaged-segment-header", "One bit of the segment's header.") {
                flip($0, 1_000)
            },
            vector("126-byte-behind-clean-end", "A byte behind the end of a log that was closed.") {
                flip($0, second.endOffset + 50)
            },
            vector("127-zeros-in-the-middle", "The first frame is zeros.") { disk in
                disk.change(segment) { file in
                    for index in 4096..<Int(first.endOffset) { file[index] = 0 }
                }
            },
            vector("128-cut-at-first-frame", "The file ends behind its header.") { disk in
                disk.change(segment) { $0 = Array($0.prefix(4096)) }
            },
            vector("129-cut-behind-last-frame", "The file ends behind its last frame.") { disk in
                disk.change(segment) { $0 = Array($0.prefix(Int(second.endOffset))) }
            },
            vector("130-longer", "The file is longer than its header says.") { disk in
                disk.change(segment) { $0 += [UInt8](repeating: 0, count: 4096) }
            },
            vector("131-cut-in-header", "The file ends inside its header.") { disk in
                disk.change(segment) { $0 = Array($0.prefix(100)) }
            },
            vector("132-misdirected-frame", "The first frame stands in the second one's place.") {
                disk in
                disk.change(segment) { file in
                    let frame = Array(file[Int(first.byteOffset)..<Int(first.endOffset)])
                    let start = Int(second.byteOffset)
                    file.replaceSubrange(start..<(start + frame.count), with: frame)
                }
            },
        ]
    }

    /// Checksums are right, something else is not.
    private func forgeries() -> [Vector] {
        [
            vector("140-wrong-chain", "Another chain in the first frame, its checksum right.") {
                $0.rewriteFrame(first) { $0[80] ^= 1 }
            },
            vector("141-wrong-position", "The last frame skips a position, checksums right.") {
                $0.rewriteFrame(second, after: first.chain) { $0[32] += 1 }
            },
            vector("142-time-goes-back", "The last frame is older than the one before it.") {
                $0.rewriteFrame(second, after: first.chain) { $0[54] -= 1 }
            },
            vector("143-wrong-count", "The last frame says that it has four events.") {
                $0.rewriteFrame(second, after: first.chain) { $0[44] += 1 }
            },
            vector("144-wrong-content", "A batch whose event has an unknown tag.") {
                $0.rewriteFrame(second, after: first.chain) { frame in
                    let tag = frame[128...].firstRange(of: [0x1A, 0x01, 0x00])
                    if let tag { frame[tag.upperBound - 1] = 7 }
                }
            },
            vector(
                "145-wrong-content-unproven",
                "The same behind the mark: it was written like that, not torn."
            ) {
                $0.setMark(after: first)
                $0.rewriteFrame(second, after: first.chain) { $0[44] += 1 }
            },
            vector("146-reserved-byte", "A reserved byte of the first frame's header is set.") {
                $0.rewriteFrame(first, after: genesis) { $0[66] = 1 }
            },
            vector("147-durable-offset-ahead", "A durable offset beyond the frame itself.") {
                $0.rewriteFrame(second) { $0[113] += 1 }
            },
            vector("148-segment-tag", "A frame with the tag of another segment.") {
                $0.rewriteFrame(second) { $0[120] ^= 1 }
            },
            vector("149-raw-length", "A raw length that differs although nothing is compressed.") {
                $0.rewriteFrame(second, after: first.chain) { $0[12] += 1 }
            },
            vector("150-reserved-header-byte", "A reserved byte of the segment's header is set.") {
                disk in
                disk.change(segment) { file in
                    file[2_000] = 1
                    file.replaceSubrange(
                        ..<4096, with: Vector.withChecksum(Array(file[..<4096])))
                }
            },
        ]
    }
}

// MARK: - Marks

extension VectorDamage {
    private func marks() -> [Vector] {
        [
            vector("160-no-mark", "The file MARK is missing.") { $0.remove(LogFileName.mark) },
            vector("161-mark-never-written", "Both slots are zeros.") { disk in
                disk.change(LogFileName.mark) { $0 = [UInt8](repeating: 0, count: $0.count) }
            },
            vector("162-one-slot-damaged", "The older slot is damaged.") { disk in
                disk.flip(LogFileName.mark, byte: 100, bit: 0)
            },
            vector("163-byte-between-slots", "A byte between the slots is set.") { disk in
                disk.flip(LogFileName.mark, byte: 300, bit: 0)
            },
            vector("164-mark-longer", "MARK has a byte too many.") { disk in
                disk.change(LogFileName.mark) { $0.append(0) }
            },
            vector("165-mark-chain", "The mark's chain is not that of the frames.") {
                $0.setMark(after: second) { $0.chain = Vector.digest(7) }
            },
            vector("166-mark-inside-frame", "No frame ends at the mark.") {
                $0.setMark(after: second) { $0.durableOffset -= 8 }
            },
            vector("167-mark-ahead", "The mark vouches for bytes that are not there.") {
                $0.setMark(after: second) {
                    $0.durableOffset += 208
                    $0.nextPosition = position(9)
                }
            },
            vector("168-mark-of-another-log", "The mark has another log id.") {
                $0.setMark(after: second) { $0.logID = LogID(rawValue: 5) }
            },
            vector("169-mark-names-later-segment", "The mark names segment 2.") {
                $0.setMark(after: second, segment: 2)
            },
        ]
    }
}

// MARK: - Versions

extension VectorDamage {
    private func versions() -> [Vector] {
        [
            vector("170-unknown-kind", "A frame of kind 4.") {
                $0.rewriteFrame(second, after: first.chain) { $0[4] = 4 }
            },
            vector("171-unknown-codec", "A frame of codec 2.") {
                $0.rewriteFrame(second, after: first.chain) { $0[5] = 2 }
            },
            vector("172-unknown-flag", "A flag of bits 0 to 7.") {
                $0.rewriteFrame(second, after: first.chain) { $0[6] = 8 }
            },
            vector("173-ignorable-flag", "An unknown flag of bits 8 to 15: ignored.") { disk in
                disk.rewriteFrame(second, after: first.chain) { $0[7] = 8 }
                disk.setMark(after: disk.frames(ofSegment: 1)[1], flags: .clean)
            },
            vector("174-unknown-feature", "A feature that every reader must know.") {
                changeHeader($0) { $0[336] = 1 }
            },
            vector("175-writer-feature", "A feature that only a writer must know.") {
                changeHeader($0) { $0[340] = 1 }
            },
            vector("176-newer-minor", "Format 1.1, with a field where 1.0 has zeros.") {
                changeHeader($0) {
                    $0[258] = 1
                    $0[3_000] = 1
                }
            },
            vector("177-newer-major", "Format 2.0.") { changeHeader($0) { $0[256] = 2 } },
        ]
    }

    private func changeHeader(_ disk: SimulatedDisk, _ body: (inout [UInt8]) -> Void) {
        disk.change(segment) { file in
            var header = Array(file[..<4096])
            body(&header)
            file.replaceSubrange(..<4096, with: Vector.withChecksum(header))
        }
    }
}

// MARK: - Several segments

extension VectorDamage {
    private func segments() -> [Vector] {
        let names = (1...3).map { LogFileName.segment(UInt64($0)) }
        let frames = log.frames(ofSegment: 2)
        let last = frames[frames.count - 2]
        let seal = frames[frames.count - 1]
        return [
            vector("180-missing-middle-segment", "Segment 2 of 3 is missing.") {
                $0.remove(names[1])
            },
            vector("181-missing-last-segment", "The last segment is missing; the mark names it.") {
                $0.remove(names[2])
            },
            vector("182-missing-first-segment", "The first segment is missing.") {
                $0.remove(names[0])
            },
            vector("183-swapped-segments", "Segment 2 has the name of segment 1.") { disk in
                disk.set(names[0], disk.bytes(names[1]))
            },
            vector("184-damaged-trailer", "One bit of segment 2's trailer.") { disk in
                disk.flip(names[1], byte: disk.bytes(names[1]).count - 10, bit: 0)
            },
            vector("185-damaged-seal", "One bit of segment 2's seal.") { disk in
                disk.flip(names[1], byte: Int(seal.byteOffset) + 4_300, bit: 0)
            },
            vector("186-seal-statistics", "Segment 2's seal counts an event too many.") {
                $0.rewriteFrame(seal, segment: 2, after: last.chain) { $0[128 + 4112] += 1 }
            },
            vector("187-seal-root", "Segment 2's seal has another Merkle root.") {
                $0.rewriteFrame(seal, segment: 2, after: last.chain) { $0[128 + 4184] ^= 1 }
            },
            vector("188-seal-index", "An entry of segment 2's sparse index is wrong.") {
                $0.rewriteFrame(seal, segment: 2, after: last.chain) {
                    $0[128 + Int(seal.storedByteCount) - 24] += 1
                }
            },
            vector("189-previous-seal-digest", "Segment 3 follows another seal than segment 2's.") {
                disk in
                disk.change(names[2]) { file in
                    file[384] ^= 1
                    file.replaceSubrange(
                        ..<4096, with: Vector.withChecksum(Array(file[..<4096])))
                }
            },
            vector("190-sealed-file-longer", "Segment 2 has eight bytes too many.") { disk in
                disk.change(names[1]) { $0 += [UInt8](repeating: 0, count: 8) }
            },
            vector(
                "191-rotation-before-begin",
                "A crash between sealing segment 2 and beginning segment 3: sound."
            ) {
                $0.remove(names[2])
                $0.setMark(after: last, segment: 2)
            },
            vector(
                "192-rotation-before-cut",
                "A crash before segment 2 was cut to its length: sound, the next start seals again."
            ) { disk in
                disk.remove(names[2])
                disk.setMark(after: last, segment: 2)
                disk.change(names[1]) { file in
                    file = Array(file.prefix(Int(seal.endOffset)))
                    file += [UInt8](repeating: 0, count: (16 << 10) - file.count)
                }
            },
            vector("193-damaged-sealed-payload", "One bit of a payload of segment 1.") { disk in
                disk.flip(names[0], byte: 4096 + 600, bit: 3)
            },
        ]
    }
}
