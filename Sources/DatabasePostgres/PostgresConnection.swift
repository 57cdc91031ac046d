import CLibpq
import Store

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// One connection in pipeline mode with its prepared statements. Belongs to one thread at a time; its owner sees to that.
///
/// Statements are sent without waiting for the answers to those before them; one synchronisation point ends what was sent
/// together, and answers come in order. After an error the server skips the rest up to that point.
final class PostgresConnection {
    /// A statement's name at the server.
    private struct Prepared {
        let name: String
        let placeholders: Int
    }

    /// An answer that is still to come.
    private enum Awaited {
        case preparation(String)
        case result(String)
    }

    /// What tells this session from every other of the server, now and later.
    let session: PostgresSession
    private let handle: OpaquePointer
    private var prepared: [String: Prepared] = [:]
    private var statementsMade = 0
    private var awaited: [Awaited] = []
    private var owesAnswers = false
    private var parameters = PostgresParameters()

    /// Statements since the server last made its plans.
    private var sincePlanning = 0

    /// So many texts stay prepared; beyond, all are forgotten. The product has a few hundred.
    private static let preparedLimit = 1_000
    /// After so many statements the server makes its plans again, which takes it about a millisecond.
    private static let planningInterval = 4_096

    /// Connects and checks that the server is fit to keep the store's promises (`PostgresRequirements`).
    init(_ url: PostgresURL) throws(StoreError) {
        handle = try PostgresConnection.connect(url)
        do throws(StoreError) {
            session = try PostgresRequirements.check(handle)
            guard clibpq_enterPipelineMode(handle) == 1 else { throw StoreError(.unavailable, detail: "no pipeline mode") }
        } catch {
            clibpq_finish(handle)
            throw error
        }
    }

    deinit {
        clibpq_finish(handle)
    }

    /// True when the connection is gone; nothing brings it back.
    var isLost: Bool { clibpq_status(handle) != CLIBPQ_CONNECTION_OK }

    /// Sends statements together and waits for all their answers.
    ///
    /// - Throws: the first failure. The server did not run the statements after it, and an open transaction takes nothing but its
    ///   end. When the connection `isLost` afterwards, statements may have run whose answers never came.
    func exchange(_ statements: [Statement]) throws(StoreError) -> [StatementResult] {
        try send(statements)
        return try receive()
    }

    /// Sends statements and leaves their answers, which nobody needs, for the next exchange to take off the wire.
    func sendOnly(_ statements: [Statement]) {
        guard (try? send(statements)) != nil else { return }
        owesAnswers = true
    }

    /// To be called before a transaction, now and then: forgets what piles up.
    ///
    /// The server plans a statement when it is prepared, by the sizes of tables and indexes at that time, and keeps to that until it
    /// looks at the table by itself, which may take minutes. In an empty table all indexes are equally good; an hour later one of them is
    /// the only good one.
    func refresh() throws(StoreError) {
        if prepared.count > PostgresConnection.preparedLimit {
            _ = try exchange([Statement("DEALLOCATE ALL")])
            prepared = [:]
        } else if sincePlanning > PostgresConnection.planningInterval {
            sincePlanning = 0
            _ = try exchange([Statement("DISCARD PLANS")])
        }
    }

    // MARK: - Sending

    private func send(_ statements: [Statement]) throws(StoreError) {
        if owesAnswers {
            owesAnswers = false
            _ = try? receive()
        }
        sincePlanning += statements.count
        var failure: StoreError?
        for statement in statements where failure == nil {
            do throws(StoreError) {
                try queue(statement)
            } catch {
                failure = error
            }
        }
        guard clibpq_pipelineSync(handle) == 1, clibpq_flush(handle) >= 0 else {
            awaited = []
            throw lost()
        }
        guard let failure else { return }
        // Those before it are on their way and are answered; what they did is undone with the transaction.
        _ = try? receive()
        throw failure
    }

    private func queue(_ statement: Statement) throws(StoreError) {
        let prepared = try prepare(statement.sql)
        guard statement.values.count == prepared.placeholders else {
            throw StoreError(.invalidStatement, detail: "\(statement.values.count) values for: \(statement.sql)")
        }
        let code = try parameters.withPointers(to: statement) { count, values, lengths, formats in
            clibpq_sendQueryPrepared(handle, prepared.name, count, values, lengths, formats, PostgresParameters.binary)
        }
        guard code == 1 else { throw lost() }
        awaited.append(.result(statement.sql))
    }

    private func prepare(_ sql: String) throws(StoreError) -> Prepared {
        if let known = prepared[sql] { return known }
        let (numbered, placeholders) = PostgresDialect.numbered(sql)
        statementsMade += 1
        let new = Prepared(name: "s\(statementsMade)", placeholders: placeholders)
        // The server finds the types of the placeholders from where they stand.
        guard clibpq_sendPrepare(handle, new.name, numbered, 0, nil) == 1 else { throw lost() }
        awaited.append(.preparation(sql))
        prepared[sql] = new
        return new
    }

    // MARK: - Receiving

    private func receive() throws(StoreError) -> [StatementResult] {
        var results: [StatementResult] = []
        results.reserveCapacity(awaited.count)
        var failure: StoreError?
        let expected = awaited
        awaited = []
        for answer in expected {
            do throws(StoreError) {
                switch answer {
                case .preparation(let sql):
                    try takePreparation(of: sql)
                case .result(let sql):
                    let result = try takeResult(of: sql)
                    if failure == nil { results.append(result) }
                }
            } catch {
                if isLost { throw error }
                failure = failure ?? error
            }
        }
        guard let last = clibpq_getResult(handle) else { throw lost() }
        defer { clibpq_clear(last) }
        guard clibpq_resultStatus(last) == CLIBPQ_PIPELINE_SYNC else { throw isLost ? lost() : refusal(last, sql: "synchronisation") }
        if let failure { throw failure }
        return results
    }

    private func takePreparation(of sql: String) throws(StoreError) {
        do throws(StoreError) {
            _ = try takeResult(of: sql)
        } catch {
            // Wrong, or skipped after an error: either way the server does not know it.
            prepared[sql] = nil
            throw error
        }
    }

    private func takeResult(of sql: String) throws(StoreError) -> StatementResult {
        guard let result = clibpq_getResult(handle) else { throw lost() }
        defer {
            clibpq_clear(result)
            // Each statement's results end with none. A lost connection has said all that it will.
            if !isLost { clibpq_clear(clibpq_getResult(handle)) }
        }
        switch clibpq_resultStatus(result) {
        case CLIBPQ_COMMAND_OK, CLIBPQ_TUPLES_OK: return try PostgresResults.result(result, sql: sql)
        case CLIBPQ_PIPELINE_ABORTED: throw StoreError(.unavailable, detail: "skipped after an error: \(sql)")
        default: throw isLost ? lost() : refusal(result, sql: sql)
        }
    }

    private func refusal(_ result: OpaquePointer, sql: String) -> StoreError {
        let state = clibpq_resultErrorField(result, CLIBPQ_DIAG_SQLSTATE).map { String(cString: $0) } ?? ""
        let message = clibpq_resultErrorField(result, CLIBPQ_DIAG_MESSAGE_PRIMARY).map { String(cString: $0) } ?? ""
        return PostgresError.refused(state: state, message: message, sql: sql)
    }

    private func lost() -> StoreError {
        StoreError(.unavailable, detail: PostgresConnection.message(handle))
    }

    // MARK: - Connecting

    private static func connect(_ url: PostgresURL) throws(StoreError) -> OpaquePointer {
        if let problem = clibpq_load() { throw StoreError(.unavailable, detail: String(cString: problem)) }
        // What stands before `dbname` is a default that the URL's own parameters replace. A dead peer is noticed within half a minute.
        let defaults = [
            ("application_name", "nightshift"), ("connect_timeout", "10"), ("target_session_attrs", "read-write"),
            ("gssencmode", "disable"), ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "30000"), ("dbname", url.text),
        ]
        let keywords = defaults.map { strdup($0.0) }
        let values = defaults.map { strdup($0.1) }
        defer { for text in keywords + values { free(text) } }
        let opened = (keywords.map { UnsafePointer($0) } + [nil]).withUnsafeBufferPointer { keywords in
            (values.map { UnsafePointer($0) } + [nil]).withUnsafeBufferPointer { values in
                clibpq_connectdbParams(keywords.baseAddress, values.baseAddress, 1)
            }
        }
        guard let opened else { throw StoreError(.unavailable, detail: "out of memory") }
        guard clibpq_status(opened) == CLIBPQ_CONNECTION_OK else {
            let detail = message(opened)
            clibpq_finish(opened)
            throw StoreError(.unavailable, detail: "cannot connect to \(url.redacted): \(detail)")
        }
        clibpq_silence(opened)
        return opened
    }

    private static func message(_ handle: OpaquePointer) -> String {
        let message = clibpq_errorMessage(handle).map { String(cString: $0) } ?? ""
        return message.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
