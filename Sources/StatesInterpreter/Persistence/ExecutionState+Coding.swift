import TimeSource

extension ExecutionState {
    /// The whole state with the payloads that it still needs: a snapshot. The same state gives the same bytes.
    package func encoded() -> [UInt8] {
        var body = ByteWriter()
        let base = Instants(engine: .epoch, wall: .epoch)
        body.status(status)
        body.counters(counters, now: base)
        body.list(branches.values.sorted { $0.id < $1.id }) { $0.branch($1, now: base) }
        body.outputs(outputs.map { ChildOutput(branch: $0.key, output: $0.value) }.sorted { $0.branch < $1.branch })
        var bytes = ByteWriter()
        bytes.list(body.mentioned) { writer, payload in
            writer.number(payload.number)
            writer.number(payload.origin)
            writer.data(payload.text)
        }
        bytes.append(body.bytes)
        return RecordFrame.wrap(.snapshot, bytes.bytes)
    }

    /// Reads a snapshot; its payloads are added to the table, for the chunks that come after it.
    package init(decoding bytes: [UInt8], payloads table: inout PayloadTable) throws(PersistenceError) {
        var reader = try RecordFrame.open(.snapshot, bytes, payloads: table)
        let base = Instants(engine: .epoch, wall: .epoch)
        let payloads = try reader.list { (reader) throws(PersistenceError) -> Payload in
            let number = try reader.number()
            let origin = try reader.number()
            return Payload(number: number, origin: origin, document: JSONDocument(stored: try reader.data()))
        }
        for payload in payloads { reader.payloads.insert(payload) }
        self.init()
        status = try reader.status()
        counters = try reader.counters(now: base)
        for branch in try reader.list({ (reader) throws(PersistenceError) in try reader.branch(now: base) }) {
            branches[branch.id] = branch
        }
        for ended in try reader.outputs() { outputs[ended.branch] = ended.output }
        guard reader.isAtEnd else { throw reader.malformed }
        table = reader.payloads
    }
}

extension ByteWriter {
    /// A change of the state.
    mutating func delta(_ delta: StateDelta, now: Instants) {
        list(delta.upserted) { $0.branch($1, now: now) }
        list(delta.removed) { $0.number($1.rawValue) }
        outputs(delta.outputs)
        optional(delta.counters) { $0.counters($1, now: now) }
        optional(delta.status) { $0.status($1) }
    }

    /// Outputs of children that have ended.
    mutating func outputs(_ outputs: [ChildOutput]) {
        list(outputs) { writer, ended in
            writer.number(ended.branch.rawValue)
            writer.payload(ended.output)
        }
    }

    /// Counters and times of the execution.
    mutating func counters(_ counters: ExecutionState.Counters, now: Instants) {
        number(counters.nextEvent)
        number(counters.nextEffect)
        number(counters.nextPayload)
        number(counters.nextBranch)
        optional(counters.input) { $0.payload($1) }
        optional(counters.deadline) { $0.instant($1, from: now.engine) }
    }

    /// Where the execution stands as a whole.
    mutating func status(_ status: ExecutionState.Status) {
        switch status {
        case .notStarted: byte(0)
        case .running: byte(1)
        case .ended(.succeeded(let output)):
            byte(2)
            payload(output)
        case .ended(.failed(let error, let cause)): ending(3, error, cause)
        case .ended(.timedOut(let error, let cause)): ending(4, error, cause)
        case .ended(.aborted(let error, let cause)): ending(5, error, cause)
        }
    }

    private mutating func ending(_ tag: UInt8, _ error: String?, _ cause: String?) {
        byte(tag)
        optional(error) { $0.string($1) }
        optional(cause) { $0.string($1) }
    }
}

extension ByteReader {
    /// A change of the state.
    mutating func delta(now: Instants) throws(PersistenceError) -> StateDelta {
        var delta = StateDelta()
        delta.upserted = try list { (reader) throws(PersistenceError) in try reader.branch(now: now) }
        delta.removed = try list { (reader) throws(PersistenceError) in BranchID(rawValue: try reader.number()) }
        delta.outputs = try outputs()
        delta.counters = try optional { (reader) throws(PersistenceError) in try reader.counters(now: now) }
        delta.status = try optional { (reader) throws(PersistenceError) in try reader.status() }
        return delta
    }

    /// Outputs of children that have ended.
    mutating func outputs() throws(PersistenceError) -> [ChildOutput] {
        try list { (reader) throws(PersistenceError) -> ChildOutput in
            let branch = BranchID(rawValue: try reader.number())
            return ChildOutput(branch: branch, output: try reader.payload())
        }
    }

    /// Counters and times of the execution.
    mutating func counters(now: Instants) throws(PersistenceError) -> ExecutionState.Counters {
        var counters = ExecutionState.Counters()
        counters.nextEvent = try number()
        counters.nextEffect = try number()
        counters.nextPayload = try number()
        counters.nextBranch = try number()
        counters.input = try optionalPayload()
        counters.deadline = try optional { (reader) throws(PersistenceError) in try reader.instant(from: now.engine) }
        return counters
    }

    /// Where the execution stands as a whole.
    mutating func status() throws(PersistenceError) -> ExecutionState.Status {
        switch try byte() {
        case 0: return .notStarted
        case 1: return .running
        case 2: return .ended(.succeeded(output: try payload()))
        case 3:
            let error = try optionalString()
            return .ended(.failed(error: error, cause: try optionalString()))
        case 4:
            let error = try optionalString()
            return .ended(.timedOut(error: error, cause: try optionalString()))
        case 5:
            let error = try optionalString()
            return .ended(.aborted(error: error, cause: try optionalString()))
        default: throw malformed
        }
    }
}
