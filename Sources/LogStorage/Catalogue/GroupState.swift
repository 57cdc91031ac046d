import TimeSource

/// What is remembered of a log group.
struct GroupState: Sendable {
    /// Event numbers that are never given after a start, so that one read before a power failure is not given to another event.
    static let sequenceGapAtStart: Int64 = 1 << 20

    /// Its number, which names its directory.
    let number: Int
    /// What its file says.
    var description: GroupDescription
    /// Its streams by number.
    var streams: [Int: StreamState] = [:]
    /// The numbers of its streams by name.
    var streamNumbers: [ExactText: Int] = [:]
    /// The number of the next stream; none is used twice.
    var nextStreamNumber = 1
    /// The number of the next event: one row for all streams of the group, so that equal times keep the order of arrival.
    var nextSequence: Int64 = 1
    /// Those who follow the group live, by their number.
    var tails: [Int: TailSubscriber] = [:]

    /// A group without streams.
    init(number: Int, description: GroupDescription) {
        (self.number, self.description) = (number, description)
    }

    /// The state of a stream, by name.
    func stream(_ name: String) -> StreamState? { streamNumbers[ExactText(name)].flatMap { streams[$0] } }

    /// The group as callers see it.
    var summary: LogGroup {
        LogGroup(
            name: description.name, createdAt: Timestamp(milliseconds: description.createdAt),
            retentionInDays: description.retentionInDays, tags: description.tags,
            storedBytes: streams.values.reduce(0) { $0 + $1.storedBytes })
    }
}

/// What the file `group` holds.
struct GroupDescription: Sendable, Equatable {
    private static let version: UInt16 = 1

    /// The group's name and account.
    let name: LogGroupName
    /// When it was created.
    let createdAt: Int64
    /// How long events are kept; nil for ever.
    var retentionInDays: Int?
    /// Its tags.
    var tags: [String: String]

    /// The file's content.
    func encoded() -> [UInt8] {
        Frame.make(.group) { writer in
            writer.append(Self.version)
            writer.append(name.account)
            writer.append(name.name)
            writer.append(createdAt)
            writer.append(retentionInDays.map(Int64.init))
            writer.append(UInt32(tags.count))
            for (key, value) in tags.sorted(by: { $0.key < $1.key }) {
                writer.append(key)
                writer.append(value)
            }
        }
    }

    /// Nil when the bytes are not such a file.
    static func decode(_ bytes: [UInt8]) -> GroupDescription? {
        guard let (kind, content) = Frame.body(in: bytes, at: 0), kind == .group else { return nil }
        var reader = ByteReader(bytes, content)
        guard reader.integer(UInt16.self) == version, let account = reader.text(), let name = reader.text(),
            let createdAt = reader.integer(Int64.self), let retention = reader.optional(), let count = reader.integer(UInt32.self)
        else { return nil }
        var tags: [String: String] = [:]
        for _ in 0..<count {
            guard let key = reader.text(), let value = reader.text() else { return nil }
            tags[key] = value
        }
        return GroupDescription(
            name: LogGroupName(account: account, name: name), createdAt: createdAt, retentionInDays: retention.map(Int.init), tags: tags)
    }
}
