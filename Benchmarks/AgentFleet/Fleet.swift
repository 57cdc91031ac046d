import NIOCore
import NIOPosix
import TimeSource

/// All agents of a process, and what may be measured with them.
final class Fleet: Sendable {
    /// How many agents enrol at the same time.
    private static let enrolTogether = 32
    private static let connectPatience: Duration = .seconds(120)
    private static let dispatchPatience: Duration = .seconds(60)

    private let options: FleetOptions
    private let group: MultiThreadedEventLoopGroup
    private let links: [LightLink]
    private let agents: [LightAgent]
    private let state = FleetState()
    private let clock = LiveClock()

    init(_ options: FleetOptions) throws {
        self.options = options
        let (state, clock) = (state, clock)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let links = (0..<options.agents).map { _ in LightLink(server: options.server, group: group, clock: clock, random: SystemRandomSource()) }
        self.group = group
        self.links = links
        agents = links.enumerated().map { LightAgent(number: $0, link: $1, state: state, clock: clock) }
    }

    /// Connects all agents, then obeys until the orders end.
    func run(_ console: FleetConsole) async throws {
        let began = clock.monotonic
        let nodes = try await enrol()
        let enrolled = clock.monotonic - began
        let sender = CommandSender(options, group: group, clock: clock)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for agent in agents { tasks.addTask { await agent.run() } }
            try await until("all agents are connected", Self.connectPatience) { state.counts.connected == options.agents }
            console.answer([
                ("connected", Double(options.agents)), ("enrolSeconds", enrolled / .seconds(1)), ("seconds", (clock.monotonic - began) / .seconds(1)),
            ])
            for await order in console.orders { try await obey(order, nodes, sender, console) }
            tasks.cancelAll()
        }
        await sender.shutdown()
        for link in links { await link.shutdown() }
        try await group.shutdownGracefully()
    }

    private func enrol() async throws -> [String] {
        try await withThrowingTaskGroup(of: (Int, String).self) { tasks in
            var nodes = [String](repeating: "", count: agents.count)
            for (number, agent) in agents.enumerated() {
                if number >= Self.enrolTogether, let (done, node) = try await tasks.next() { nodes[done] = node }
                tasks.addTask { [options] in (number, try await agent.enrol(options)) }
            }
            for try await (done, node) in tasks { nodes[done] = node }
            return nodes
        }
    }

    private func obey(_ order: [String], _ nodes: [String], _ sender: CommandSender, _ console: FleetConsole) async throws {
        switch (order.first, order.dropFirst().compactMap(Double.init)) {
        case ("behave", let values) where values.count == 2:
            state.behave(runMilliseconds: Int64(values[0]), failingNodes: Int(values[1]))
            console.answer([])
        case ("dispatch", let values) where values.count == 2:
            console.answer(try await dispatch(rate: values[0], seconds: values[1], nodes, sender))
        case ("counts", _): console.answer(counts())
        default: throw FleetOptions.Wrong(description: "no such order: \(order.joined(separator: " "))")
        }
    }

    private func counts() -> [(name: String, value: Double)] {
        let counts = state.counts
        return [
            ("connected", Double(counts.connected)), ("started", Double(counts.started)), ("ended", Double(counts.ended)),
            ("failed", Double(counts.failed)), ("repeated", Double(counts.repeated)), ("lost", Double(counts.lost)),
        ]
    }

    private func dispatch(rate: Double, seconds: Double, _ nodes: [String], _ sender: CommandSender) async throws -> [(name: String, value: Double)] {
        let (count, before) = (Int(rate * seconds), state.counts.ended)
        state.beginMeasuring()
        let began = clock.monotonic
        let (refused, late) = try await sender.send(count: count, rate: rate, to: nodes, state: state)
        try await until("all commands have ended", Self.dispatchPatience) { state.counts.ended - before >= count - refused }
        let latencies = state.latencies
        func percentile(_ share: Double) -> Double {
            latencies.isEmpty ? -1 : latencies[min(latencies.count - 1, Int(Double(latencies.count) * share))] / .milliseconds(1)
        }
        return [
            ("sent", Double(count)), ("refused", Double(refused)), ("started", Double(latencies.count)), ("late", late / .milliseconds(1)),
            ("p50", percentile(0.5)), ("p90", percentile(0.9)), ("p99", percentile(0.99)), ("most", percentile(1)),
            ("seconds", (clock.monotonic - began) / .seconds(1)),
        ]
    }

    private func until(_ what: String, _ patience: Duration, _ condition: () -> Bool) async throws {
        let deadline = clock.monotonic + patience
        while !condition() {
            guard clock.monotonic < deadline else {
                throw FleetOptions.Wrong(description: "not within \(patience): \(what); \(state.counts)")
            }
            try await clock.sleep(for: .milliseconds(20))
        }
    }
}
