extension Law {
    /// Facts that come again change nothing: any run may be delivered twice or begin too early.
    public static func redeliveryChangesNothing<P: RowProjector>(
        _ projector: P.Type, facts: Generator<[P.Fact]>
    ) -> Property {
        let cases = Generator { choices in
            let split = try withCuts(facts).draw(from: choices)
            // For each run, how many facts before it come once more.
            let overlaps = try split.runs.map { _ in try choices.below(4, .weights([2, 2, 1, 1])) }
            return Redelivery(split: split, overlaps: overlaps)
        }
        return Property("redelivery to \(P.self) changes nothing", cases) { redelivery in
            let all = deliveries(redelivery.split.facts)
            let once = try tables(P.self, [all[...]])
            var runs: [ArraySlice<Delivery<P.Fact>>] = []
            for (run, overlap) in zip(redelivery.split.runs, redelivery.overlaps) {
                let start = max(0, run.startIndex - overlap)
                runs.append(all[start..<run.endIndex])
            }
            try sameTables(try tables(P.self, runs), once, "delivered with overlaps")
            try sameTables(try tables(P.self, [all[...], all[...]]), once, "all delivered twice")
        }
    }

    /// Rebuilt in one run equals incremental, however the facts were grouped, at every step.
    public static func rebuiltEqualsIncremental<P: RowProjector>(
        _ projector: P.Type, facts: Generator<[P.Fact]>
    ) -> Property {
        Property("\(P.self) rebuilt equals incremental", withCuts(facts)) { split in
            let all = deliveries(split.facts)
            var incremental = try P()
            for run in split.runs {
                try incremental.project(Array(all[run.startIndex..<run.endIndex]))
                let rebuilt = try tables(P.self, [all[..<run.endIndex]])
                try sameTables(
                    try incremental.tables(), rebuilt, "after event \(run.endIndex)")
            }
            // One by one is a grouping, too.
            let single = all.indices.map { all[$0...$0] }
            try sameTables(
                try tables(P.self, single), try tables(P.self, [all[...]]), "one by one")
        }
    }

    /// The rows are those that a plain function of the whole history says.
    public static func rows<P: RowProjector>(
        _ projector: P.Type, facts: Generator<[P.Fact]>,
        equal expected: @escaping ([P.Fact]) throws -> [RowTable]
    ) -> Property {
        Property("\(P.self) equals its definition", withCuts(facts)) { split in
            let all = deliveries(split.facts)
            let runs = split.runs.map { all[$0.startIndex..<$0.endIndex] }
            try sameTables(
                try tables(P.self, runs), try expected(split.facts), "against the definition")
        }
    }

    private static func tables<P: RowProjector>(
        _ projector: P.Type, _ runs: [ArraySlice<Delivery<P.Fact>>]
    ) throws -> [RowTable] {
        var projector = try P()
        for run in runs { try projector.project(Array(run)) }
        return try projector.tables()
    }

    private static func sameTables(
        _ actual: [RowTable], _ expected: [RowTable], _ what: String
    ) throws {
        guard actual != expected else { return }
        let difference = Difference(expected: tableText(expected), actual: tableText(actual))
        throw LawBroken("\(what): the rows differ\n\(difference)", clause: "rows")
    }
}

/// Facts of which some come again.
struct Redelivery<Fact>: CountsEvents {
    var split: SplitFacts<Fact>
    var overlaps: [Int]

    var eventCount: Int { split.eventCount }
}
