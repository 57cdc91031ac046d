import Store
import TimeSource

extension ConformanceCase {
    /// Commands, the turns of their nodes, and what waits for a node.
    static let commands: [ConformanceCase] = [
        ConformanceCase("many invocations are added at once, each with its deadline, the released ones in their queues") { subject in
            let database = try await migrated(subject)
            try await database.apply(sent(to: 123, released: 70))
            try expect(try await queued(database, for: "n070").count, 1, "the last released one")
            try expect(try await queued(database, for: "n071").count, 0, "the first held one")
            let due = try await database.read { try InvocationStore.due(by: Timestamp(milliseconds: 9), limit: 1_000, in: $0) }
            try expect(due.count, 123, "deadlines")
            let held = try await database.read { try InvocationStore.held(command: 7, limit: 2, in: $0) }
            try expect(held.map(\.node), ["n071", "n072"], "held, by node")
            try expect(try await database.read { try InvocationStore.commandsWithHeld(in: $0) }, [7], "commands")
            await database.close()
        },
        ConformanceCase("turns are given as far as there are places, and not after an error too many or a cancel") { subject in
            let database = try await migrated(subject)
            try await database.apply(sent(to: 5, released: 1))
            let command = command(targets: 5)
            try await database.refuse([CommandStore.takePlaces(2, of: command)], with: .conflict)
            try await database.apply([CommandStore.takePlaces(1, of: command)] + InvocationStore.release(.init(command: 7, node: "n002")))
            try await database.refuse(InvocationStore.release(.init(command: 7, node: "n002")), with: .conflict)
            try expect(try await queued(database, for: "n002").count, 1, "queued")
            var ended = CommandProgress()
            ended.active = -1
            ended.completed = 1
            ended.failed = 1
            try await database.apply([CommandStore.advance(7, by: ended)])
            try await database.apply([CommandStore.takePlaces(1, of: command)])
            try await database.apply([CommandStore.advance(7, by: ended)])
            // Two errors where one is allowed.
            try await database.refuse([CommandStore.takePlaces(1, of: command)], with: .conflict)
            let progress = try await database.read { try CommandStore.find(number: 7, in: $0)?.progress }
            try expect(progress?.active, 1, "places")
            ended.failed = -2
            try await database.apply([CommandStore.advance(7, by: ended), CommandStore.cancel(7)])
            try await database.refuse([CommandStore.takePlaces(1, of: command)], with: .conflict)
            await database.close()
        },
        ConformanceCase("a node in maintenance is offered nothing; what runs on a deregistered one is found") { subject in
            let database = try await migrated(subject)
            try await database.apply(sent(to: 2, released: 2))
            let node = try unwrap(try await database.read { try ManagedNodeStore.find("n001", in: $0) }, "the node")
            try await database.apply([
                ManagedNodeStore.setSettings(of: node, maintenanceAt: Timestamp(milliseconds: 1), runAs: nil)
            ])
            try expect(try await queued(database, for: "n001").count, 0, "in maintenance")
            try expect(try await queued(database, for: "n002").count, 1, "not in maintenance")
            let found = try unwrap(
                try await database.read { try InvocationStore.find(.init(command: 7, node: "n002"), in: $0) }, "the invocation")
            var running = found.state
            running.status = .inProgress
            running.detail = .inProgress
            running.grantedAt = Timestamp(milliseconds: 2)
            try await database.apply(InvocationStore.update(found, to: running, deadline: nil))
            try await database.refuse(InvocationStore.update(found, to: running, deadline: nil), with: .conflict)
            func lost() async throws -> [String] {
                try await database.read { try InvocationStore.runningOnDeregisteredNodes(limit: 9, in: $0).map(\.node) }
            }
            try expect(try await lost(), [], "in service")
            try await database.apply([ManagedNodeStore.deregister("n002", account: "1")])
            try expect(try await lost(), ["n002"], "deregistered")
            try expect(try await queued(database, for: "n002").count, 0, "off the queue")
            await database.close()
        },
    ]

    private static func command(targets: Int) -> CommandRecord {
        CommandRecord(
            number: 7, id: "c", account: "1", documentName: "n", documentVersion: "1", steps: [], digest: "", request: [],
            requestedAt: .epoch, expiresAt: .epoch, executionSeconds: 0, logGroup: nil, concurrencyLimit: 2, errorLimit: 1,
            targetCount: targets)
    }

    private static func sent(to count: Int, released: Int) -> [Statement] {
        let nodes = (1...count).map { number in
            let digits = String(number)
            return "n" + String(repeating: "0", count: 3 - digits.utf8.count) + digits
        }
        let records = nodes.enumerated().map { index, node in
            InvocationRecord(
                key: .init(command: 7, node: node), account: "1", isReleased: index < released, deadline: Timestamp(milliseconds: 5))
        }
        let enrolled = nodes.map { node in
            ManagedNodeStore.create(
                ManagedNodeRecord(
                    id: node, account: "1", activation: "a", publicKey: Array(node.utf8), name: nil, role: "r", facts: [], toldTags: [],
                    lastPingAt: .epoch, registeredAt: .epoch))
        }
        return CommandStore.create(command(targets: count), active: released) + InvocationStore.create(records) + enrolled
    }

    private static func queued(_ database: any Database, for node: String) async throws -> [QueuedCommand] {
        try await database.read { try InvocationStore.queued(for: node, limit: 9, in: $0) }
    }
}
