import AgentProtocol
import Glibc
import JSONCore

/// The spool directory of one attempt, as the agent sees it. `docs/architecture/agent.md` describes its files.
struct SpoolDirectory: Sendable {
    /// The record that the agent writes before it claims.
    struct Accepted: Equatable {
        var digest: String
        var documentName: String
        var bootID: String
        var incarnation: Int64
    }

    /// The supervisor's proof that the job was let go.
    struct Started: Equatable {
        var processID: Int64
        var startedAtMilliseconds: Int64
        var bootID: String
    }

    let attempt: AttemptID
    let path: String

    /// The directory of an attempt below the spool.
    init(attempt: AttemptID, spool: String) {
        self.attempt = attempt
        path = "\(spool)/\(attempt)"
    }

    /// Creates the directory and its `accepted` record; durable once the spool is synced too.
    func record(_ accepted: Accepted) throws(SystemError) {
        try PosixFile.makeDirectory(path)
        let json: JSONValue = [
            "version": 1, "attempt": .text(attempt.description), "digest": .text(accepted.digest),
            "documentName": .text(accepted.documentName), "bootId": .text(accepted.bootID),
            "incarnation": .integer(accepted.incarnation),
        ]
        // Under its name at once: what a crash leaves of it is no JSON text and counts as never claimed, and the journal commits once.
        try PosixFile.createDurably(JSONWriter.bytes(of: json), at: "accepted", in: path)
    }

    /// The `accepted` record; nil when it is missing or was not written to its end, so never claimed.
    func accepted() -> Accepted? {
        guard let json = read("accepted"), let digest = json["digest"]?.text else { return nil }
        return Accepted(
            digest: digest, documentName: json["documentName"]?.text ?? "", bootID: json["bootId"]?.text ?? "",
            incarnation: json["incarnation"]?.integer ?? 0)
    }

    /// The `started` record, if the job was let go.
    func started() -> Started? {
        guard let json = read("started") else { return nil }
        return Started(
            processID: json["pid"]?.integer ?? 0, startedAtMilliseconds: json["startedAt"]?.integer ?? 0,
            bootID: json["bootId"]?.text ?? "")
    }

    /// The `exit` record as an outcome, if the attempt came to its own end.
    func outcome() -> AttemptOutcome? {
        guard let json = read("exit") else { return nil }
        let stopped = json["stopped"]?.text.flatMap { AttemptOutcome.Stop(rawValue: $0) } ?? .none
        let steps = (json["steps"]?.array ?? []).map { step in
            let exitCode = step["exitCode"]?.integer.flatMap { Int(exactly: $0) } ?? -1
            let signal = step["signal"]?.integer.flatMap { Int(exactly: $0) } ?? 0
            let error = step["startError"].map { error in
                let code = error["errno"]?.integer.flatMap { Int32(exactly: $0) } ?? 0
                return "\(error["stage"]?.text ?? "start"): \(String(cString: strerror(code)))"
            }
            return AttemptOutcome.Step(
                exitCode: exitCode < 0 ? nil : exitCode, signal: signal == 0 ? nil : signal,
                stopped: step["stopped"]?.text.flatMap { AttemptOutcome.Stop(rawValue: $0) } ?? .none,
                startedAtMilliseconds: step["startedAt"]?.integer ?? 0,
                endedAtMilliseconds: step["endedAt"]?.integer ?? 0, stdoutBytes: step["stdoutBytes"]?.integer ?? 0,
                stderrBytes: step["stderrBytes"]?.integer ?? 0, startError: error, skipped: step["skipped"]?.text,
                outOfMemory: step["outOfMemory"]?.bool == true)
        }
        let lostOutput = json["spoolFailed"]?.bool == true
        return AttemptOutcome(
            attempt: attempt, message: lostOutput ? "the node could not store the command's output" : nil, stopped: stopped,
            endedAtMilliseconds: json["endedAt"]?.integer ?? 0, steps: steps)
    }

    /// Whether a supervisor lives: it holds the lock.
    func isSupervised() -> Bool {
        // Taking the lock for an instant could make a supervisor that starts by hand fail, and none else.
        guard PosixFile.exists("\(path)/lock") else { return false }
        guard let lock = try? PosixFile.lock("\(path)/lock") else { return true }
        _ = lock
        return false
    }

    /// Takes the lock, to hand it over to a new supervisor. nil when there is one already.
    func takeLock() throws(SystemError) -> FileDescriptor? {
        try PosixFile.lock("\(path)/lock")
    }

    /// Tells the supervisor to stop the job.
    func requestCancel() throws(SystemError) {
        try PosixFile.writeDurably([], to: "cancel", in: path)
    }

    /// Deletes everything. It need not be durable: whatever of a closed attempt a crash brings back, the server says `closed` or `void`
    /// to it.
    func remove() throws(SystemError) {
        // First, so that of a process that is killed in between nothing is left that was claimed.
        unlink("\(path)/accepted")
        try PosixFile.removeDirectory(path)
    }

    private func read(_ name: String) -> JSONValue? {
        guard let bytes = (try? PosixFile.read("\(path)/\(name)")) ?? nil else { return nil }
        return try? JSONParser.parse(bytes)
    }
}
