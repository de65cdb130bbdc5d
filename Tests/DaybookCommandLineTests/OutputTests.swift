import Glibc
import Testing

@testable import daybook

/// Output into two pipes; small enough to fit their buffers.
struct Captured {
    let output: Output
    private let data: (read: Int32, write: Int32)
    private let messages: (read: Int32, write: Int32)

    init(_ settings: OutputSettings) {
        data = Captured.pipe()
        messages = Captured.pipe()
        output = Output(settings: settings, data: data.write, messages: messages.write)
    }

    private static func pipe() -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        #expect(Glibc.pipe(&ends) == 0)
        return (ends[0], ends[1])
    }

    /// Closes the output and reads what was written.
    func texts() -> (data: String, messages: String) {
        close(data.write)
        close(messages.write)
        return (Captured.text(data.read), Captured.text(messages.read))
    }

    private static func text(_ descriptor: Int32) -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        close(descriptor)
        return String(decoding: bytes, as: UTF8.self)
    }
}

@Suite struct `Output streams` {
    private let pipe = Terminal(
        outputIsTerminal: false, errorIsTerminal: false, inputIsTerminal: false, width: 80
    ) { _ in nil }

    private func settings(_ format: OutputFormat, isQuiet: Bool = false) -> OutputSettings {
        OutputSettings(format: format, isQuiet: isQuiet, terminal: pipe)
    }

    @Test
    func `given JSON, when a command ends, then records, findings and exactly one last summary`() {
        let captured = Captured(settings(.json))
        captured.output.record("product", ["sku": "A", "price": 5])
        captured.output.note("opening")
        captured.output.finding(code: "odd", "row 3 is odd", ["row": 3])
        let status = captured.output.end(.shown(["rows": 2]))
        captured.output.finish(["rows": 9], status: .done)
        let texts = captured.texts()
        #expect(status == .findings)
        #expect(
            texts.data == """
                {"type":"record","of":"product","data":{"sku":"A","price":5}}
                {"type":"status","message":"opening"}
                {"type":"finding","code":"odd","message":"row 3 is odd","details":{"row":3}}
                {"type":"summary","ok":false,"exit_code":3,"rows":2,"findings":1}

                """)
        #expect(texts.messages == "")
    }

    @Test
    func `given text, when a command ends, then data on one stream and messages on the other`() {
        let captured = Captured(settings(.text))
        captured.output.record("product", ["sku": "A"])
        captured.output.note("opening")
        captured.output.finding(code: "odd", "row 3 is odd")
        _ = captured.output.end(.shown(["rows": 2], next: ["daybook verify"]))
        let texts = captured.texts()
        #expect(texts.data == "sku\nA\nrows: 2\n")
        #expect(texts.messages == "opening\nfinding: row 3 is odd [odd]\nnext:\n  daybook verify\n")
    }

    @Test func `given quiet, when something is wrong, then notes are silent and errors are not`() {
        let captured = Captured(settings(.text, isQuiet: true))
        captured.output.note("opening")
        captured.output.failure(
            Failure(
                .failed, code: "insufficient_stock", "Insufficient stock", details: ["sku": "A"],
                wayOut: ["daybook stock show A"]))
        #expect(
            captured.texts().messages == """
                error: Insufficient stock [insufficient_stock]
                  sku: A
                try: daybook stock show A

                """)
    }

    @Test func `given CSV, when rows are written, then one header and machine-readable cells`() {
        let captured = Captured(settings(.csv))
        captured.output.record("product", ["sku": "A,1", "stocked": true])
        captured.output.record("product", ["sku": "B", "stocked": false])
        _ = captured.output.end(.done)
        #expect(captured.texts().data == "sku,stocked\n\"A,1\",true\nB,false\n")
    }

    @Test func `given bare JSON lines, when rows are written, then there is no envelope`() {
        let captured = Captured(settings(.jsonl))
        captured.output.record("product", ["sku": "A"])
        _ = captured.output.end(.shown(["rows": 1]))
        #expect(captured.texts().data == "{\"sku\":\"A\"}\n")
    }

    @Test
    func `given a bar, when an error is said, then it stands above and the bar is drawn again`() {
        var settings = settings(.text)
        settings.progress = .bar
        let captured = Captured(settings)
        captured.output.tell(ProgressState(phase: "import", unit: "rows", done: 1, total: 2))
        captured.output.warning("row 1 is odd")
        captured.output.endProgress(ProgressState(phase: "import", unit: "rows", done: 2, total: 2))
        let bar = "import  [###############---------------]  50 %  1/2 rows"
        #expect(
            captured.texts().messages
                == "\r\u{1B}[K\(bar)\r\u{1B}[Kwarning: row 1 is odd\n\(bar)\r\u{1B}[K")
    }

    @Test func `given a stream that takes nothing, when the command ends, then it fails with 74`() {
        let full = open("/dev/full", O_WRONLY)
        defer { close(full) }
        let output = Output(settings: settings(.json), data: full, messages: full)
        output.record("product", ["sku": "A"])
        #expect(output.end(.done) == .inputOutput)
    }
}
