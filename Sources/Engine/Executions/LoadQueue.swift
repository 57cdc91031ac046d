import Store

/// Executions that are to be read, in the order in which they were asked for; those for which a caller waits go first.
struct LoadQueue {
    private var urgent: ArraySlice<ExecutionID> = []
    private var others: ArraySlice<ExecutionID> = []
    /// How many reads are under way.
    private(set) var underWay = 0

    private static let batch = 256
    private static let limit = 4

    /// Adds an execution that is not in the queue.
    mutating func append(_ id: ExecutionID, isUrgent: Bool) {
        if isUrgent { urgent.append(id) } else { others.append(id) }
    }

    /// Begins a read: the executions for it, or nil when there are none or enough reads are under way.
    mutating func begin() -> [ExecutionID]? {
        guard underWay < LoadQueue.limit, !(urgent.isEmpty && others.isEmpty) else { return nil }
        underWay += 1
        let first = urgent.prefix(LoadQueue.batch)
        let second = others.prefix(LoadQueue.batch - first.count)
        urgent.removeFirst(first.count)
        others.removeFirst(second.count)
        return Array(first + second)
    }

    /// Ends a read; what it left out is read next.
    mutating func end(unread: [ExecutionID]) {
        underWay -= 1
        others = unread[...] + others
    }
}
