import AgentProtocol
import Testing

@testable import Agent

/// The life of an attempt as stories of input and decision.
@Suite struct AttemptStateMachineTests {
    private let attempt: AttemptID
    private let offer: CommandOffer
    private let go: CommandGo
    private let outcome: AttemptOutcome

    init() throws {
        attempt = try #require(AttemptID("c-1.1"))
        offer = CommandOffer(attempt: attempt, documentName: "AWS-RunShellScript", digest: "d")
        go = CommandGo(attempt: attempt, digest: "d", steps: [PluginStep(name: "s", commands: ["true"])])
        outcome = AttemptOutcome(
            attempt: attempt, endedAtMilliseconds: 9,
            steps: [.init(exitCode: 0, startedAtMilliseconds: 1, endedAtMilliseconds: 9)])
    }

    private func machine(after inputs: [AttemptStateMachine.Input]) -> AttemptStateMachine {
        var machine = AttemptStateMachine(offer: offer)
        for input in inputs { _ = machine.handle(input, now: 5) }
        return machine
    }

    @Test func anOrderlyLifeClaimsOnlyWhatIsRecordedAndStartsOnlyOnGo() {
        var machine = AttemptStateMachine(offer: offer)
        #expect(!machine.takesPlace)
        #expect(machine.handle(.placed, now: 0) == [.record(offer), .send(.claim(attempt))])
        #expect(machine.takesPlace)
        #expect(machine.handle(.go(go), now: 1) == [.launch(go)])
        #expect(machine.handle(.started(atMilliseconds: 2), now: 2) == [.send(.started(attempt, startedAtMilliseconds: 2))])
        #expect(machine.handle(.ended(outcome), now: 3) == [])
        #expect(!machine.takesPlace)
        #expect(machine.handle(.outputDelivered, now: 4) == [.send(.exit(outcome))])
        #expect(machine.handle(.closed, now: 5) == [.remember(outcome), .removeDirectory])
        #expect(machine.state == .gone)
    }

    @Test func everythingMayComeTwice() {
        var machine = machine(after: [.placed])
        #expect(machine.handle(.go(go), now: 1) == [.launch(go)])
        #expect(machine.handle(.go(go), now: 1) == [])
        _ = machine.handle(.started(atMilliseconds: 2), now: 2)
        #expect(machine.handle(.started(atMilliseconds: 2), now: 2) == [])
        _ = machine.handle(.ended(outcome), now: 3)
        #expect(machine.handle(.ended(outcome), now: 3) == [])
        #expect(machine.handle(.go(go), now: 3) == [])
        _ = machine.handle(.closed, now: 5)
        #expect(machine.handle(.closed, now: 5) == [])
    }

    @Test func aLostGoIsAskedForAgain() {
        var machine = machine(after: [.placed])
        #expect(machine.awaitsAnswer)
        #expect(machine.handle(.sessionOpened, now: 1) == [.send(.goRequest(attempt))])
        #expect(machine.handle(.answerOverdue, now: 1) == [.send(.goRequest(attempt))])
        #expect(machine.handle(.go(go), now: 2) == [.launch(go)])
        #expect(!machine.awaitsAnswer)
    }

    @Test func aGoThatDiffersFromItsOfferStartsNothing() {
        var machine = machine(after: [.placed])
        var other = go
        other.digest = "e"
        #expect(machine.handle(.go(other), now: 7) == [])
        guard case .draining(let outcome) = machine.state else {
            Issue.record("\(machine.state)")
            return
        }
        #expect(outcome.failure == .couldNotStart)
    }

    @Test(arguments: [AttemptStateMachine.Input.void, .cancel, .closed, .sessionOpened])
    func anOfferThatWasNotTakenIsForgottenWithoutATrace(_ input: AttemptStateMachine.Input) {
        var machine = machine(after: [])
        #expect(machine.handle(input, now: 1) == [])
        #expect(machine.state == .gone)
    }

    @Test(arguments: [AttemptStateMachine.Input.void, .closed])
    func aVoidClaimIsDeleted(_ input: AttemptStateMachine.Input) {
        var machine = machine(after: [.placed])
        #expect(machine.handle(input, now: 1) == [.removeDirectory])
    }

    @Test func aCancelBeforeTheStartEndsWithAnOutcomeWithoutSteps() {
        var machine = machine(after: [.placed])
        let cancelled = AttemptOutcome(attempt: attempt, stopped: .cancel, endedAtMilliseconds: 8)
        #expect(machine.handle(.cancel, now: 8) == [.send(.exit(cancelled))])
        #expect(machine.handle(.go(go), now: 9) == [])
        #expect(machine.handle(.closed, now: 9) == [.remember(cancelled), .removeDirectory])
    }

    @Test func aCancelOfARunningJobGoesToItsSupervisor() {
        var machine = machine(after: [.placed, .go(go)])
        #expect(machine.handle(.cancel, now: 1) == [.requestCancel])
        #expect(machine.handle(.void, now: 1) == [])
        #expect(machine.takesPlace)
    }

    @Test(arguments: [(true, AttemptOutcome.Failure.nodeRebooted), (false, .supervisorLost)])
    func aJobWhoseSupervisorVanishedHasFailedAndIsNotRunAgain(_ rebooted: Bool, _ failure: AttemptOutcome.Failure) {
        var machine = machine(after: [.placed, .go(go), .started(atMilliseconds: 2)])
        #expect(machine.handle(.supervisorVanished(rebooted: rebooted), now: 5) == [])
        guard case .draining(let outcome) = machine.state else {
            Issue.record("\(machine.state)")
            return
        }
        #expect(outcome.failure == failure)
        #expect(machine.handle(.go(go), now: 6) == [])
    }

    @Test func aSupervisorThatDiedBeforeItStartedAnythingIsTriedAgainThreeTimesInAll() {
        var machine = machine(after: [.placed])
        for _ in 1..<AttemptStateMachine.mostLostStarts {
            #expect(machine.handle(.go(go), now: 1) == [.launch(go)])
            #expect(machine.handle(.supervisorVanished(rebooted: false), now: 2) == [.send(.goRequest(attempt))])
        }
        _ = machine.handle(.go(go), now: 1)
        #expect(machine.handle(.supervisorVanished(rebooted: false), now: 2) == [])
        guard case .draining(let outcome) = machine.state else {
            Issue.record("\(machine.state)")
            return
        }
        #expect(outcome.failure == .couldNotStart)
    }

    @Test func anUntoldExitIsToldAgainUntilClosed() {
        var machine = machine(after: [.placed, .go(go), .ended(outcome), .outputDelivered])
        #expect(machine.handle(.sessionOpened, now: 1) == [.send(.exit(outcome))])
        #expect(machine.handle(.answerOverdue, now: 1) == [.send(.exit(outcome))])
        #expect(machine.handle(.closed, now: 1) == [.remember(outcome), .removeDirectory])
    }

    @Test func aRunningJobThatTheServerForgotGoesOnAndIsThenDeleted() {
        var machine = machine(after: [.placed, .go(go)])
        #expect(machine.handle(.closed, now: 1) == [.discardOutput])
        #expect(machine.handle(.started(atMilliseconds: 1), now: 1) == [])
        #expect(machine.takesPlace)
        #expect(machine.handle(.ended(outcome), now: 2) == [.remember(outcome), .removeDirectory])
        #expect(machine.state == .gone)
    }

    @Test func aLaunchThatFailsIsAnOutcome() {
        var machine = machine(after: [.placed, .go(go)])
        #expect(machine.handle(.launchFailed("no such user"), now: 4) == [])
        guard case .draining(let outcome) = machine.state else {
            Issue.record("\(machine.state)")
            return
        }
        #expect(outcome.message == "no such user")
        #expect(outcome.steps.isEmpty)
    }

    @Test func noInputInAnyStateStartsWithoutGoOrClaimsWithoutRecord() {
        let inputs: [AttemptStateMachine.Input] = [
            .placed, .go(go), .void, .cancel, .closed, .sessionOpened, .answerOverdue, .started(atMilliseconds: 1),
            .ended(outcome), .supervisorVanished(rebooted: false), .supervisorVanished(rebooted: true), .launchFailed("x"),
            .outputDelivered,
        ]
        // Every sequence of four inputs: more than any single fault needs.
        var frontier = [(AttemptStateMachine(offer: offer), false)]
        for _ in 0..<4 {
            var next: [(AttemptStateMachine, Bool)] = []
            for (machine, started) in frontier {
                for input in inputs {
                    var copy = machine
                    let actions = copy.handle(input, now: 1)
                    let launched = actions.contains(.launch(go))
                    let claim = actions.firstIndex(of: .send(.claim(attempt)))
                    let isSafe = (!launched || input == .go(go) && !started)
                        && (claim.map { actions[..<$0].contains(.record(offer)) } ?? true)
                    if !isSafe { Issue.record("\(machine.state), \(input): \(actions)") }
                    var hasStarted = started
                    if case .running(_, true, _) = copy.state { hasStarted = true }
                    next.append((copy, hasStarted))
                }
            }
            frontier = next
        }
    }
}
