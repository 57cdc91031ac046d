import Store
import TimeSource

extension ConformanceCase {
    /// Archives with their events, replays, API destinations, and events about commands.
    static let archives: [ConformanceCase] = [
        ConformanceCase("an archive keeps and counts events until it is deleted") { subject in
            let database = try await migrated(subject)
            let record = archive(7)
            try await database.apply(ArchiveStore.create(record))
            try await database.refuse(ArchiveStore.create(archive(8)), with: .conflict)
            try await database.apply(ArchivedEventStore.add([entry(20, 1), entry(10, 2), entry(10, 3)], to: 7))
            let found = try await database.read { try ArchiveStore.find("a", account: "1", in: $0) }
            try expect(found?.record, record, "archive")
            try expect(found?.size, ArchiveSize(events: 3, bytes: 9), "size")
            let page = try await database.read {
                try ArchivedEventStore.page(
                    of: 7, after: .init(time: .epoch, sequence: -1), until: Timestamp(milliseconds: 20), limit: 2, byteLimit: 99, in: $0)
            }
            try expect(page.map(\.position.sequence), [2, 3], "the first two by time")
            let rest = try await database.read {
                try ArchivedEventStore.page(
                    of: 7, after: page[1].position, until: Timestamp(milliseconds: 20), limit: 2, byteLimit: 99, in: $0)
            }
            try expect(rest.map(\.position.sequence), [1], "the rest")
            try await database.apply(ArchiveStore.delete(record))
            // Whoever puts events at the same moment hears nothing of it.
            try await database.apply(ArchivedEventStore.add([entry(30, 4)], to: 7))
            try expect(try await database.read { try ArchivedEventStore.removals(in: $0) }, [7], "removals")
            let emptied = try await database.apply([ArchivedEventStore.empty(7, limit: 2)])
            try expect(emptied.first?.changes, 2, "deleted")
            try await database.apply([ArchivedEventStore.empty(7, limit: 2), ArchivedEventStore.forget(7)])
            try expect(try await database.read { try ArchivedEventStore.removals(in: $0) }, [], "no removals")
            await database.close()
        },
        ConformanceCase("an archive's old events are those with an old time that were archived long ago") { subject in
            let database = try await migrated(subject)
            var record = archive(7)
            try await database.apply(ArchiveStore.create(record))
            try await database.apply(ArchivedEventStore.add([entry(10, 1), entry(10, 50), entry(90, 2)], to: 7))
            let old = try await database.read {
                try ArchivedEventStore.old(in: 7, before: .init(time: Timestamp(milliseconds: 50), sequence: 40), limit: 9, in: $0)
            }
            try expect(old.map(\.position.sequence), [1], "old")
            try await database.apply(ArchivedEventStore.remove(old, from: 7))
            try await database.refuse(ArchivedEventStore.remove(old, from: 7), with: .conflict)
            record.version += 1
            record.retentionDays = 3
            try await database.apply([ArchiveStore.replace(record)])
            try await database.refuse([ArchiveStore.replace(record)], with: .conflict)
            let listed = try await database.read { try ArchiveStore.list(account: "1", after: "", limit: 9, in: $0) }
            try expect(listed.map(\.size), [ArchiveSize(events: 2, bytes: 6)], "sizes")
            try expect(listed.map(\.record.retentionDays), [3], "retention")
            await database.close()
        },
        ConformanceCase("a replay moves on from where it was, and from nowhere else") { subject in
            let database = try await migrated(subject)
            var record = ReplayRecord(
                account: "1", name: "r", id: "i", archive: 7, sourceARN: "s", destinationARN: "d", filterARNs: ["a", "b"],
                description: nil, eventStart: .epoch, eventEnd: Timestamp(milliseconds: 9), startedAt: Timestamp(milliseconds: 5))
            try await database.apply([ReplayStore.create(record)])
            try await database.refuse([ReplayStore.create(record)], with: .conflict)
            let found = try await database.read { try ReplayStore.find("r", account: "1", in: $0) }
            try expect(found, record, "replay")
            let first = ArchivedEventStore.Position(time: Timestamp(milliseconds: 1), sequence: 1)
            try await database.apply([ReplayStore.advance(record, to: first)])
            try await database.refuse([ReplayStore.advance(record, to: first)], with: .conflict)
            record.cursor = first
            record.state = .running
            try expect(try await database.read { try ReplayStore.unfinished(in: $0) }, [record], "unfinished")
            let second = ArchivedEventStore.Position(time: Timestamp(milliseconds: 1), sequence: 2)
            try await database.apply([ReplayStore.advance(record, to: second)])
            try await database.apply([ReplayStore.move(record, to: .cancelling, reason: nil, endedAt: nil)])
            try await database.refuse([ReplayStore.advance(record, to: second)], with: .conflict)
            record.state = .cancelling
            let end = Timestamp(milliseconds: 6)
            try await database.apply([ReplayStore.move(record, to: .cancelled, reason: "by hand", endedAt: end)])
            try expect(try await database.read { try ReplayStore.unfinished(in: $0) }, [], "none unfinished")
            let listed = try await database.read { try ReplayStore.list(account: "1", after: "", limit: 9, in: $0) }
            try expect(listed.map(\.stateReason), ["by hand"], "reason")
            let kept = try await database.apply([ReplayStore.prune(before: end, limit: 9)])
            try expect(kept.first?.changes, 0, "pruned too early")
            let pruned = try await database.apply([ReplayStore.prune(before: Timestamp(milliseconds: 7), limit: 9)])
            try expect(pruned.first?.changes, 1, "pruned")
            await database.close()
        },
        ConformanceCase("an API destination is changed by who read it last") { subject in
            let database = try await migrated(subject)
            var record = ApiDestinationRecord(
                account: "1", name: "d", id: "i", description: nil, connectionARN: "c", endpoint: "https://x", method: "POST",
                rateLimit: nil, createdAt: .epoch, modifiedAt: .epoch)
            try await database.apply([ApiDestinationStore.create(record)])
            try await database.refuse([ApiDestinationStore.create(record)], with: .conflict)
            record.version += 1
            record.rateLimit = 5
            record.description = "d"
            try await database.apply([ApiDestinationStore.replace(record)])
            try await database.refuse([ApiDestinationStore.replace(record)], with: .conflict)
            let found = try await database.read { try ApiDestinationStore.find("d", account: "1", in: $0) }
            try expect(found, record, "destination")
            try expect(
                try await database.read { try ApiDestinationStore.list(account: "1", after: "d", limit: 9, in: $0) }, [], "behind it")
            try await database.apply([ApiDestinationStore.delete(record)])
            try await database.refuse([ApiDestinationStore.delete(record)], with: .conflict)
            await database.close()
        },
        ConformanceCase("an event about a command is written when the command is there, in the same batch") { subject in
            let database = try await migrated(subject)
            let command = CommandRecord(
                number: 3, id: "c", account: "1", documentName: "n", documentVersion: "1", steps: [], digest: "", request: [],
                requestedAt: .epoch, expiresAt: .epoch, executionSeconds: 0, logGroup: nil, concurrencyLimit: 1, errorLimit: 0,
                targetCount: 2)
            try await database.apply(CommandStore.create(command, active: 0))
            var step = CommandProgress()
            step.started = 1
            step.completed = 1
            // Going and ending of two nodes: the first is the first step, the second the last.
            for (index, change) in [(1, 0), (0, 1), (1, 1)].enumerated() {
                step.started = change.0
                step.completed = change.1
                try await database.apply([
                    CommandStore.advance(3, by: step), CommandStore.add(delivery("begun-\(index)"), when: .begun, of: 3),
                    CommandStore.add(delivery("under-way-\(index)"), when: .underWay, of: 3),
                    CommandStore.add(delivery("ended-\(index)"), when: .ended, of: 3),
                ])
            }
            let ids = try await database.read { transaction in
                try transaction.rows("SELECT id FROM delivery ORDER BY id").map { try $0.text(0) }
            }
            try expect(ids, ["begun-0", "ended-2", "under-way-0", "under-way-1"], "deliveries")
            await database.close()
        },
    ]

    private static func archive(_ id: Int64) -> ArchiveRecord {
        ArchiveRecord(
            id: id, account: "1", name: "a", bus: "default", description: "d", eventPattern: [0, 1], retentionDays: 1,
            keyIdentifier: nil, createdAt: Timestamp(milliseconds: 3))
    }

    private static func entry(_ time: Int64, _ sequence: Int64) -> (position: ArchivedEventStore.Position, body: [UInt8]) {
        (ArchivedEventStore.Position(time: Timestamp(milliseconds: time), sequence: sequence), [1, 2, 0])
    }

    private static func delivery(_ id: String) -> DeliveryRecord {
        DeliveryRecord(id: id, account: "1", kind: "k", createdAt: Timestamp(milliseconds: 1), body: [0])
    }
}
