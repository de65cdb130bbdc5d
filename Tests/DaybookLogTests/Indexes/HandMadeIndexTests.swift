import DaybookCore
import Glibc
import Testing

@testable import DaybookLog

private let key = HandMadeIndex.key

/// Blocks with right checksums that say something that cannot be: an answer or a defect, never a trap.
@Suite struct `Blocks of an index made by hand` {
    private func defect(_ made: HandMadeIndex) throws -> String? {
        let index = try made.index()
        do throws(IndexDefect) {
            _ = try index.cursor(key)
            return nil
        } catch {
            return error.description
        }
    }

    @Test
    func `given a directory that is wrong, when a key is sought, then it is a defect or none`()
        throws
    {
        var made = HandMadeIndex.inline([0])
        #expect(try made.index().cursor(key)?.count == 1)
        // Every block begins beyond the key.
        made.directory = [[.max]]
        #expect(try made.index().cursor(key) == nil)
        made.directory = [[0], [0]]
        #expect(try defect(made) == "directory")
        made.directory = [[0]]
        made.entries = Array(repeating: [], count: 511)
        #expect(try defect(made) == "directory too short")
    }

    @Test func `given entries that are wrong, when a key is sought, then it is a defect or none`()
        throws
    {
        let smaller = TagKey(low: 0, high: 1)
        let larger = TagKey(low: 0, high: 99)
        var made = HandMadeIndex(
            entries: [HandMadeIndex.block((smaller, [0], false), (larger, [0], false))])
        #expect(try made.index().cursor(key) == nil)
        // The key may begin in the block before, where it is not.
        made.entries = [
            HandMadeIndex.block((smaller, [0], false)), HandMadeIndex.block((larger, [0], false)),
        ]
        made.directory = [[0, key.high]]
        #expect(try made.index().cursor(key) == nil)
        made.entries = [HandMadeIndex.block((larger, [0], false))]
        made.directory = [[0]]
        #expect(try made.index().cursor(key) == nil)
        // More entries than a block can hold.
        made.entries = [[0xFF, 0xFF]]
        #expect(try defect(made) == "entry beyond its block")
        made.entries = [HandMadeIndex.block((smaller, [], false))]
        made.entries[0][18] = 0xFF
        made.entries[0][19] = 0x7F
        #expect(try defect(made) == "entry length")
    }

    @Test func `given places that are wrong, when they are read, then each defect has its name`()
        throws
    {
        #expect(try defect(.inline([])) == "entry")
        #expect(try defect(.inline([0xE8, 0x07])) == "entry")
        #expect(try defect(.inline([0x80])) == "list: truncated")
        let tooFar = [UInt8](repeating: 0xFF, count: 9) + [0x01]
        #expect(try defect(.inline(tooFar)) == "list gap")
        #expect(try defect(.inline([0] + tooFar)) == "list gap")
        var short = HandMadeIndex.inline([0])
        short.entries = [HandMadeIndex.block((key, [UInt8](repeating: 0, count: 15), true))]
        #expect(try defect(short) == "entry of a list")
        #expect(try defect(.long([], start: 1, count: 1)) == "list beyond its section")
        #expect(try defect(.long([], start: 0, count: 0)) == "an empty list")
        let list = HandMadeIndex.list
        #expect(try defect(.long([list(0, 0, 0, [])])) == "list length")
        #expect(try defect(.long([list(0, 0, 5_000, [])])) == "list length")
        // Gaps of nothing up to the end of the block, and one more.
        #expect(try defect(.long([list(0, 4_079, 4_080, [])])) == "list: truncated")
        #expect(try defect(.long([list(3, 9, 2, [0])])) == "list end")
        #expect(try defect(.long([list(998, 1_000, 2, [1])])) == "list end")
        #expect(try defect(.long([list(3, 9, 2, [5])])) == nil)
    }

    @Test func `given a list of several blocks, when sought forward, then every place is found`()
        throws
    {
        var blocks: [[UInt8]] = []
        for block in 0..<9 as Range<UInt32> {
            blocks.append(
                HandMadeIndex.list(
                    first: 100 * block, last: 100 * block + 20, count: 3, gaps: [9, 9]))
        }
        var places: [UInt32] = []
        for block in 0..<9 as Range<UInt32> {
            for place in [0, 10, 20] as [UInt32] { places.append(100 * block + place) }
        }
        let index = try HandMadeIndex.long(blocks).index()
        for step in [1, 7, 95, 130, 333, 850] as [UInt32] {
            let start = try index.cursor(key)
            var cursor = try #require(start)
            var target: UInt32 = 0
            while target < 900 {
                let found = try cursor.seek(target)
                #expect(found == places.first { $0 >= target }, "\(target) by \(step)")
                target += step
            }
        }
        let start = try index.cursor(key)
        var cursor = try #require(start)
        #expect(try cursor.seek(821) == nil)
        #expect(try cursor.seek(822) == nil)
    }

    @Test func `given more events than places, when asked, then no place is made up`() throws {
        // Places 0 and 4,294,967,295: all that 32 bits can say.
        var made = HandMadeIndex.inline([0, 0xFE, 0xFF, 0xFF, 0xFF, 0x0F])
        made.eventCount = 1 << 33
        let index = try made.index()
        let tag = Tag(label: "t", text: "1")
        var item = IndexItem(QueryItem(types: [], tags: [tag]), secret: .init(low: 1, high: 2))
        item.tags = [key]
        let base = HandMadeIndex.base
        func matches(from first: UInt64) throws -> [UInt64] {
            try index.matches(
                [item], from: position(first), through: position(base + 1 << 33), limit: 9)
        }
        #expect(try matches(from: 1) == [base, base + UInt64(UInt32.max)])
        #expect(try matches(from: base + UInt64(UInt32.max)) == [base + UInt64(UInt32.max)])
        #expect(try matches(from: base + 1 << 32) == [])
        // In memory there is no block whose checksum could be wrong.
        try index.checkAll()
    }
}

@Suite struct `Frames in an index made by hand` {
    private let perBlock = IndexImage.framesPerBlock

    /// Forty blocks of frames, of which frame *n* begins with a place and stands at byte 1,000 *n* + 8.
    private func index(eventCount: UInt64, _ place: (Int) -> UInt64) throws -> SegmentIndex {
        var made = HandMadeIndex()
        made.eventCount = eventCount
        made.frameCount = UInt64(40 * perBlock)
        made.frames = (0..<40).map { block in
            (0..<perBlock).map { number in
                let frame = block * perBlock + number
                return place(frame) | UInt64(1_000 * frame + 8) << 32
            }
        }
        return try made.index()
    }

    @Test(arguments: [false, true])
    func
        `given places that crowd at one end, when sought, then the frame is found from the other end`(
            isLate: Bool
        ) throws
    {
        // By proportion, a place is looked for in a block far from its own.
        let index = try index(eventCount: 1_000_000) { frame in
            frame > 0 && isLate ? 979_600 + UInt64(frame) : UInt64(frame)
        }
        for frame in [0, 1, 509, 510, 511, 9_999, 20_398, 20_399] {
            let place = frame > 0 && isLate ? 979_600 + UInt64(frame) : UInt64(frame)
            let found = try index.frame(holding: position(HandMadeIndex.base + place))
            #expect(found.byteOffset == UInt64(1_000 * frame + 8), "frame \(frame)")
        }
        let early = try index.frame(holding: position(HandMadeIndex.base + 979_000))
        #expect(early.byteOffset == (isLate ? 8 : 20_399_008))
    }

    @Test func `given frames that are wrong, when sought, then each defect has its name`() throws {
        func defect(_ made: HandMadeIndex, at place: UInt64 = 0) throws -> String? {
            let index = try made.index()
            do throws(IndexDefect) {
                _ = try index.frame(holding: position(HandMadeIndex.base + place))
                return nil
            } catch {
                return error.description
            }
        }
        var made = HandMadeIndex()
        #expect(try defect(made) == nil)
        #expect(try defect(made, at: 1_000) == "frames")
        made.frameCount = 0
        #expect(try defect(made) == "frames")
        made.frameCount = 2
        made.frames = [[0 | 900 << 32, 5 | 900 << 32]]
        #expect(try defect(made) == "frames out of sequence")
        made.frames = [[1 | 900 << 32, 5 | 950 << 32]]
        #expect(try defect(made) == "frames begin late")
        made.frames = [[0], [0]]
        #expect(try defect(made) == "frames")
    }
}

/// Files of indexes, of which only some are open.
@Suite struct `Open files of indexes` {
    private let disk = SimulatedDisk()

    private func file(_ name: String, _ open: OpenIndexFiles) -> IndexFile {
        IndexFile(name: name, identifier: 0, storage: disk, open: open)
    }

    @Test
    func
        `given more files than may be open, when an old one is read again, then it is opened again, unless another file stands there`()
        throws
    {
        let open = OpenIndexFiles(limit: 3)
        for number in 0...3 {
            disk.set("\(number)", [UInt8](repeating: UInt8(number), count: 8_192))
        }
        let first = file("0", open)
        func openOthers() throws -> [IndexFile] {
            try (1...3).map { number in
                let other = file("\(number)", open)
                _ = try other.block(1)
                return other
            }
        }
        #expect(try first.block(0)[0] == 0)
        let others = try openOthers()
        disk.fail(.open, with: EIO, file: "0")
        #expect(throws: IndexDefect.self) { try first.block(1) }
        #expect(try first.block(1)[0] == 0)
        #expect(try others[2].block(0)[0] == 3)
        let again = try openOthers()
        disk.set("0", [UInt8](repeating: 7, count: 8_192))
        let defect = #expect(throws: IndexDefect.self) { try first.block(1) }
        #expect(defect?.description == "replaced")
        #expect(again.count == 3)
    }

    @Test
    func `given a file that cannot be used, when asked, then it is a defect and hints are none`()
        throws
    {
        let missing = file("none", OpenIndexFiles())
        missing.prefetch(0)
        #expect(throws: IndexDefect.self) { try missing.byteCount() }
        disk.set("index", [1, 2, 3])
        disk.fail(.byteCount, with: EIO, file: "index")
        let there = file("index", OpenIndexFiles())
        #expect(throws: IndexDefect.self) { try there.byteCount() }
        #expect(try there.byteCount() == 3)
    }

    @Test func `given more blocks than are kept, when read, then the newest ones are there`() {
        let cache = IndexBlockCache()
        let count: UInt32 = 251 * 5
        for number in 0..<count {
            cache.insert([UInt8](repeating: UInt8(number % 256), count: 4_096), number, of: 3)
        }
        let kept = (0..<count).filter { cache.block($0, of: 3) != nil }
        #expect(kept.count == 251 * 4)
        #expect(kept.suffix(251) == Array((count - 251)..<count).suffix(251))
        #expect(cache.block(count - 1, of: 3)?[0] == UInt8((count - 1) % 256))
        #expect(cache.block(count - 1, of: 4) == nil)
    }
}
