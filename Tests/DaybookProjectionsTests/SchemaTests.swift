import DaybookProjections
import Testing

@Suite struct `Read model schema` {
    /// After a wanted change: `DAYBOOK_WRITE_SCHEMAS=1 swift test --filter 'Read model schema'`.
    @Test(arguments: ReadModelName.allCases)
    func `given the code, when its schema is dumped, then the file under Schemas holds the same`(
        name: ReadModelName
    ) {
        let path = SchemaFolder.path + "/\(name.rawValue).sql"
        if SchemaFolder.isToBeWritten { RawFile.write(Array(name.schema.dump.utf8), to: path) }
        #expect(String(decoding: RawFile.bytes(of: path), as: UTF8.self) == name.schema.dump)
    }

    @Test func `given the three schemas, when hashed, then the hashes differ`() {
        #expect(Set(ReadModelName.allCases.map { $0.schema.hash }).count == 3)
    }
}
