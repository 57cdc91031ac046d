import JSONCore
package import TimeSource

/// Watches an execution through the public API until it has ended.
package struct ExecutionFollower {
    private static let shortestPause = Duration.milliseconds(150)
    private static let longestPause = Duration.seconds(1)
    /// How long the server may be away; it comes back within seconds of a crash or an upgrade.
    private static let patience = Duration.seconds(300)

    private let server: any APICaller
    private let execution: String
    private let clock: any ClockSource
    private let remark: (String) -> Void
    private var view = FollowView()
    private var output: OutputFollower
    private var screen: FollowScreen

    /// A follower of the execution with this ARN; `remark` tells people what is not part of the view.
    package init(
        _ server: any APICaller, execution: String, clock: any ClockSource, screen: FollowScreen, remark: @escaping (String) -> Void
    ) {
        self.server = server
        self.execution = execution
        self.clock = clock
        self.screen = screen
        self.remark = remark
        output = OutputFollower(server)
    }

    /// Shows what happens until the execution has ended, and answers how it ended. A server that goes away is waited for.
    /// - Throws: `CancellationError` when it is no longer to be followed; the execution goes on.
    package mutating func run() async throws -> ExecutionSummary {
        defer { screen.clearStatus() }
        var pause = ExecutionFollower.shortestPause
        var lostAt: (monotonic: MonotonicInstant, now: Timestamp)?
        while true {
            do {
                let news = try await look()
                if let lost = lostAt {
                    remark("the server answers again")
                    output.goBack(to: lost.now - LogCursor.overlap)
                    lostAt = nil
                }
                if view.isOver, let summary = try await finish() { return summary }
                pause = news ? ExecutionFollower.shortestPause : min(pause * 3 / 2, ExecutionFollower.longestPause)
            } catch  where ExecutionFollower.mayPass(error) && view.lastEventID > 0 {
                if lostAt == nil {
                    screen.clearStatus()
                    remark("the server does not answer; waiting for it")
                }
                let lost = lostAt ?? (clock.monotonic, clock.now)
                lostAt = lost
                guard clock.monotonic - lost.monotonic < ExecutionFollower.patience else { throw error }
                pause = ExecutionFollower.longestPause
            }
            screen.showStatus(view, now: clock.now)
            try await clock.sleep(for: pause)
        }
    }

    /// One look at history and output; whether there was something new.
    private mutating func look() async throws -> Bool {
        let events = try await newEvents()
        for event in events {
            let line = view.add(event)
            screen.show(event, line)
        }
        let lines = try await output.next(of: view)
        for line in lines { screen.show(line) }
        if let problem = output.takeProblem() {
            screen.clearStatus()
            remark("output is not shown: \(problem)")
        }
        return !events.isEmpty || !lines.isEmpty
    }

    /// The events that were not seen yet, oldest first. The newest come first and only as far back as needed, so that a look costs
    /// as much as there is news, whatever the history's length.
    private func newEvents() async throws -> [ExecutionEvent] {
        var input: JSONObject = ["executionArn": .text(execution), "reverseOrder": true, "maxResults": 100]
        if view.lastEventID == 0 { input["maxResults"] = 1000 }
        var events: [ExecutionEvent] = []
        while true {
            let page = try await server.call(.states("GetExecutionHistory", input))
            let read = (page["events"]?.array ?? []).compactMap(ExecutionEvent.init)
            events += read.prefix { $0.id > view.lastEventID }
            guard let token = page["nextToken"], !token.isNull, read.last.map({ $0.id > view.lastEventID + 1 }) ?? false else {
                return events.reversed()
            }
            input["nextToken"] = token
        }
    }

    /// The end: what was written last may arrive a moment later. Nil while the execution's record still says RUNNING.
    private mutating func finish() async throws -> ExecutionSummary? {
        for _ in 0..<2 {
            try await clock.sleep(for: ExecutionFollower.shortestPause)
            for line in try await output.next(of: view) { screen.show(line) }
        }
        let description = try await server.call(.states("DescribeExecution", ["executionArn": .text(execution)]))
        guard let summary = ExecutionSummary(.object(description)), summary.status != "RUNNING" else { return nil }
        screen.show(summary, description)
        return summary
    }

    /// Whether a failure may be over when the server is asked again.
    private static func mayPass(_ error: any Error) -> Bool {
        switch error {
        case is ConnectionFailure: true
        case let failure as APIFailure: failure.mayPass
        default: false
        }
    }
}
