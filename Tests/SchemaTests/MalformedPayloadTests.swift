import DaybookCore
import DaybookDecisions
import Foundation
import Testing

/// Malformed input gives an error or a value, never a trap; the renderer always gives JSON.
@Suite struct `Malformed payloads` {
    /// Decodes and renders; what decodes must also encode.
    ///
    /// - Returns: whether the bytes were a value.
    @discardableResult
    private func read(_ type: EventType, _ payload: [UInt8]) throws -> Bool {
        let json = EventRendering().json(of: recorded(type, payload))
        #expect(json.hasPrefix("{") && json.hasSuffix("}"))
        do {
            let event = try #require(try decoded(type, payload))
            #expect(try decoded(type, encoded(event)) == event)
            return true
        } catch is WireError {
            return false
        }
    }

    /// Long texts say nothing more about the reader than short ones.
    private var shortGoldens: [GoldenEvent] {
        GoldenEvent.all.filter { $0.payload.count < 1_000 }
    }

    @Test func `given every prefix of stored bytes, when read, then there is an error or a value`()
        throws
    {
        var refusedCount = 0
        for golden in shortGoldens {
            let payload = golden.payload
            for count in 0..<payload.count {
                refusedCount +=
                    try read(golden.event.type, Array(payload.prefix(count))) ? 0 : 1
            }
        }
        #expect(refusedCount > 5_000)
    }

    @Test
    func `given stored bytes with one byte changed, when read, then there is an error or a value`()
        throws
    {
        var refusedCount = 0
        for golden in shortGoldens {
            var payload = golden.payload
            for index in payload.indices {
                let byte = payload[index]
                for other in [byte ^ 1, byte ^ 0x80, byte ^ 7, 0, 0xFF] where other != byte {
                    payload[index] = other
                    refusedCount += try read(golden.event.type, payload) ? 0 : 1
                }
                payload[index] = byte
            }
        }
        #expect(refusedCount > 10_000)
    }

    @Test func `given random bytes, when read as every type, then there is an error or a value`()
        throws
    {
        var generator = SeededGenerator.fromEnvironment(for: "random bytes")
        for type in Event.allTypes {
            for _ in 0..<200 {
                let count = Int.random(in: 0...80, using: &generator)
                try read(type, (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) })
            }
        }
    }

    @Test func `given a damaged descriptor set, when parsed, then there is an error or a schema`() {
        let whole = EventSchema.descriptorSet
        var generator = SeededGenerator.fromEnvironment(for: "damaged descriptor set")
        var refusedCount = 0
        for _ in 0..<200 {
            var bytes = whole
            bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(
                in: 0 ... .max, using: &generator)
            if generator.chance(1, in: 2) {
                bytes.removeSubrange(Int.random(in: bytes.indices, using: &generator)...)
            }
            do throws(EventSchemaError) {
                let rendering = EventRendering(schema: try EventSchema(descriptorSet: bytes))
                for golden in shortGoldens {
                    let json = rendering.json(of: recorded(golden.event.type, golden.payload))
                    #expect(json.hasPrefix("{") && json.hasSuffix("}"))
                }
            } catch {
                refusedCount += 1
                #expect(error.description.hasPrefix("The descriptor set cannot be used: "))
            }
        }
        #expect(refusedCount > 50)
    }
}
