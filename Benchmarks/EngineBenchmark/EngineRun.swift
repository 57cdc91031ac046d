import Foundation
import Store
import Synchronization

/// Executions a second of the engine on its database, with so many callers that wait for their answer before they start the next.
struct EngineRun {
    private let directory: String
    private let duration: Duration
    private let callers: Int

    /// A run of `--seconds` with `--in-flight` callers, in `--directory`.
    init(_ arguments: Arguments) throws {
        directory = try arguments.text("directory")
        duration = try arguments.seconds("seconds")
        callers = try arguments.integer("in-flight")
    }

    /// Measures, and prints the figures.
    func run() async throws {
        let result = try await LiveEngine.with(path: directory + "/engine.db") { live in
            _ = try await load(live, for: .seconds(1))  // caches and prepared statements
            let groups = try await EngineRun.groupCount(live.database)
            let began = ContinuousClock.now
            let cpu = processorSeconds()
            let latencies = try await load(live, for: duration)
            let seconds = (ContinuousClock.now - began) / .seconds(1)
            let committed = try await EngineRun.groupCount(live.database) - groups
            return (latencies.sorted(), seconds, committed, processorSeconds() - cpu)
        }
        let (sorted, seconds, groups, cpu) = result
        let part = { (share: Double) in
            sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))] / .milliseconds(1)
        }
        Report([
            "executions": .integer(sorted.count), "seconds": .real(seconds), "per_second": .real(Double(sorted.count) / seconds),
            "groups": .integer(Int(groups)), "per_group": .real(Double(sorted.count) / Double(max(1, groups))),
            "p50_ms": .real(part(0.5)), "p99_ms": .real(part(0.99)), "max_ms": .real(part(1)),
            "cpu_us_each": .real(cpu * 1e6 / Double(sorted.count)),
        ]).print()
    }

    /// Starts executions from all callers, and tells how long each start took.
    private func load(_ live: LiveEngine, for duration: Duration) async throws -> [Duration] {
        let end = ContinuousClock.now + duration
        let counter = Counter()
        return try await withThrowingTaskGroup(of: [Duration].self) { tasks in
            for _ in 0..<callers {
                tasks.addTask {
                    var latencies: [Duration] = []
                    while true {
                        let began = ContinuousClock.now
                        guard began < end else { return latencies }
                        try await live.start(counter.next())
                        latencies.append(ContinuousClock.now - began)
                    }
                }
            }
            return try await tasks.reduce(into: []) { $0 += $1 }
        }
    }

    /// How many groups this life of the node has committed: its batch number.
    static func groupCount(_ database: any Database) async throws -> Int64 {
        try await database.read { try $0.row("SELECT batch_seq FROM node WHERE node = 'main'")?.integer(0) ?? 0 }
    }
}

/// Numbers from 1 on, each once.
private final class Counter: Sendable {
    private let last = Atomic<Int>(0)

    func next() -> Int { last.wrappingAdd(1, ordering: .relaxed).newValue }
}

/// User and system time of this process so far.
private func processorSeconds() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let times = [usage.ru_utime, usage.ru_stime]
    return times.reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
}
