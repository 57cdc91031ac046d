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

    /// The rules of a bus, as of the last change that was told before the call, or a later one.
    func rules(of key: BusKey) async throws -> BusRules {
        while true {
            let (current, previous, generation) = entries.withLock { entries in
                let entry = entries[key] ?? Entry()
                return (entry.current, entry.previous, entry.generation)
            }
            if let current { return current }
            let rules = try await database.read { [region, logger] in
                try BusRules.read(key, region: region, reusing: previous, logger: logger, in: $0)
            }
            let isCurrent = entries.withLock { entries in
                guard (entries[key]?.generation ?? 0) == generation else { return false }
                if entries.count >= BusDirectory.capacity { entries.removeAll { $0.value.current?.exists == false } }
                entries[key] = Entry(generation: generation, current: rules, previous: rules)
                return true
            }
            if isCurrent { return rules }
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

extension Dictionary {
    /// Removes the entries of which `isOver` holds.
    fileprivate mutating func removeAll(where isOver: (Element) -> Bool) {
        self = filter { !isOver($0) }
    }
}
