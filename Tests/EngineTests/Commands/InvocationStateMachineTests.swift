import AgentProtocol
import Store
import Testing
import TimeSource

@testable import Engine

/// Every arrow of `docs/architecture/run-a-command.md`, as stories of inputs.
@Suite struct InvocationStateMachineTests {
    typealias Input = InvocationStateMachine.Input

    private static let now = Timestamp(milliseconds: 1_000)
    private static let begun = Timestamp(milliseconds: 2_000)

    /// What a story must come to.
    struct Story: Sendable, CustomTestStringConvertible {
        let name: String
        let inputs: [Input]
        let status: InvocationState.Status
        let detail: InvocationState.Detail
        /// What the last input has the node told.
        let messages: [InvocationStateMachine.Message]
        var code: Int?

        var testDescription: String { name }
    }

    static func attempt() -> AttemptID {
        guard let attempt = AttemptID(commandID: "c", number: 1) else { preconditionFailure("a plain name") }
        return attempt
    }

    static func outcome(
        exit: Int?, stopped: AttemptOutcome.Stop = .none, failure: AttemptOutcome.Failure? = nil, steps: Int = 1
    ) -> Input {
        .outcome(
            AttemptOutcome(
                attempt: attempt(), failure: failure, stopped: stopped, endedAtMilliseconds: 3_000,
                steps: (0..<steps).map { _ in
                    AttemptOutcome.Step(
                        exitCode: exit, signal: exit == nil ? 9 : nil, stopped: stopped, startedAtMilliseconds: 2_000,
                        endedAtMilliseconds: 3_000)
                }))
    }

    static let stories: [Story] = [
        // Pending
        Story(name: "a claim is given the go", inputs: [.claim(incarnation: 1)], status: .inProgress, detail: .inProgress, messages: [.go]),
        Story(
            name: "a lost claim is made up for by a request", inputs: [.goRequest(incarnation: 1)], status: .inProgress,
            detail: .inProgress, messages: [.go]),
        Story(name: "cancelled before it began", inputs: [.cancel], status: .cancelled, detail: .cancelled, messages: [.void], code: -1),
        Story(
            name: "not delivered in time", inputs: [.deadline], status: .timedOut, detail: .deliveryTimedOut, messages: [.void], code: -1),
        Story(
            name: "too many errors elsewhere", inputs: [.terminate], status: .cancelled, detail: .terminated, messages: [.void], code: -1),
        Story(
            name: "the node is deregistered first", inputs: [.nodeDeregistered], status: .failed, detail: .undeliverable,
            messages: [], code: -1),
        Story(
            name: "a node need not know what it was not given", inputs: [.forgottenByNode], status: .pending, detail: .pending, messages: []
        ),
        Story(
            name: "a restored server believes a node that ran it", inputs: [.started(at: begun), outcome(exit: 0)], status: .success,
            detail: .success, messages: [.closed], code: 0),
        Story(
            name: "what waits for a lost node goes on waiting", inputs: [.nodeDeclaredLost], status: .pending, detail: .pending, messages: []),
        Story(
            name: "what cannot be completed does not run", inputs: [.noGo(reason: "x")], status: .failed, detail: .failed,
            messages: [.void], code: -1),
        // InProgress
        Story(
            name: "a lost node ends it", inputs: [.claim(incarnation: 1), .nodeDeclaredLost], status: .failed, detail: .nodeLost,
            messages: [.stop], code: -1),
        Story(
            name: "a lost node that is back is to stop",
            inputs: [.claim(incarnation: 1), .nodeDeclaredLost, .started(at: begun)], status: .failed, detail: .nodeLost,
            messages: [.stop], code: -1),
        Story(
            name: "what a lost node tells is not recorded",
            inputs: [.claim(incarnation: 1), .nodeDeclaredLost, outcome(exit: 0)], status: .failed, detail: .nodeLost,
            messages: [.closed], code: -1),
        Story(
            name: "a lost node asks for its go in vain",
            inputs: [.claim(incarnation: 1), .nodeDeclaredLost, .goRequest(incarnation: 2)], status: .failed, detail: .nodeLost,
            messages: [.void], code: -1),
        Story(
            name: "a lost go cannot be completed any more",
            inputs: [.claim(incarnation: 1), .noGo(reason: "x")], status: .failed, detail: .failed, messages: [.void], code: -1),
        Story(
            name: "a go that cannot be completed is asked for by what started",
            inputs: [.claim(incarnation: 1), .started(at: begun), .noGo(reason: "x")], status: .failed, detail: .supervisorLost,
            messages: [.void], code: -1),
        Story(
            name: "a lost node ends what was to be cancelled", inputs: [.claim(incarnation: 1), .cancel, .nodeDeclaredLost],
            status: .failed, detail: .nodeLost, messages: [.stop], code: -1),
        Story(
            name: "a lost go is said again", inputs: [.claim(incarnation: 1), .goRequest(incarnation: 1)], status: .inProgress,
            detail: .inProgress, messages: [.go]),
        Story(
            name: "a go is not said again once it started",
            inputs: [.claim(incarnation: 1), .started(at: begun), .goRequest(incarnation: 2)], status: .failed,
            detail: .supervisorLost, messages: [.void], code: -1),
        Story(
            name: "success", inputs: [.claim(incarnation: 1), .started(at: begun), outcome(exit: 0)], status: .success,
            detail: .success, messages: [.closed], code: 0),
        Story(
            name: "an outcome without a start that was told", inputs: [.claim(incarnation: 1), outcome(exit: 0)], status: .success,
            detail: .success, messages: [.closed], code: 0),
        Story(
            name: "an exit code fails", inputs: [.claim(incarnation: 1), outcome(exit: 3)], status: .failed, detail: .failed,
            messages: [.closed], code: 3),
        Story(
            name: "a signal fails", inputs: [.claim(incarnation: 1), outcome(exit: nil)], status: .failed, detail: .failed,
            messages: [.closed], code: 137),
        Story(
            name: "the execution timeout", inputs: [.claim(incarnation: 1), outcome(exit: nil, stopped: .timeout)],
            status: .timedOut, detail: .executionTimedOut, messages: [.closed], code: 137),
        Story(
            name: "the server's own watch asks the node and waits", inputs: [.claim(incarnation: 1), .deadline],
            status: .inProgress, detail: .inProgress, messages: [.stop]),
        Story(
            name: "stopped by the server's own watch",
            inputs: [.claim(incarnation: 1), .deadline, outcome(exit: nil, stopped: .cancel)], status: .timedOut,
            detail: .executionTimedOut, messages: [.closed], code: 137),
        Story(
            name: "the node rebooted", inputs: [.claim(incarnation: 1), outcome(exit: nil, failure: .nodeRebooted, steps: 0)],
            status: .failed, detail: .nodeRebooted, messages: [.closed], code: -1),
        Story(
            name: "the supervisor vanished",
            inputs: [.claim(incarnation: 1), outcome(exit: nil, failure: .supervisorLost, steps: 0)], status: .failed,
            detail: .supervisorLost, messages: [.closed], code: -1),
        Story(
            name: "it could not start",
            inputs: [.claim(incarnation: 1), outcome(exit: nil, failure: .couldNotStart, steps: 0)], status: .failed,
            detail: .failed, messages: [.closed], code: -1),
        Story(
            name: "the host was shut down", inputs: [.claim(incarnation: 1), outcome(exit: nil, stopped: .terminated)],
            status: .failed, detail: .failed, messages: [.closed], code: 137),
        Story(
            name: "a node forgot what it was given", inputs: [.claim(incarnation: 1), .forgottenByNode], status: .failed,
            detail: .supervisorLost, messages: [], code: -1),
        Story(
            name: "the node is deregistered while it runs", inputs: [.claim(incarnation: 1), .nodeDeregistered], status: .failed,
            detail: .unreachable, messages: [], code: -1),
        Story(
            name: "errors elsewhere end nothing that runs", inputs: [.claim(incarnation: 1), .terminate], status: .inProgress,
            detail: .inProgress, messages: []),
        // Cancelling
        Story(
            name: "what runs is asked to stop", inputs: [.claim(incarnation: 1), .cancel], status: .cancelling, detail: .cancelling,
            messages: [.stop]),
        Story(
            name: "asked twice", inputs: [.claim(incarnation: 1), .cancel, .cancel], status: .cancelling, detail: .cancelling,
            messages: [.stop]),
        Story(
            name: "stopped", inputs: [.claim(incarnation: 1), .cancel, outcome(exit: nil, stopped: .cancel)], status: .cancelled,
            detail: .cancelled, messages: [.closed], code: 137),
        Story(
            name: "the go was lost, so nothing ran", inputs: [.claim(incarnation: 1), .cancel, .goRequest(incarnation: 1)],
            status: .cancelled, detail: .cancelled, messages: [.void], code: -1),
        Story(
            name: "stopped before its process was made",
            inputs: [.claim(incarnation: 1), .cancel, outcome(exit: nil, stopped: .cancel, steps: 0)], status: .cancelled,
            detail: .cancelled, messages: [.closed], code: -1),
        Story(
            name: "it ended by itself just before the stop", inputs: [.claim(incarnation: 1), .cancel, outcome(exit: 0)],
            status: .success, detail: .success, messages: [.closed], code: 0),
        Story(
            name: "forgotten while it was being stopped", inputs: [.claim(incarnation: 1), .cancel, .forgottenByNode],
            status: .failed, detail: .supervisorLost, messages: [], code: -1),
        Story(
            name: "deregistered while it was being stopped", inputs: [.claim(incarnation: 1), .cancel, .nodeDeregistered],
            status: .failed, detail: .unreachable, messages: [], code: -1),
        // Ended
        Story(
            name: "a late claim is void", inputs: [.deadline, .claim(incarnation: 1)], status: .timedOut, detail: .deliveryTimedOut,
            messages: [.void]),
        Story(
            name: "a repeated outcome is closed again and changes nothing",
            inputs: [.claim(incarnation: 1), outcome(exit: 0), outcome(exit: 1)], status: .success, detail: .success,
            messages: [.closed]),
        Story(
            name: "cancelling what has ended changes nothing", inputs: [.claim(incarnation: 1), outcome(exit: 0), .cancel],
            status: .success, detail: .success, messages: []),
    ]

    @Test("an invocation's story", arguments: stories)
    func story(_ story: Story) throws {
        var machine = InvocationStateMachine(InvocationState(), stepCount: 1)
        var messages: [InvocationStateMachine.Message] = []
        var wasEnded = false
        for input in story.inputs {
            wasEnded = machine.state.hasEnded
            messages = machine.handle(input, now: Self.now)
        }
        #expect(machine.state.status == story.status)
        #expect(machine.state.detail == story.detail)
        #expect(messages == story.messages)
        #expect((machine.state.endedAt != nil) == machine.state.hasEnded)
        guard let code = story.code, !wasEnded else { return }
        #expect(machine.results.map(\.responseCode) == [code])
        #expect(machine.results.map(\.status) == [story.status])
    }

    @Test("nothing that ends before a go was committed is ever given one")
    func endedBeforeGo() {
        for ending in [Input.cancel, .deadline, .terminate, .nodeDeregistered] {
            var machine = InvocationStateMachine(InvocationState(), stepCount: 1)
            _ = machine.handle(ending, now: Self.now)
            #expect(machine.state.grantedAt == nil)
            for late in [Input.claim(incarnation: 1), .goRequest(incarnation: 1)] {
                #expect(machine.handle(late, now: Self.now) == [.void])
            }
        }
    }

    private static func step(_ exitCode: Int?, stopped: AttemptOutcome.Stop = .none, skipped: String? = nil) -> AttemptOutcome.Step {
        AttemptOutcome.Step(
            exitCode: exitCode, stopped: stopped, startedAtMilliseconds: 2_000, endedAtMilliseconds: 3_000, skipped: skipped)
    }

    @Test(
        "a skipped step and one that ends its document with success have succeeded; a failure outweighs a timeout",
        arguments: [
            ([step(0), step(nil, skipped: "why")], .success, [0, 0]),
            ([step(168), step(nil, skipped: "why")], .success, [168, 0]), ([step(169), step(nil, skipped: "why")], .failed, [169, 0]),
            ([step(nil, stopped: .timeout), step(0)], .timedOut, [137, 0]), ([step(nil, stopped: .timeout), step(1)], .failed, [137, 1]),
        ] as [([AttemptOutcome.Step], InvocationState.Status, [Int])])
    func stepsOfADocument(_ steps: [AttemptOutcome.Step], _ status: InvocationState.Status, _ codes: [Int]) {
        var machine = InvocationStateMachine(InvocationState(), stepCount: 2)
        _ = machine.handle(.claim(incarnation: 1), now: Self.now)
        _ = machine.handle(
            .outcome(AttemptOutcome(attempt: Self.attempt(), endedAtMilliseconds: 3_000, steps: steps)), now: Self.now)
        #expect(machine.state.status == status)
        #expect(machine.results.map(\.responseCode) == codes)
    }

    @Test("of several steps the worst decides, and those never begun share the whole's fate")
    func severalSteps() {
        var machine = InvocationStateMachine(InvocationState(), stepCount: 3)
        _ = machine.handle(.claim(incarnation: 1), now: Self.now)
        let steps = [0, 2].map {
            AttemptOutcome.Step(exitCode: $0, startedAtMilliseconds: 2_000, endedAtMilliseconds: 3_000)
        }
        _ = machine.handle(
            .outcome(AttemptOutcome(attempt: Self.attempt(), endedAtMilliseconds: 3_000, steps: steps)), now: Self.now)
        #expect(machine.results.map(\.responseCode) == [0, 2, -1])
        #expect(machine.results.map(\.status) == [.success, .failed, .cancelled])
        #expect(machine.state.hasEnded)
    }
}
