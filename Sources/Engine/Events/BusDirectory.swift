import Logging
import Store
import Synchronization

/// The rules of buses in memory: read when an event first asks for them, and again after a change.
final class BusDirectory: Sendable {
    private struct Entry {
        /// Grows with each change: what was read before it is not kept.
        var generation = 0
        /// The rules as of the last change; nil when they are to be read.
        var current: BusRules?
        /// The last rules that were read, for what did not change in them.
        var previous: BusRules?
        /// Who waits for the read that is under way; nil when there is none.
        var waiters: [CheckedContinuation<Void, Never>]?
    }

    /// Buses that are remembered, at most: asking for buses that do not exist must not fill the memory.
    private static let capacity = 10_000

    private let database: any Database
    private let region: String
    private let logger: Logger
    private let entries = Mutex<[BusKey: Entry]>([:])

    /// A directory over the rules of a database.
    init(database: any Database, region: String, logger: Logger) {
        self.database = database
        self.region = region
        self.logger = logger
    }

    /// The rules of a bus when they are in memory and as of the last change.
    func known(_ key: BusKey) -> BusRules? {
        entries.withLock { $0[key]?.current }
    }

    /// The rules of a bus, as of the last change that was told before the call, or a later one. Of many who ask after a change one reads.
    func rules(of key: BusKey) async throws -> BusRules {
        while true {
            switch begin(key) {
            case .known(let rules): return rules
            case .wait: await wait(for: key)
            case .read(let generation, let previous):
                do {
                    let rules = try await database.read { [region, logger] in
                        try BusRules.read(key, region: region, reusing: previous, logger: logger, in: $0)
                    }
                    end(key, rules, generation)
                } catch {
                    end(key, nil, generation)
                    throw error
                }
            }
        }
    }

    private enum Step {
        case known(BusRules)
        case wait
        case read(generation: Int, previous: BusRules?)
    }

    private func begin(_ key: BusKey) -> Step {
        entries.withLock { entries in
            let entry = entries[key] ?? Entry()
            if let current = entry.current { return .known(current) }
            guard entry.waiters == nil else { return .wait }
            if entries.count >= BusDirectory.capacity {
                entries = entries.filter { $0.value.waiters != nil || $0.value.current?.exists != false }
            }
            entries[key, default: Entry()].waiters = []
            return .read(generation: entry.generation, previous: entry.previous)
        }
    }

    /// Takes what was read, unless the bus was changed meanwhile, and lets those who waited look again.
    private func end(_ key: BusKey, _ rules: BusRules?, _ generation: Int) {
        let waiters = entries.withLock { entries in
            var entry = entries[key] ?? Entry()
            let waiters = entry.waiters ?? []
            entry.waiters = nil
            if let rules, entry.generation == generation {
                entry.current = rules
                entry.previous = rules
            }
            entries[key] = entry
            return waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns when the read that is under way has ended.
    private func wait(for key: BusKey) async {
        await withCheckedContinuation { continuation in
            let isOver = entries.withLock { entries in
                guard entries[key]?.waiters != nil else { return true }
                entries[key]?.waiters?.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    /// Lets the next call read a bus's rules anew.
    func forget(_ key: BusKey) {
        entries.withLock { entries in
            entries[key, default: Entry()].generation += 1
            entries[key]?.current = nil
        }
    }
}
