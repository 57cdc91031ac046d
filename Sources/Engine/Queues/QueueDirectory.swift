import Store

/// The queues that exist, in memory. It follows the table; belongs to the engine's lock.
struct QueueDirectory {
    private var ids: [QueueName: Int64] = [:]
    private var records: [Int64: QueueRecord] = [:]

    /// The directory of these queues.
    init(_ records: [QueueRecord] = []) {
        for record in records { insert(record) }
    }

    /// All queues.
    var all: Dictionary<Int64, QueueRecord>.Values { records.values }

    /// A queue by its name.
    subscript(name: QueueName) -> QueueRecord? { ids[name].flatMap { records[$0] } }

    /// A queue by its id.
    subscript(id: Int64) -> QueueRecord? { records[id] }

    /// Adds a queue, or replaces what is known of it.
    mutating func insert(_ record: QueueRecord) {
        ids[record.name] = record.id
        records[record.id] = record
    }

    /// Forgets a queue.
    mutating func remove(_ id: Int64) {
        guard let record = records.removeValue(forKey: id) else { return }
        if ids[record.name] == id { ids[record.name] = nil }
    }

    /// Names of queues that meet a condition, in the order of their bytes.
    func names(after last: String?, limit: Int, where condition: (QueueRecord) -> Bool) -> [QueueName] {
        var found: [QueueName] = []
        for record in records.values where condition(record) {
            if let last, !last.utf8.lexicographicallyPrecedes(record.name.name.utf8) { continue }
            found.append(record.name)
        }
        found.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        return Array(found.prefix(limit))
    }
}
