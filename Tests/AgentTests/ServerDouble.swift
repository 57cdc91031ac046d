import AgentProtocol

@testable import Agent

/// A server in memory that keeps the rules of the conversation, and can be told to lose things.
final actor ServerDouble: ServerLink {
    struct Attempt {
        var offer: CommandOffer
        var go: CommandGo
        var isCommitted = false
        var goesSent = 0
        var startedAt: Int64?
        var output: [OutputStream: [UInt8]] = [:]
        var outcome: AttemptOutcome?
        var isVoid = false
    }

    private(set) var attempts: [AttemptID: Attempt] = [:]
    private(set) var registrations: [RegistrationRequest] = []
    private(set) var sessions: [SessionRequest] = []
    private var stream: AsyncStream<ServerMessage>.Continuation?
    private var sessionNumber = 0
    private var isAway = false
    private var losesNextGo = false
    private var hasGivenUp = false
    /// What the node told of itself, by type.
    private(set) var inventory: [String: InventoryReport.Item] = [:]
    /// In the order of their arrival, lost answers included.
    private(set) var announcedKeys: [String] = []
    /// The public key that each session was signed by.
    private(set) var sessionKeys: [String] = []
    private var onlyKey: String?
    private var losesKeyRequests = 0
    private var losesKeyReplies = 0
    private var watchers: [(condition: (ServerDouble.View) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []

    /// What conditions look at.
    struct View {
        var attempts: [AttemptID: Attempt]
        var sessions: [SessionRequest]
        var isConnected: Bool
        var inventory: [String: InventoryReport.Item]
        var sessionKeys: [String]
    }

    struct Away: Error {}

    // MARK: - For tests

    /// Orders a command and answers its attempt.
    @discardableResult
    func order(_ name: String, steps: [PluginStep], user: String? = nil) -> AttemptID {
        guard let attempt = AttemptID(commandID: name, number: 1) else { preconditionFailure("a plain name") }
        let go = CommandGo(attempt: attempt, digest: "digest-\(name)", steps: steps, runAs: user.map { RunAs(user: $0) })
        let offer = CommandOffer(attempt: attempt, documentName: "AWS-RunShellScript", digest: go.digest)
        attempts[attempt] = Attempt(offer: offer, go: go)
        stream?.yield(.offer(offer))
        return attempt
    }

    /// Orders one script. Its time is long: on a busy machine no script is to be stopped but by a test that wants it.
    @discardableResult
    func order(_ name: String, _ script: String, timeoutSeconds: Int = 900) -> AttemptID {
        order(name, steps: [PluginStep(name: "script", commands: [script], timeoutSeconds: timeoutSeconds)])
    }

    func cancel(_ attempt: AttemptID) {
        stream?.yield(.cancel(attempt))
    }

    /// Makes the claim come to nothing.
    func withdraw(_ attempt: AttemptID) {
        attempts[attempt]?.isVoid = true
    }

    /// Loses the connection; with `away` until `comeBack`.
    func disconnect(away: Bool = false) {
        isAway = away
        stream?.finish()
        stream = nil
    }

    func comeBack() { isAway = false }

    /// Goes back to before a rotation: until the next announcement sessions are signed by this key or refused.
    func goBack(toKey key: String) { onlyKey = key }

    /// The next announcements of a key do not arrive, or arrive and their answers are lost.
    func loseKey(requests: Int = 0, replies: Int = 0) {
        losesKeyRequests = requests
        losesKeyReplies = replies
    }

    func loseNextGo() { losesNextGo = true }

    /// Nobody waits any longer: the agent has failed.
    func giveUp() {
        hasGivenUp = true
        for watcher in watchers { watcher.continuation.resume() }
        watchers.removeAll()
    }

    /// Waits until something is so.
    func until(_ condition: @escaping @Sendable (View) -> Bool) async {
        if hasGivenUp || condition(view) { return }
        await withCheckedContinuation { watchers.append((condition, $0)) }
    }

    /// Waits for an attempt's end.
    func outcome(of attempt: AttemptID) async -> AttemptOutcome? {
        await until { $0.attempts[attempt]?.outcome != nil }
        return attempts[attempt]?.outcome
    }

    func text(_ attempt: AttemptID, _ kind: OutputStream.Kind = .stdout, step: Int = 0) -> String {
        String(decoding: attempts[attempt]?.output[OutputStream(step: step, kind: kind)] ?? [], as: UTF8.self)
    }

    private var view: View { View(
            attempts: attempts, sessions: sessions, isConnected: stream != nil, inventory: inventory, sessionKeys: sessionKeys) }

    private func changed() {
        let met = watchers.filter { $0.condition(view) }
        watchers.removeAll { $0.condition(view) }
        for watcher in met { watcher.continuation.resume() }
    }

    // MARK: - The server's side

    func register(_ request: RegistrationRequest, as identity: AgentIdentity) throws -> RegistrationReply {
        if isAway { throw Away() }
        guard request.activationCode == "right" else {
            throw Refusal(code: .invalidActivation, message: "no such activation")
        }
        registrations.append(request)
        return RegistrationReply(instanceID: "mi-0123456789abcdef0", protocolVersion: 1)
    }

    func openSession(_ request: SessionRequest, as identity: AgentIdentity) throws -> SessionReply {
        if isAway { throw Away() }
        let key = try identity.publicKeyText()
        if let onlyKey, key != onlyKey { throw Refusal(code: .invalidSignature, message: "wrong") }
        sessions.append(request)
        sessionKeys.append(key)
        sessionNumber += 1
        stream?.finish()
        stream = nil
        let closed = request.attempts.filter { attempts[$0.attempt]?.outcome != nil || attempts[$0.attempt] == nil }
        changed()
        return SessionReply(
            session: "\(sessionNumber)", protocolVersion: 1, serverTimeMilliseconds: 0,
            messages: closed.map { .closed($0.attempt) })
    }

    func readWork(
        session: String, as identity: AgentIdentity, _ receive: @Sendable (ServerMessage) async -> Void
    ) async throws {
        if isAway { throw Away() }
        let (messages, continuation) = AsyncStream<ServerMessage>.makeStream()
        stream = continuation
        changed()
        for attempt in attempts.values.sorted(by: { $0.offer.attempt.description < $1.offer.attempt.description })
        where !attempt.isCommitted && !attempt.isVoid && attempt.outcome == nil {
            continuation.yield(.offer(attempt.offer))
        }
        for await message in messages { await receive(message) }
    }

    func send(_ report: Report, session: String, as identity: AgentIdentity) throws -> ReportReply {
        if isAway || stream == nil { throw Away() }
        guard session == "\(sessionNumber)" else { throw Refusal(code: .sessionEnded, message: "another session") }
        let replies = report.messages.flatMap(answer)
        changed()
        return ReportReply(messages: replies)
    }

    func send(_ inventory: InventoryReport, session: String, as identity: AgentIdentity) throws -> InventoryReply {
        if isAway || stream == nil { throw Away() }
        let wanted = inventory.items.filter { $0.content == nil && self.inventory[$0.typeName]?.contentHash != $0.contentHash }
        for item in inventory.items where item.content != nil { self.inventory[item.typeName] = item }
        changed()
        return InventoryReply(wanted: wanted.map(\.typeName))
    }

    func announce(_ key: KeyRequest, as identity: AgentIdentity) throws -> KeyReply {
        if isAway || stream == nil { throw Away() }
        if losesKeyRequests > 0 {
            losesKeyRequests -= 1
            throw Away()
        }
        announcedKeys.append(key.publicKey)
        onlyKey = nil
        changed()
        if losesKeyReplies > 0 {
            losesKeyReplies -= 1
            throw Away()
        }
        return KeyReply(publicKey: key.publicKey)
    }

    private func answer(_ message: AgentMessage) -> [ServerMessage] {
        switch message {
        case .claim(let attempt), .goRequest(let attempt):
            guard let known = attempts[attempt], !known.isVoid, known.outcome == nil else { return [.void(attempt)] }
            attempts[attempt]?.isCommitted = true
            attempts[attempt]?.goesSent += 1
            if losesNextGo {
                losesNextGo = false
                return []
            }
            return [.go(known.go)]
        case .started(let attempt, let at):
            attempts[attempt]?.startedAt = at
            return []
        case .output(let chunk):
            let have = attempts[chunk.attempt]?.output[chunk.stream]?.count ?? 0
            let new = chunk.bytes.dropFirst(max(0, have - Int(chunk.offset)))
            attempts[chunk.attempt]?.output[chunk.stream, default: []] += new
            return [.acknowledged(chunk.attempt, chunk.stream, offset: Int64(have + new.count))]
        case .exit(let outcome):
            attempts[outcome.attempt]?.outcome = outcome
            return [.closed(outcome.attempt)]
        case .unknown:
            return []
        }
    }
}
