/// A command with the key under which it is sent; the same key again means the same wish again.
public struct KeyedCommand<Command> {
    public var key: String
    public var command: Command
    /// How often it was sent before.
    public var repetition: Int
}

extension Generator {
    /// Streams in which commands are sent again, right away or later, under their keys.
    public static func keyed<Command>(
        _ streams: Generator<[Command]>
    ) -> Generator where Value == [KeyedCommand<Command>] {
        Generator { choices in
            var sent: [KeyedCommand<Command>] = []
            for (index, command) in try streams.draw(from: choices).enumerated() {
                sent.append(KeyedCommand(key: "key-\(index + 1)", command: command, repetition: 0))
                if try choices.happens(1, in: 3) {
                    var again = sent[sent.count - 1 - (try choices.below(sent.count))]
                    again.repetition += 1
                    sent.append(again)
                }
            }
            return sent
        }
    }
}

extension Law {
    /// A command that is sent again under its key gets the first answer and has no second effect.
    ///
    /// - Parameters:
    ///   - system: a new one.
    ///   - send: a command under a key; rejections are answers, not errors.
    ///   - observe: everything that commands may change.
    public static func repeatedKeyHasNoSecondEffect<System, Command, Answer: Equatable, View>(
        _ name: String, commands: Generator<[Command]>, system: @escaping () throws -> System,
        send: @escaping (inout System, Command, _ key: String) throws -> Answer,
        observe: @escaping (System) throws -> View
    ) -> Property where View: Equatable {
        Property("a repeated key of \(name) has no second effect", .keyed(commands)) { stream in
            var system = try system()
            var answers: [String: Answer] = [:]
            for step in stream {
                let before = try observe(system)
                let answer = try send(&system, step.command, step.key)
                guard let first = answers[step.key] else {
                    answers[step.key] = answer
                    continue
                }
                try same(answer, first, "the answer to \(step.key), sent again", clause: "answer")
                try same(
                    try observe(system), before, "the system after \(step.key), sent again",
                    clause: "effect")
            }
        }
    }

    /// After every command the system and a small reference model have answered the same and look the
    /// same.
    ///
    /// - Parameters:
    ///   - system: a new one.
    ///   - model: a new reference model: the plainest program that does what the system should.
    ///   - run: a command on the system; rejections are answers, not errors.
    ///   - expect: the same command on the model.
    ///   - compare: throws when system and model do not look the same.
    public static func agreement<System, Model, Command, Answer: Equatable>(
        _ name: String, commands: Generator<[Command]>, system: @escaping () throws -> System,
        model: @escaping () -> Model,
        run: @escaping (inout System, Command) throws -> Answer,
        expect: @escaping (inout Model, Command) throws -> Answer,
        compare: @escaping (System, Model) throws -> Void
    ) -> Property {
        Property("\(name) agrees with its model", commands) { stream in
            var system = try system()
            var model = model()
            for (index, command) in stream.enumerated() {
                let expected = try expect(&model, command)
                let what = "the answer to command \(index + 1), \(swiftSource(of: command))"
                try same(try run(&system, command), expected, what, clause: "answer")
                try compare(system, model)
            }
        }
    }
}

extension KeyedCommand: SwiftSourceConvertible {
    public var swiftSource: String {
        let again = repetition > 0 ? " /* again */" : ""
        return "(\(DaybookTestKit.swiftSource(of: key)), "
            + "\(DaybookTestKit.swiftSource(of: command)))\(again)"
    }
}
