internal import CFuzzBudget
internal import Glibc

// What libFuzzer calls. A program holds several targets; `DAYBOOK_FUZZ_TARGET` names the one to run.

/// What one input may hold at once, and take. LOG.md section 10, bar 8.
private let memoryLimit: UInt64 = 64 << 20
private let timeLimitMilliseconds: UInt64 = 100

private let chosen: FuzzTarget = {
    let name = getenv("DAYBOOK_FUZZ_TARGET").map { String(cString: $0) } ?? ""
    guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
        let names = FuzzTarget.all.map(\.name).joined(separator: " ")
        fuzz_fail("DAYBOOK_FUZZ_TARGET='\(name)' is none of: \(names)")
    }
    return target
}()

@_cdecl("LLVMFuzzerInitialize")
public func initialize(
    _: UnsafeMutablePointer<Int32>, _: UnsafeMutablePointer<UnsafeMutablePointer<CChar>>
) -> Int32 {
    // Whatever is made once is made now, so that no input is charged with it.
    let nothing: [UInt8] = []
    nothing.withUnsafeBytes { chosen.run($0) }
    fuzz_budget_limit_memory(memoryLimit)
    atexit {
        print("FUZZ peak_bytes=\(fuzz_budget_peak()) slowest_ns=\(fuzz_budget_slowest())")
    }
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    fuzz_budget_begin()
    chosen.run(UnsafeRawBufferPointer(start: data, count: min(count, chosen.longestInput)))
    fuzz_budget_end(timeLimitMilliseconds)
    return 0
}

/// Ends the run as a finding unless a property holds.
func require(_ holds: Bool, _ what: @autoclosure () -> String) {
    if !holds { fuzz_fail(what()) }
}
