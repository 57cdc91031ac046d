import JSONCore
import Testing
import TimeSource

@testable import AdminCLI

/// Builds history events as GetExecutionHistory answers them.
struct Story {
    private(set) var events: [ExecutionEvent] = []
    private let start = 1_700_000_000.0

    /// Adds an event; the one before it is its previous one unless said otherwise.
    mutating func add(_ type: String, at seconds: Double, after previous: Int64? = nil, _ details: JSONObject = [:]) {
        let id = Int64(events.count + 1)
        let shared = type.hasSuffix("StateEntered") ? "stateEntered" : type.hasSuffix("StateExited") ? "stateExited" : nil
        let member = (shared ?? type.prefix(1).lowercased() + type.dropFirst()) + "EventDetails"
        guard
            let event = ExecutionEvent([
                "id": .integer(id), "previousEventId": .integer(previous ?? id - 1), "type": .text(type),
                "timestamp": JSONNumber(start + seconds).map(JSONValue.number) ?? .null, JSONString(member): .object(details),
            ])
        else { return }
        events.append(event)
    }

    /// The lines that the live view makes of it, without colours.
    func lines(_ style: OutputStyle = .plain) -> [String] {
        var view = FollowView()
        let painter = FollowPainter(style: style, zone: .utc)
        return events.compactMap { view.add($0) }.map(painter.text)
    }

    /// The view after all events.
    var view: FollowView {
        var view = FollowView()
        for event in events { _ = view.add(event) }
        return view
    }
}

struct FollowViewTests {
    @Test func statesAreShownAsTheyAreEnteredAndLeftWithDurations() {
        var story = Story()
        story.add("ExecutionStarted", at: 0, after: 0, ["input": "{}"])
        story.add("PassStateEntered", at: 0.01, after: 0, ["name": "Begin"])
        story.add("PassStateExited", at: 0.02, ["name": "Begin", "output": "{}"])
        story.add("WaitStateEntered", at: 0.02, ["name": "Pause"])
        story.add("WaitStateExited", at: 65.02, ["name": "Pause"])
        story.add("ExecutionSucceeded", at: 65.03, ["output": "{}"])
        #expect(
            story.lines() == [
                "22:13:20  > Begin", "22:13:20  + Begin  0.01 s", "22:13:20  > Pause", "22:14:25  + Pause  1 min 05 s",
                "22:14:25  = ExecutionSucceeded",
            ])
        #expect(story.view.isOver)
    }

    @Test func failedAttemptsAndRetriesAreShown() {
        var story = Story()
        story.add("ExecutionStarted", at: 0, after: 0)
        story.add("TaskStateEntered", at: 0, after: 0, ["name": "Call"])
        story.add("LambdaFunctionScheduled", at: 0, ["resource": "arn:aws:lambda:us-east-1:000000000000:function:Work"])
        story.add("LambdaFunctionStarted", at: 0)
        story.add("LambdaFunctionFailed", at: 1, ["error": "Lambda.Unknown", "cause": "no\nanswer"])
        story.add("LambdaFunctionScheduled", at: 3, ["resource": "arn:aws:lambda:us-east-1:000000000000:function:Work"])
        story.add("LambdaFunctionTimedOut", at: 4, ["error": "States.Timeout"])
        story.add("ExecutionFailed", at: 4, ["error": "States.Timeout"])
        #expect(
            story.lines() == [
                "22:13:20  > Call", "22:13:21  ! Call failed  Lambda.Unknown: no | answer", "22:13:23  ~ Call  attempt 2",
                "22:13:24  ! Call timed out  States.Timeout", "22:13:24  = ExecutionFailed  States.Timeout",
            ])
        #expect(story.view.functions == ["Work"])
    }

    @Test func branchesAreIndentedAndBelongToTheirOwnStates() {
        var story = Story()
        story.add("ExecutionStarted", at: 0, after: 0)  // 1
        story.add("ParallelStateEntered", at: 0, after: 0, ["name": "Both"])  // 2
        story.add("ParallelStateStarted", at: 0)  // 3
        story.add("WaitStateEntered", at: 0, after: 3, ["name": "Left"])  // 4
        story.add("PassStateEntered", at: 0, after: 3, ["name": "Right"])  // 5
        story.add("PassStateExited", at: 0, after: 5, ["name": "Right"])  // 6
        story.add("WaitStateExited", at: 2, after: 4, ["name": "Left"])  // 7
        story.add("PassStateEntered", at: 2, after: 7, ["name": "Left-2"])  // 8
        #expect(story.view.openStates.map(\.name) == ["Both", "Left-2"])
        story.add("PassStateExited", at: 2, after: 8, ["name": "Left-2"])  // 9
        story.add("ParallelStateSucceeded", at: 2, after: 9)  // 10
        story.add("ParallelStateExited", at: 2, after: 10, ["name": "Both"])  // 11
        story.add("PassStateEntered", at: 2, after: 11, ["name": "Last"])  // 12
        #expect(
            story.lines() == [
                "22:13:20  > Both", "22:13:20    > Left", "22:13:20    > Right", "22:13:20    + Right  0.00 s",
                "22:13:22    + Left  2.00 s", "22:13:22    > Left-2", "22:13:22    + Left-2  0.00 s", "22:13:22  + Both  2.00 s",
                "22:13:22  > Last",
            ])
        #expect(story.view.openStates.map(\.name) == ["Last"])
    }

    @Test func aStateThatCatchesAnErrorOfItsBranchesClosesThem() {
        var story = Story()
        story.add("ParallelStateEntered", at: 0, after: 0, ["name": "Both"])  // 1
        story.add("ParallelStateStarted", at: 0)  // 2
        story.add("TaskStateEntered", at: 0, after: 2, ["name": "Inner"])  // 3
        story.add("TaskFailed", at: 1, after: 3, ["error": "E"])  // 4
        story.add("ParallelStateFailed", at: 1, after: 4)  // 5
        story.add("ParallelStateExited", at: 1, after: 5, ["name": "Both"])  // 6
        #expect(story.view.openStates.isEmpty)
        #expect(
            story.lines().suffix(3) == ["22:13:21    ! Inner failed  E", "22:13:21  ! Both failed", "22:13:21  + Both  1.00 s"])
    }

    @Test func commandsAndFunctionsAreFoundInWhatTasksAnswer() {
        let id = "0b1f2c34-1111-2222-3333-444455556666"
        let other = "0b1f2c34-1111-2222-3333-444455557777"
        var story = Story()
        story.add("TaskStateEntered", at: 0, after: 0, ["name": "Send", "input": .text("{\"CommandId\":\"\(other)\"}")])
        story.add("TaskScheduled", at: 0, ["resourceType": "lambda", "parameters": "{\"FunctionName\":\"Send:live\"}"])
        story.add("TaskSucceeded", at: 0, ["output": .text("{\"Command\":{\"CommandId\":\"\(id)\",\"Comment\":\"\"}}")])
        story.add("TaskStateExited", at: 0, ["name": "Send", "output": .text("[{\"command_id\":\"\(other)\"}, {\"commandId\":\"no\"}]")])
        #expect(story.view.commandIDs == [id, other])
        #expect(story.view.functions == ["Send"])
    }

    @Test func eventsSeenBeforeAreNotShownAgain() {
        var story = Story()
        story.add("PassStateEntered", at: 0, after: 0, ["name": "A"])
        var view = FollowView()
        #expect(view.add(story.events[0]) != nil)
        #expect(view.add(story.events[0]) == nil)
    }

    @Test func onATerminalLinesKeepTheirWidthAndEscapeSequencesNeverPass() {
        var story = Story()
        story.add("TaskStateEntered", at: 0, after: 0, ["name": "Call"])
        story.add("TaskFailed", at: 1, ["error": "E", "cause": .text("\u{1B}[2J\u{7}" + String(repeating: "x", count: 200))])
        story.add("ExecutionFailed", at: 1, ["cause": .text(String(repeating: "日", count: 100))])
        let style = OutputStyle(isTerminal: true, hasColours: false, width: 60, isUnicode: true)
        // An error is shown whole; the terminal wraps it.
        #expect(story.lines(style)[1].hasPrefix("22:13:21  ✘ Call failed  E: ^Gxxx"))
        #expect(DisplayText.width(story.lines(style)[1]) > 200)
        let end = story.lines(style)[2]
        #expect(end.hasSuffix("…"))
        #expect(DisplayText.width(end) <= 60)
        let coloured = Story.colours(story)
        #expect(coloured.hasPrefix("\u{1B}[90m22:13:20\u{1B}[0m  \u{1B}[36m▶ Call\u{1B}[0m"))
    }

    @Test func theStatusLineTellsWhatIsOpenAndForHowLong() throws {
        var story = Story()
        story.add("ExecutionStarted", at: 0, after: 0)
        story.add("TaskStateEntered", at: 1, after: 0, ["name": "Crawl"])
        let painter = FollowPainter(
            style: OutputStyle(isTerminal: true, hasColours: false, width: 80, isUnicode: true), zone: .utc)
        let start = try #require(story.view.startedAt)
        #expect(painter.status(story.view, now: start + .seconds(61)) == "running 1 min 01 s · Crawl 1 min 00 s")
    }

    @Test func outputLinesNameTheirFunctionAndMarkErrors() {
        let painter = FollowPainter(style: .plain, zone: .utc)
        #expect(painter.text(OutputLine(at: .epoch, source: nil, isError: false, text: "INDEX\r")) == "          | INDEX")
        #expect(painter.text(OutputLine(at: .epoch, source: "Work", isError: false, text: "a\tb")) == "          Work | a b")
    }
}

extension Story {
    fileprivate static func colours(_ story: Story) -> String {
        story.lines(OutputStyle(isTerminal: true, hasColours: true, width: 80, isUnicode: true))[0]
    }
}
