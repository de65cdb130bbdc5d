import Testing

/// Rules of the reference about structure, checked in the sources themselves.
@Suite struct ArchitectureTests {
    /// What each target may import of the others, from the bottom up.
    private static let allowed: [(target: String, imports: Set<String>)] = [
        ("DaybookCore", []),
        ("DaybookDecisions", ["DaybookCore"]),
        ("DaybookLog", ["DaybookCore", "CLZ4", "CDaybookCRC32C"]),
        ("DaybookGateways", ["DaybookCore", "DaybookDecisions"]),
        ("DaybookProjections", ["DaybookCore", "DaybookDecisions", "CSQLite"]),
        ("DaybookVault", ["DaybookCore", "DaybookDecisions", "CSQLite"]),
        (
            "DaybookEngine",
            [
                "DaybookCore", "DaybookDecisions", "DaybookLog", "DaybookGateways",
                "DaybookProjections", "DaybookVault", "CMalloc", "CSQLite",
            ]
        ),
    ]

    @Test
    func `S-137 S-135 given the targets, then each imports lower ones only, so there is no cycle`()
        throws
    {
        var lower: Set<String> = ["CLZ4", "CDaybookCRC32C", "CMalloc", "CSQLite"]
        for (target, imports) in Self.allowed {
            #expect(imports.isSubset(of: lower), "\(target)")
            let found = try Checkout.imports(in: "Sources/\(target)")
            let ours = found.filter {
                $0.hasPrefix("Daybook") || $0.hasPrefix("C") && lower.contains($0)
            }
            #expect(ours.isSubset(of: imports), "\(target) imports \(ours.subtracting(imports))")
            lower.insert(target)
        }
    }

    @Test
    func `S-019 D-32 S-130 given the deciders, then they are functions that read nothing`() throws {
        // Swift itself is imported for its Unicode tables.
        #expect(try Checkout.imports(in: "Sources/DaybookDecisions") == ["DaybookCore", "Swift"])
        #expect(try Checkout.imports(in: "Sources/DaybookCore").isEmpty)
        for file in try Checkout.code(in: "Sources/DaybookDecisions/Deciders") {
            for line in file.lines {
                #expect(!line.contains("class "), "\(file.path): \(line)")
                #expect(!line.contains(" async "), "\(file.path): \(line)")
            }
        }
    }

    @Test
    func `S-118 S-133 given the selectors, then they live apart and can cause nothing`() throws {
        let imports = try Checkout.imports(in: "Sources/DaybookProjections")
        let effects: Set = ["DaybookGateways", "DaybookVault", "DaybookLog", "DaybookEngine"]
        #expect(imports.isDisjoint(with: effects))
        for file in try Checkout.code(in: "Sources/DaybookProjections/Selectors") {
            for word in ["INSERT ", "UPDATE ", "DELETE ", "CREATE "] {
                #expect(!file.lines.contains { $0.contains(word) }, "\(file.path): \(word)")
            }
        }
    }

    @Test
    func `S-012 S-070 S-078 S-080 S-100 S-110 S-122 given what can be asked, then by label only`()
        throws
    {
        let selectors = try Checkout.code(in: "Sources/DaybookProjections/Selectors")
            .filter { $0.path.contains("/ReadModels+") }
        let commands = try Checkout.code(in: "Sources/DaybookDecisions/Commands")
        #expect(selectors.count > 10)
        #expect(commands.count > 5)
        let unlabelled = #/public (func \w+|init)\(\s*_ /#
        for file in selectors + commands {
            #expect(
                file.lines.joined(separator: "\n").firstMatch(of: unlabelled) == nil, "\(file.path)"
            )
        }
    }

    @Test
    func
        `S-014 S-053 S-120 S-121 S-132 given outside services, then protocols, chosen in one place`()
        throws
    {
        #expect(
            try Checkout.text("Sources/DaybookGateways/PaymentGateway.swift")
                .contains("public protocol PaymentGateway: Sendable"))
        #expect(
            try Checkout.text("Sources/DaybookGateways/MailSender.swift")
                .contains("public protocol MailSender: Sendable"))
        let choosers = try Checkout.code(in: "Sources/DaybookEngine").filter { file in
            file.lines.contains {
                $0.contains("ScriptedBank(") || $0.contains("EmlMailSender(")
            }
        }
        #expect(choosers.map(\.path) == ["Sources/DaybookEngine/Daybook.swift"])
    }

    @Test
    func `S-128 given all sources, then nothing can be changed from everywhere`() throws {
        let global = #/^(public |package |private |fileprivate )?(nonisolated\(unsafe\) )?var /#
        let stored = #/static var [^{]*=/#
        for file in try Checkout.code(in: "Sources") {
            for line in file.lines {
                #expect(line.prefixMatch(of: global) == nil, "\(file.path): \(line)")
                #expect(line.firstMatch(of: stored) == nil, "\(file.path): \(line)")
            }
        }
    }

    @Test
    func `S-134 D-06 D-07 given shared state, then one writer holds it and knows no gateway`()
        throws
    {
        let core = try Checkout.text("Sources/DaybookEngine/Writer/EngineCore.swift")
        #expect(core.contains("final class EngineCore"))
        #expect(core.contains("private(set) var shop: Shop"))
        #expect(
            try !Checkout.imports(in: "Sources/DaybookEngine/Writer").contains("DaybookGateways"))
        let makers = try Checkout.code(in: "Sources").filter { file in
            file.lines.contains { $0.contains("EngineCore(") }
        }
        #expect(makers.map(\.path) == ["Sources/DaybookEngine/Daybook.swift"])
    }

    @Test
    func `S-135 S-042 S-130 S-131 given a domain, then commands, deciders and errors lie apart`()
        throws
    {
        let folders = ["Commands", "Deciders", "Events", "Policies", "Values"]
        for folder in folders {
            #expect(try !Checkout.swiftFiles(in: "Sources/DaybookDecisions/\(folder)").isEmpty)
        }
        let deciders = try Checkout.code(in: "Sources/DaybookDecisions/Deciders")
            .filter { $0.path.hasSuffix("Decider.swift") }
        #expect(deciders.count >= 9)
        for file in deciders {
            #expect(file.lines.contains { $0.contains("enum ") }, "\(file.path)")
        }
        var helperCount = 0
        for file in deciders {
            helperCount += file.lines.count { $0.contains("private static func ") }
        }
        #expect(helperCount > 10)
        #expect(
            try Checkout.text("Sources/DaybookDecisions/Deciders/Rejection.swift")
                .contains("public enum Rejection: Error"))
    }

    @Test
    func `S-136 given the engine's public functions, then each says what it does`() throws {
        for path in try Checkout.swiftFiles(in: "Sources/DaybookEngine") {
            let lines = try Checkout.text(path).split(
                separator: "\n", omittingEmptySubsequences: false)
            for (index, line) in lines.enumerated() {
                let words = line.drop { $0 == " " }
                guard words.hasPrefix("public func ") || words.hasPrefix("public static func ")
                else { continue }
                let above = lines[..<index].last { !$0.drop { $0 == " " }.hasPrefix("@") }
                #expect(
                    above?.drop { $0 == " " }.hasPrefix("///") == true, "\(path):\(index + 1)")
            }
        }
    }

    @Test
    func `S-057 S-010 given the command line, then it decides nothing and writes no table`() throws
    {
        for file in try Checkout.code(in: "Sources/daybook/Commands") {
            for word in ["ShopDecider", "Decider.decide", "LogWriter", "INSERT INTO"] {
                #expect(!file.lines.contains { $0.contains(word) }, "\(file.path): \(word)")
            }
        }
        #expect(try !Checkout.imports(in: "Sources/daybook").contains("GRDB"))
    }

    @Test
    func `S-003 given the payment reference, then one field that documents both of its names`()
        throws
    {
        let summary = try Checkout.text("Sources/DaybookProjections/Selectors/OrderSummary.swift")
        #expect(summary.contains("case paymentReference = \"payment_reference\""))
        #expect(summary.contains("`payment_id`"))
        #expect(summary.contains("`payment_intent_id`"))
    }

    @Test
    func `S-008 D-25 D-49 given the core, then no floating money, no clock and no chance`() throws {
        let forbidden = ["Date()", "UUID()", "clock_gettime", ".random(in", "SystemRandomNumber"]
        for target in ["DaybookCore", "DaybookDecisions", "DaybookProjections"] {
            for file in try Checkout.code(in: "Sources/\(target)") {
                for word in forbidden {
                    #expect(!file.lines.contains { $0.contains(word) }, "\(file.path): \(word)")
                }
                // A stored payload of another program's schema may hold floats; ours never do.
                guard !file.path.hasSuffix("EventRenderingScalars.swift") else { continue }
                let float = #/\b(Double|Float)\b/#
                #expect(!file.lines.contains { $0.firstMatch(of: float) != nil }, "\(file.path)")
            }
        }
    }
}
