/// In which order streams are listed; the values are CloudWatch Logs' own.
package enum LogStreamOrder: String, Sendable {
    /// By the bytes of their names.
    case name = "LogStreamName"
    /// By the time of their latest event; empty streams come first.
    case lastEvent = "LastEventTime"
}

extension LogStore {
    /// Creates a log stream; durable when it returns.
    /// - Throws: `groupNotFound`, `streamExists`.
    package func createStream(_ name: String, in group: LogGroupName) async throws(LogStoreError) {
        try await change { writer throws(LogStoreError) in try writer.createStream(name, in: group) }
    }

    /// Creates a log stream unless it exists.
    /// - Throws: `groupNotFound`.
    package func ensureStream(_ name: String, in group: LogGroupName) async throws(LogStoreError) {
        if try stream(name, in: group) != nil { return }
        do {
            try await createStream(name, in: group)
        } catch where error.code == .streamExists {
            // Somebody else was faster.
        }
    }

    /// Deletes a log stream and its files.
    /// - Throws: `groupNotFound`, `streamNotFound`.
    package func deleteStream(_ name: String, in group: LogGroupName) async throws(LogStoreError) {
        try await change { writer throws(LogStoreError) in try writer.deleteStream(name, in: group) }
    }

    /// The description of a stream, nil when there is none of that name.
    /// - Throws: `groupNotFound`.
    package func stream(_ name: String, in group: LogGroupName) throws(LogStoreError) -> LogStream? {
        try catalogue.access { contents throws(LogStoreError) in try contents.group(group).stream(name) }?.description
    }

    /// Up to where a stream holds its source, for the next append's `SourceRange`; 0 when nothing was appended with one.
    /// - Throws: `groupNotFound`, `streamNotFound`.
    package func sourceOffset(of stream: String, in group: LogGroupName) throws(LogStoreError) -> Int64 {
        try catalogue.access { contents throws(LogStoreError) in
            let numbers = try contents.locate(stream, in: group)
            return contents.groups[numbers.group]?.streams[numbers.stream]?.sourceOffset ?? 0
        }
    }

    /// One page of a group's streams.
    ///
    /// - Parameters:
    ///   - prefix: what the names have to begin with.
    ///   - token: `nextToken` of the page before, which was asked for in the same order.
    /// - Throws: `groupNotFound`, `invalidToken`.
    package func streams(
        in group: LogGroupName, prefix: String = "", order: LogStreamOrder = .name, descending: Bool = false, limit: Int,
        token: String? = nil
    ) throws(LogStoreError) -> (streams: [LogStream], nextToken: String?) {
        struct Key: Comparable {
            var time: Int64
            var name: ExactText

            static func < (left: Key, right: Key) -> Bool {
                left.time != right.time ? left.time < right.time : left.name < right.name
            }
        }
        var start: Key?
        if let token {
            let (time, name) = try NameToken.decodeTimed(token)
            start = Key(time: time, name: name)
        }
        let states = try catalogue.access { contents throws(LogStoreError) in Array(try contents.group(group).streams.values) }
        var page = Heap<(key: Key, stream: StreamState)> { descending ? $0.key < $1.key : $0.key > $1.key }
        var isMore = false
        for stream in states {
            let key = Key(time: order == .name ? 0 : stream.lastEventAt ?? 0, name: ExactText(stream.name))
            guard key.name.hasPrefix(prefix) else { continue }
            if let start, descending ? key >= start : key <= start { continue }
            page.insert((key, stream))
            if page.count > limit {
                page.removeFirst()
                isMore = true
            }
        }
        let sorted = page.elements.sorted { descending ? $0.key > $1.key : $0.key < $1.key }
        let next = isMore ? sorted.last.map { NameToken.encode($0.key.name.text, time: $0.key.time) } : nil
        return (sorted.map(\.stream.description), next)
    }
}

/// The tokens of listings: behind which name, and time, the next page begins.
enum NameToken {
    /// The token behind this name and time.
    static func encode(_ name: String, time: Int64 = 0) -> String {
        var writer = ByteWriter()
        writer.append(time)
        writer.append(name)
        writer.append(Checksum.crc32c(writer.bytes, 0..<writer.bytes.count))
        return Hexadecimal.encode(writer.bytes)
    }

    /// The name of a token of a listing by name.
    static func decode(_ token: String) throws(LogStoreError) -> ExactText { try decodeTimed(token).name }

    /// The time and the name of a token.
    /// - Throws: `invalidToken`.
    static func decodeTimed(_ token: String) throws(LogStoreError) -> (time: Int64, name: ExactText) {
        if let bytes = Hexadecimal.decode(token), bytes.count >= 4 {
            var reader = ByteReader(bytes, 0..<bytes.count)
            if let time = reader.integer(Int64.self), let name = reader.text(),
                reader.integer(UInt32.self) == Checksum.crc32c(bytes, 0..<bytes.count - 4)
            {
                return (time, ExactText(name))
            }
        }
        throw LogStoreError(.invalidToken, "the specified nextToken is invalid")
    }
}
