import Synchronization
package import TimeSource

extension LogStore {
    /// Creates a log group; durable when it returns.
    /// - Throws: `groupExists`.
    package func createGroup(
        _ name: LogGroupName, retentionInDays: Int? = nil, tags: [String: String] = [:]
    ) async throws(LogStoreError) {
        try await change { writer throws(LogStoreError) in
            try writer.createGroup(name, retentionInDays: retentionInDays, tags: tags)
        }
    }

    /// Creates a log group unless it exists.
    package func ensureGroup(_ name: LogGroupName) async throws(LogStoreError) {
        if group(name) != nil { return }
        do {
            try await createGroup(name)
        } catch where error.code == .groupExists {
            // Somebody else was faster.
        }
    }

    /// Deletes a log group with everything in it; its files are removed soon after it returns, and its live tails end.
    /// - Throws: `groupNotFound`.
    package func deleteGroup(_ name: LogGroupName) async throws(LogStoreError) {
        let trash = try await change { writer throws(LogStoreError) in try writer.deleteGroup(name) }
        // What remains after a failure is removed at the next start.
        try await read { [files] in try? files.removeDirectory(trash) }
    }

    /// Sets for how many days events are kept, nil for ever.
    /// - Throws: `groupNotFound`.
    package func setRetention(_ days: Int?, of name: LogGroupName) async throws(LogStoreError) {
        try await change { writer throws(LogStoreError) in
            try writer.updateGroup(name) { $0.retentionInDays = days }
        }
    }

    /// Removes the tags with these keys, then sets the others.
    /// - Throws: `groupNotFound`.
    package func changeTags(
        of name: LogGroupName, setting tags: [String: String] = [:], removing keys: [String] = []
    ) async throws(LogStoreError) {
        try await change { writer throws(LogStoreError) in
            try writer.updateGroup(name) { description in
                for key in keys { description.tags[key] = nil }
                description.tags.merge(tags) { $1 }
            }
        }
    }

    /// The description of a group, nil when there is none of that name.
    package func group(_ name: LogGroupName) -> LogGroup? {
        catalogue.update { contents in
            contents.numbers[name].flatMap { contents.groups[$0] }
        }?.summary
    }

    /// One page of an account's groups in the order of their names' bytes.
    ///
    /// - Parameters:
    ///   - prefix: what the names have to begin with.
    ///   - part: what they have to contain.
    ///   - token: `nextToken` of the page before.
    /// - Throws: `invalidToken`.
    package func groups(
        account: String, prefix: String = "", containing part: String = "", limit: Int, token: String? = nil
    ) throws(LogStoreError) -> (groups: [LogGroup], nextToken: String?) {
        let after = try token.map { token throws(LogStoreError) in try NameToken.decode(token) }
        let wanted = Array(part.utf8)
        let states = catalogue.update { contents in
            contents.groups.values.filter { group in
                let name = ExactText(group.description.name.name)
                return group.description.name.account == account && name.hasPrefix(prefix) && (after.map { $0 < name } ?? true)
                    && (wanted.isEmpty || name.text.utf8.contains(wanted))
            }
        }
        let sorted = states.sorted { ExactText($0.description.name.name) < ExactText($1.description.name.name) }
        let page = sorted.prefix(limit)
        let next = sorted.count > limit ? page.last.map { NameToken.encode($0.description.name.name) } : nil
        return (page.map(\.summary), next)
    }

    /// Removes what the groups' retentions no longer keep, and saves the index. Call it now and then, once an hour say.
    ///
    /// Whole segments go, so an event stays up to `LogStoreOptions.segmentAge` longer than its group says. A stream goes with its last
    /// segment when nothing was taken in within the retention.
    package func prune(now: Timestamp) async throws(LogStoreError) -> LogPruneReport {
        let work = catalogue.update { contents in
            contents.groups.values.flatMap { group -> [(group: Int, stream: Int, cutoff: Int64)] in
                guard let days = group.description.retentionInDays else { return [] }
                let cutoff = now.milliseconds - Int64(days) * 86_400_000
                return group.streams.values.filter { ($0.firstEventAt ?? $0.createdAt) < cutoff }.map { (group.number, $0.number, cutoff) }
            }
        }
        var total = LogPruneReport()
        // In small portions, so that appends get their turn in between.
        for start in stride(from: 0, to: work.count, by: 64) {
            let portion = Array(work[start..<min(start + 64, work.count)])
            guard backups.withLock({ $0 == 0 }) else { break }
            let report = try await change { writer throws(LogStoreError) in
                var report = LogPruneReport()
                for item in portion {
                    try writer.prune(stream: item.stream, of: item.group, before: item.cutoff, report: &report)
                }
                return report
            }
            total.streams += report.streams
            total.segments += report.segments
            total.bytes += report.bytes
        }
        try await read { self.saveIndexes() }
        return total
    }
}
