import TimeSource

extension HistoryChunk {
    /// The chunk as bytes. The same chunk gives the same bytes.
    ///
    /// Layout (version 1): first event, budget, both times; payloads made here with their texts; payloads of earlier
    /// chunks with their places; then input, events and state change, which refer to payloads by number.
    package func encoded() -> [UInt8] {
        var body = ByteWriter()
        let own = Dictionary(payloads.map { (ObjectIdentifier($0.document), $0) }) { first, _ in first }
        body.input(input) { own[ObjectIdentifier($0)] }
        body.list(events) { writer, event in
            writer.number(event.id - event.previousEventID)
            writer.byte(event.type.rawValue)
            writer.instant(event.timestamp, from: now.wall)
            writer.details(event.details)
        }
        body.delta(delta, now: now)

        var bytes = ByteWriter()
        bytes.number(firstEvent)
        bytes.number(Int64(budget))
        bytes.signed(now.engine.milliseconds)
        bytes.signed(now.wall.milliseconds)
        bytes.list(payloads) { writer, payload in
            writer.number(payload.number)
            writer.data(payload.text)
        }
        let ownNumbers = Set(payloads.map(\.number))
        bytes.list(body.mentioned.filter { !ownNumbers.contains($0.number) }) { writer, payload in
            writer.number(payload.number)
            writer.number(payload.origin)
        }
        bytes.append(body.bytes)
        return RecordFrame.wrap(.chunk, bytes.bytes)
    }

    /// Reads a chunk; its own payloads are added to the table, those of earlier chunks must be there.
    package init(decoding bytes: [UInt8], payloads table: inout PayloadTable) throws(PersistenceError) {
        var reader = try RecordFrame.open(.chunk, bytes, payloads: table)
        let header = try ChunkHeader(&reader)
        for payload in header.payloads { reader.payloads.insert(payload) }
        for reference in header.references where reader.payloads[reference.number] == nil {
            throw .missingPayload(reference)
        }
        (firstEvent, budget, now, payloads) = (header.firstEvent, header.budget, header.now, header.payloads)
        input = try reader.input()
        var next = firstEvent
        events = try reader.list { (reader) throws(PersistenceError) -> HistoryEvent in
            let id = next
            next &+= 1
            let previous = id &- (try reader.number())
            guard let type = HistoryEventType(rawValue: try reader.byte()) else { throw reader.malformed }
            let timestamp = try reader.instant(from: header.now.wall)
            return HistoryEvent(
                id: id, previousEventID: previous, type: type, timestamp: timestamp, details: try reader.details())
        }
        delta = try reader.delta(now: header.now)
        guard reader.isAtEnd else { throw reader.malformed }
        table = reader.payloads
    }

    /// The payloads of earlier chunks that a chunk refers to: what must be in the table before it is read.
    package static func references(in bytes: [UInt8]) throws(PersistenceError) -> [PayloadReference] {
        var reader = try RecordFrame.open(.chunk, bytes, payloads: PayloadTable())
        return try ChunkHeader(&reader).references
    }

    /// Adds a chunk's own payloads to a table without reading the rest: all that a reference into it needs.
    package static func loadPayloads(
        of bytes: [UInt8], into table: inout PayloadTable
    ) throws(PersistenceError) {
        var reader = try RecordFrame.open(.chunk, bytes, payloads: PayloadTable())
        for payload in try ChunkHeader(&reader).payloads { table.insert(payload) }
    }
}

/// What stands before a chunk's events.
private struct ChunkHeader {
    /// The chunk's key.
    let firstEvent: EventID
    /// The budget of the step.
    let budget: Int
    /// The times of the step.
    let now: Instants
    /// Payloads made in the step.
    let payloads: [Payload]
    /// Payloads of earlier chunks that this one mentions.
    let references: [PayloadReference]

    /// Reads the header and leaves the reader at the input.
    init(_ reader: inout ByteReader) throws(PersistenceError) {
        let firstEvent = try reader.number()
        guard let budget = Int(exactly: try reader.number()) else { throw reader.malformed }
        self.firstEvent = firstEvent
        self.budget = budget
        let engine = Timestamp(milliseconds: try reader.signed())
        now = Instants(engine: engine, wall: Timestamp(milliseconds: try reader.signed()))
        payloads = try reader.list { (reader) throws(PersistenceError) -> Payload in
            let number = try reader.number()
            return Payload(number: number, origin: firstEvent, document: JSONDocument(stored: try reader.data()))
        }
        references = try reader.list { (reader) throws(PersistenceError) -> PayloadReference in
            let number = try reader.number()
            return PayloadReference(number: number, origin: try reader.number())
        }
    }
}
