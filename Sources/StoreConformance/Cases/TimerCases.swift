import Store
import TimeSource

extension ConformanceCase {
    /// The due-time index.
    static let timers: [ConformanceCase] = [
        ConformanceCase("timers come in the order of their due instants, before the horizon, page by page") { subject in
            let database = try await migrated(subject)
            let timers = (0..<25).map { timer($0 * 7 % 25, of: $0) }
            try await database.apply(timers.map(TimerStore.arm))
            var found: [ExecutionTimer] = []
            while true {
                let page = try await database.read { [last = found.last] in
                    try TimerStore.due(by: .engine, before: Timestamp(milliseconds: 20), after: last, limit: 6, in: $0)
                }
                found += page
                if page.count < 6 { break }
            }
            try expect(found.map(\.due.milliseconds), Array(0..<20), "due instants")
            await database.close()
        },
        ConformanceCase("timers of the same instant are told apart by clock and execution, and none is skipped at a page's end") {
            subject in
            let database = try await migrated(subject)
            for clock in ExecutionTimer.Clock.allCases {
                try await database.apply((0..<10).map { TimerStore.arm(timer(5, of: $0, clock: clock)) })
            }
            for clock in ExecutionTimer.Clock.allCases {
                var found: [ExecutionTimer] = []
                while true {
                    let page = try await database.read { [last = found.last] in
                        try TimerStore.due(by: clock, before: Timestamp(milliseconds: 6), after: last, limit: 3, in: $0)
                    }
                    found += page
                    if page.count < 3 { break }
                }
                try expect(found, (0..<10).map { timer(5, of: $0, clock: clock) }, "timers of \(clock)")
            }
            try expect(try await database.read { try TimerStore.all(in: $0).count }, 20, "how many")
            await database.close()
        },
        ConformanceCase("a timer is armed and disarmed any number of times") { subject in
            let database = try await migrated(subject)
            let one = timer(1, of: 1)
            try await database.apply([TimerStore.arm(one), TimerStore.arm(one), TimerStore.arm(timer(2, of: 1))])
            try await database.apply([TimerStore.disarm(one), TimerStore.disarm(one), TimerStore.disarm(timer(9, of: 9))])
            let left = try await database.read {
                try TimerStore.due(by: .engine, before: Timestamp(milliseconds: 99), after: nil, limit: 9, in: $0)
            }
            try expect(left, [timer(2, of: 1)], "timers")
            await database.close()
        },
        ConformanceCase("a timer of the first instant is found: it is always due") { subject in
            let database = try await migrated(subject)
            let always = timer(0, of: 1)
            try await database.apply([TimerStore.arm(always)])
            let before = ExecutionTimer(execution: ExecutionID(value: 0), due: Timestamp(milliseconds: -1), clock: .wall)
            for last in [nil, before] {
                let due = try await database.read {
                    try TimerStore.due(by: .engine, before: Timestamp(milliseconds: 1), after: last, limit: 9, in: $0)
                }
                try expect(due, [always], "timers")
            }
            await database.close()
        },
    ]

    private static func timer(
        _ due: Int, of execution: Int, clock: ExecutionTimer.Clock = .engine
    ) -> ExecutionTimer {
        ExecutionTimer(execution: ExecutionID(value: Int64(execution)), due: Timestamp(milliseconds: Int64(due)), clock: clock)
    }
}
