import DaybookCore
import DaybookDecisions
import Foundation
import Testing

/// The set that a newer program writes into its logs is enough to read its events by name.
@Suite struct `Schema of a newer program` {
    private static let newer = """
        syntax = "proto3";
        package moon.v2;
        import "daybook/v1/options.proto";
        import "daybook/v1/values.proto";
        message MoonLanded {
          option (daybook.v1.event_version) = 2;
          enum Side { SIDE_UNSPECIFIED = 0; SIDE_NEAR = 1; SIDE_FAR = 2; }
          message Foot { sint32 depth = 1; repeated Foot toes = 2; }
          bytes landing_id = 1 [(daybook.v1.kind) = "OrderID"];
          int64 at = 2 [(daybook.v1.kind) = "Instant"];
          repeated int32 steps = 3;
          repeated Side sides = 4;
          repeated sfixed64 heights = 5;
          double weight = 6;
          float speed = 7;
          Foot foot = 8;
          map<string, uint64> tools = 9;
          oneof flag { string colour = 10; bool plain = 11; }
          string name = 12 [(daybook.v1.personal) = true];
          daybook.v1.Sealed home = 13 [(daybook.v1.personal) = true];
          fixed32 crater = 14;
        }
        """

    /// The newer schema and a payload of it, both by protoc.
    private func compiled(_ text: String) throws -> (EventRendering, [UInt8]) {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "daybook-newer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(Self.newer.utf8).write(to: folder.appending(path: "moon.proto"))
        let paths = ["-I", SchemaFolder.url.path, "-I", folder.path, "moon.proto"]
        let set = try run(
            ["protoc", "--include_imports", "--descriptor_set_out=/dev/stdout"] + paths)
        try #require(set.status == 0, "\(set.errors)")
        let payload = try run(
            ["protoc", "--encode=moon.v2.MoonLanded"] + paths, input: Array(text.utf8))
        try #require(payload.status == 0, "\(payload.errors)")
        return (
            EventRendering(schema: try EventSchema(descriptorSet: set.output)), payload.output
        )
    }

    @Test
    func `given its descriptor set, when its event is rendered, then every kind of field is named`()
        throws
    {
        let (rendering, payload) = try compiled(
            """
            landing_id: "\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\001"
            at: 1291191960000000
            steps: [1, -2, 300]
            sides: [SIDE_FAR, SIDE_NEAR]
            heights: [-5, 6]
            weight: 1.5
            speed: inf
            foot { depth: -3 toes { depth: 4 } }
            tools { key: "hammer" value: 2 }
            plain: true
            name: "Eugene"
            home { box: "\\001" key_version: 3 }
            crater: 9
            """)
        #expect(
            rendering.json(of: recorded("MoonLanded", payload, schemaVersion: 2))
                == #"{"landing_id":"ord_00000000000000000000000001","at":"2010-12-01T08:26:00Z","#
                + #""steps":[1,-2,300],"sides":["far","near"],"heights":[-5,6],"weight":1.5,"#
                + #""speed":"inf","foot":{"depth":-3,"toes":[{"depth":4,"toes":[]}]},"#
                + #""tools":[{"key":"hammer","value":2}],"plain":true,"#
                + #""name":{"personal":true,"withheld_byte_count":6},"#
                + #""home":{"personal":true,"sealed":3,"bytes":"01"},"crater":9}"#)
    }

    @Test func `given its descriptor set, when an older version is asked for, then bytes are kept`()
        throws
    {
        let (rendering, payload) = try compiled("crater: 9")
        #expect(
            rendering.json(of: recorded("MoonLanded", payload, schemaVersion: 1))
                == #"{"undecoded":"7509000000"}"#)
    }

    @Test func `given messages nested too deep, when rendered, then the innermost is hexadecimal`()
        throws
    {
        let (rendering, _) = try compiled("")
        var payload: [UInt8] = []
        for _ in 0..<200 {
            var writer = WireWriter()
            writer.alwaysField(2, bytes: payload)
            payload = writer.bytes
        }
        var writer = WireWriter()
        writer.alwaysField(8, bytes: payload)
        let json = rendering.json(of: recorded("MoonLanded", writer.bytes, schemaVersion: 2))
        #expect(json.contains("\"toes\":[\"12"))
        #expect(!json.contains("malformed"))
    }
}

@Suite struct `Event schema` {
    @Test func `given the embedded set, when parsed, then an order has these fields`() throws {
        let order = try #require(
            EventSchema.current.message(for: "OrderPlaced", schemaVersion: 1))
        #expect(order.fullName == "orders.v1.OrderPlaced")
        #expect(order.package == "orders.v1")
        let expiry = try #require(order.fields.first { $0.name == "expires_at" })
        #expect(expiry.number == 12)
        #expect(expiry.type == .int64)
        #expect(expiry.kind == "Instant")
        #expect(expiry.isOptional && expiry.hasPresence && !expiry.isPersonal)
        let address = try #require(order.fields.first { $0.name == "shipping_address" })
        #expect(address.isPersonal)
    }

    @Test func `given a set with one event twice, when parsed, then it is refused`() throws {
        #expect(
            throws: EventSchemaError("two messages are version 1 of UserRegistered")
        ) {
            try EventSchema(
                descriptorSet: EventSchema.descriptorSet + EventSchema.descriptorSet)
        }
    }

    @Test func `given a set without an imported file, when parsed, then the missing type is named`()
        throws
    {
        let set = try run([
            "protoc", "-ISchemas", "--descriptor_set_out=/dev/stdout", "users/v1/events.proto",
        ])
        try #require(set.status == 0, "\(set.errors)")
        #expect(
            throws: EventSchemaError(
                "users.v1.UserRegistered.email is of type '.daybook.v1.Sealed', which is not in it")
        ) {
            try EventSchema(descriptorSet: set.output)
        }
    }
}
