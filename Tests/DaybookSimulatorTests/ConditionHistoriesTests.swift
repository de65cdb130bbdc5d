import DaybookLog
import DaybookSimulator
import Foundation
import Glibc
import Testing

@Suite struct `Racing conditional appends` {
    @Test
    func `given random histories, when every answer is compared with the model, then none differs`()
    {
        let outcome = ConditionHistories(histories: 1_500, seed: 1, threads: 1).run()
        #expect(
            outcome.failure == nil,
            "repeat it: daybook-simulate conditions --seed 1 --world \(outcome.failure?.world ?? 0)"
        )
        #expect(outcome.historyCount >= 1_500)
        #expect(outcome.situations.neverReached == [])
    }

    @Test
    func `given tasks that really race, when the log is read, then every answer is justified`()
        async throws
    {
        var template = Array(
            (NSTemporaryDirectory() + "/daybook-races-XXXXXX").utf8CString)
        let made = mkdtemp(&template)
        #expect(made != nil)
        let parent = String(
            decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let outcome = try await ConditionRaces(
            directory: parent + "/log", seed: 1, tasks: 6, appendsPerTask: 60
        ).run()
        #expect(outcome.problems == [])
        #expect(outcome.neverReached == [])
        for folder in ["/log/index", "/log", ""] { emptyFolder(parent + folder) }
    }

    private func emptyFolder(_ path: String) {
        if let stream = opendir(path) {
            while let entry = readdir(stream) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                unlink("\(path)/\(name)")
            }
            closedir(stream)
        }
        rmdir(path)
    }
}
