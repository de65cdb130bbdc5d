import Testing

@testable import daybook

@Suite struct `Output settings` {
    private func terminal(_ environment: [String: String], isTerminal: Bool = false) -> Terminal {
        Terminal(
            outputIsTerminal: isTerminal, errorIsTerminal: isTerminal, inputIsTerminal: isTerminal,
            width: 100
        ) { environment[$0] }
    }

    private func colours(_ environment: [String: String], _ when: When = .auto) -> Bool {
        OutputSettings(colour: when, terminal: terminal(environment, isTerminal: true))
            .outputColours
    }

    @Test func `given variables of the environment, when colours are decided, then each is heard`()
    {
        #expect(colours([:]))
        #expect(!colours(["NO_COLOR": "1"]))
        #expect(colours(["NO_COLOR": ""]))
        #expect(!colours(["TERM": "dumb"]))
        #expect(colours(["NO_COLOR": "1"], .always))
        #expect(!colours([:], .never))
        let piped = terminal(["CLICOLOR_FORCE": "1"])
        #expect(OutputSettings(terminal: piped).outputColours)
        #expect(!OutputSettings(terminal: terminal([:])).outputColours)
    }

    @Test func `given a forced terminal, when its width is asked, then it is the given one`() {
        let forced = terminal(["DAYBOOK_FORCE_TTY": "60"])
        #expect(forced.outputIsTerminal)
        #expect(forced.columns == 60)
    }

    @Test
    func `given form and terminal, when progress is decided, then bar, lines, statuses or none`() {
        let person = terminal([:], isTerminal: true)
        let pipe = terminal([:])
        #expect(OutputSettings(terminal: person).progress == .bar)
        #expect(OutputSettings(terminal: pipe).progress == .lines)
        #expect(OutputSettings(progress: .always, terminal: pipe).progress == .bar)
        #expect(OutputSettings(progress: .never, terminal: person).progress == .none)
        #expect(OutputSettings(isQuiet: true, terminal: person).progress == .none)
        #expect(OutputSettings(format: .json, terminal: person).progress == .statuses)
        #expect(OutputSettings(format: .json, isQuiet: true, terminal: pipe).progress == .none)
    }
}
