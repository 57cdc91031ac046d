import AgentProtocol
import Testing

@testable import Agent

@Suite struct EndedAttemptsTests {
    private let directory = TemporaryDirectory()

    private func outcome(_ number: Int) -> AttemptOutcome {
        guard let attempt = AttemptID("c\(number).1") else { preconditionFailure("a plain name") }
        return AttemptOutcome(
            attempt: attempt, endedAtMilliseconds: Int64(number),
            steps: [AttemptOutcome.Step(exitCode: number, startedAtMilliseconds: 1, endedAtMilliseconds: 2, stdoutBytes: 7)])
    }

    @Test func whatEndedIsKnownToALaterAgent() throws {
        var ended = EndedAttempts(directory: directory.path)
        #expect(ended.outcome(of: outcome(1).attempt) == nil)
        for number in 1...3 { try ended.remember(outcome(number)) }
        let later = EndedAttempts(directory: directory.path)
        for number in 1...3 { #expect(later.outcome(of: outcome(number).attempt) == outcome(number)) }
        #expect(later.outcome(of: outcome(4).attempt) == nil)
    }

    @Test func theFirstOutcomeStays() throws {
        var ended = EndedAttempts(directory: directory.path)
        try ended.remember(outcome(1))
        var other = outcome(1)
        other.failure = .supervisorLost
        try ended.remember(other)
        #expect(ended.outcome(of: other.attempt)?.failure == nil)
    }

    @Test func ofManyTheLatestAreKept() throws {
        var ended = EndedAttempts(directory: directory.path, limit: 10_000)
        for number in 1...500 { try ended.remember(outcome(number)) }
        #expect(ended.outcome(of: outcome(1).attempt) == nil)
        for number in 470...500 { #expect(ended.outcome(of: outcome(number).attempt) != nil) }
        let bytes = try ["ended", "ended.former"].reduce(0) { try $0 + (PosixFile.read("\(directory.path)/\($1)")?.count ?? 0) }
        #expect(bytes < 21_000)
        #expect(EndedAttempts(directory: directory.path, limit: 10_000).outcome(of: outcome(480).attempt) != nil)
    }

    @Test func aTornLineIsNone() throws {
        var ended = EndedAttempts(directory: directory.path)
        try ended.remember(outcome(1))
        try PosixFile.append(Array(#"{"attempt":"c2.1","stop"#.utf8), to: "\(directory.path)/ended")
        var later = EndedAttempts(directory: directory.path)
        #expect(later.outcome(of: outcome(1).attempt) != nil && later.outcome(of: outcome(2).attempt) == nil)
        // The next one begins behind the torn one and is lost with it at most.
        try later.remember(outcome(3))
        try later.remember(outcome(4))
        #expect(EndedAttempts(directory: directory.path).outcome(of: outcome(4).attempt) != nil)
    }
}
