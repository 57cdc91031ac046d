import Store

/// The executions in memory, by id and by when they were last used; bounded in bytes (core rule 10). Belongs to its lane's thread.
struct HotExecutions {
    private var byID: [ExecutionID: HotExecution] = [:]
    /// Used longest ago; each one points to the one used after it.
    private var oldest: HotExecution?
    private var newest: HotExecution?
    /// About how much memory they take.
    private(set) var bytes = 0

    /// So many that cannot leave are passed over at a time: they may be all there are.
    private static let patience = 64

    /// All of them, in no order.
    var values: some Collection<HotExecution> { byID.values }

    subscript(id: ExecutionID) -> HotExecution? { byID[id] }

    /// Adds an execution that was not in memory.
    mutating func insert(_ execution: HotExecution) {
        byID[execution.record.id] = execution
        append(execution)
    }

    /// Forgets an execution, if it is in memory.
    mutating func remove(_ id: ExecutionID) {
        guard let execution = byID.removeValue(forKey: id) else { return }
        unlink(execution)
    }

    /// Notes that an execution is in use, and how large it has become.
    mutating func touch(_ execution: HotExecution) {
        unlink(execution)
        append(execution)
    }

    /// Drops what was used longest ago and may leave, until the rest takes no more than `limit` bytes.
    mutating func evict(to limit: Int) {
        var passed = 0
        while bytes > limit, passed < HotExecutions.patience, let execution = oldest {
            if execution.isEvictable {
                remove(execution.record.id)
            } else {
                // Behind the others, so that they are looked at next time.
                touch(execution)
                passed += 1
            }
        }
    }

    private mutating func append(_ execution: HotExecution) {
        execution.countedBytes = execution.estimatedBytes
        bytes += execution.countedBytes
        execution.usedBefore = newest
        newest?.usedAfter = execution
        newest = execution
        if oldest == nil { oldest = execution }
    }

    private mutating func unlink(_ execution: HotExecution) {
        bytes -= execution.countedBytes
        if oldest === execution { oldest = execution.usedAfter }
        if newest === execution { newest = execution.usedBefore }
        execution.usedBefore?.usedAfter = execution.usedAfter
        execution.usedAfter?.usedBefore = execution.usedBefore
        execution.usedBefore = nil
        execution.usedAfter = nil
    }
}
