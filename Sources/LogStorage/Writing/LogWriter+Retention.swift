extension LogWriter {
    /// Removes of one stream the segments whose events are all older than `cutoff`, or the stream when nothing younger is left and
    /// nothing was taken in since.
    mutating func prune(
        stream number: Int, of group: Int, before cutoff: Int64, report: inout LogPruneReport
    ) throws(LogStoreError) {
        guard let stream = catalogue.update({ $0.groups[group]?.streams[number] }) else { return }
        func isExpired(_ segment: SegmentState) -> Bool { segment.maximumTimestamp ?? .min < cutoff }
        let lastUse = max(stream.lastIngestedAt ?? .min, stream.createdAt)
        do throws(FileFailure) {
            if stream.segments.allSatisfy(isExpired), lastUse < cutoff {
                try removeStream(number, of: group)
                report.streams += 1
                report.segments += stream.segments.count
                report.bytes += stream.storedBytes
                return
            }
            for segment in stream.segments.dropLast() where isExpired(segment) {
                let key = SegmentKey(group: group, stream: number, segment: segment.number)
                forget { $0 == key }
                try files.remove(paths.segment(key))
                catalogue.update { $0.groups[group]?.streams[number]?.segments.removeAll { $0.number == segment.number } }
                report.segments += 1
                report.bytes += segment.storedBytes
            }
        } catch {
            throw error.asLogStoreError(outcome: .unknown)
        }
    }
}

/// What a retention sweep removed.
package struct LogPruneReport: Hashable, Sendable {
    /// Streams of which nothing was left.
    package internal(set) var streams = 0
    /// Segment files.
    package internal(set) var segments = 0
    /// Bytes of messages.
    package internal(set) var bytes: Int64 = 0
}
