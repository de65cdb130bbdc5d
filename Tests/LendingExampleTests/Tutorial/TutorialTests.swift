import DaybookTestKit
import Foundation
import Testing

@Suite struct `The tutorial` {
    private let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

    private var text: String {
        get throws {
            try String(
                contentsOf: folder.appendingPathComponent(
                    "../../../Documentation/Properties/tutorial.md"), encoding: .utf8)
        }
    }

    private func blocks(_ language: String) throws -> [String] {
        try text.components(separatedBy: "```\(language)\n").dropFirst().map {
            $0.components(separatedBy: "```")[0]
        }
    }

    @Test(arguments: ["StampCard", "StampCardSentences", "StampCardProperty"])
    func `given a step of the tutorial, then its code is a file that is compiled here`(
        file: String
    ) throws {
        let code = try String(
            contentsOf: folder.appendingPathComponent(file + ".swift"), encoding: .utf8)
        #expect(try blocks("swift").contains(code))
    }

    @Test func `given the property, when it is run, then it prints what the tutorial shows`() throws
    {
        let corpus = FileManager.default.temporaryDirectory.path + "/kit-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: corpus) }
        let error = #expect(throws: PropertyFailure.self) {
            try everyFreeCoffeeIsEarned(PropertyOptions(corpus: corpus))
        }
        let printed = "\(try #require(error).report)"
            .replacing(/\d+\.\d\d s/, with: "0.01 s")
            .replacing(corpus, with: ".daybook/failures")
        #expect(try blocks("text").contains(printed + "\n"), "\(printed)")
        // Run again, the recorded case comes first and fails at once.
        let again = #expect(throws: PropertyFailure.self) {
            try everyFreeCoffeeIsEarned(PropertyOptions(cases: 0, corpus: corpus))
        }
        #expect(again?.report.replayed == 1)
    }
}
