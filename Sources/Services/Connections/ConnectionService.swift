import AWSProtocols
import JSONCore
package import SecretEncryption
package import Store
package import TimeSource

/// Connections of Amazon EventBridge: the credentials of HTTP requests (EventBridge API Reference, CreateConnection).
///
/// Secrets are sealed before they are stored and never shown again. Changes are done when they are answered, so the states in between
/// (`CREATING`, `AUTHORIZING` and so on) never show; a token of an OAuth connection is fetched when the first request needs it.
package final class ConnectionService: Sendable {
    private let database: any Database
    private let connections: ConnectionVault
    private let clock: any ClockSource
    private let identifiers: IdentifierSource

    /// A service over the store and the vault.
    package init(database: any Database, vault: SecretVault, clock: any ClockSource, identifiers: IdentifierSource) {
        self.database = database
        connections = ConnectionVault(database: database, vault: vault)
        self.clock = clock
        self.identifiers = identifiers
    }

    /// Adds this service's operations.
    package func register(in registry: inout OperationRegistry) {
        func add(_ operation: String, partial: String? = nil, _ handler: @escaping OperationHandler) {
            registry.register(service: "events", operation: operation, options: OperationOptions(partial: partial), handler: handler)
        }
        let partial = """
            used by HTTP tasks of state machines and by API destinations; authorized at once, a token is fetched by the first request; private endpoints are \
            reached directly, so connectivity parameters are refused
            """
        add("CreateConnection", partial: partial, create)
        add("UpdateConnection", partial: partial, update)
        add("DescribeConnection", describe)
        add("ListConnections", list)
        add("DeleteConnection", delete)
        add("DeauthorizeConnection", deauthorize)
    }

    @Sendable private func create(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        try ConnectionService.refuseConnectivity(input)
        let name = try input.requiredString("Name")
        let type = try ConnectionService.type(try input.requiredString("AuthorizationType"))
        let parameters = try ConnectionParameters(type, request: input.structure("AuthParameters") ?? [:], over: nil)
        let now = clock.now
        let facts = ConnectionFacts(
            type: type, parameters: parameters, secretID: "\(identifiers.uuid())-\(identifiers.base32(characters: 6))",
            request: input)
        var record = ConnectionRecord(
            account: context.account, name: name, id: identifiers.uuid(), version: 1, state: .authorized, facts: facts.encoded,
            secret: nil, createdAt: now, modifiedAt: now, authorizedAt: now)
        record.secret = try await connections.seal(parameters, of: record)
        do {
            try await database.apply([ConnectionStore.create(record)])
        } catch let error where error.code == .conflict {
            throw APIError("ResourceAlreadyExistsException", "Connection \(name) already exists.")
        } catch {
            throw error.apiError
        }
        return answer(record, context, showsAuthorization: false)
    }

    @Sendable private func update(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        try ConnectionService.refuseConnectivity(input)
        return try await change(input, context, verb: "update") { record in
            let facts = ConnectionFacts(record)
            let earlier = try await connections.parameters(of: record)
            guard let type = try input.string("AuthorizationType").map(ConnectionService.type) ?? facts.type else {
                throw APIError.internalFailure()
            }
            if type != facts.type, input.structure("AuthParameters") == nil {
                throw APIError.validation("Parameter(s) AuthParameters must be specified when the authorization type changes.")
            }
            var parameters = earlier
            if let request = input.structure("AuthParameters") {
                parameters = try ConnectionParameters(type, request: request, over: earlier)
            }
            var request = facts.members
            for name in ["Description", "KmsKeyIdentifier"] {
                if let text = input.string(name) { request[name] = .string(text) }
            }
            var changed = record
            changed.version += 1
            changed.modifiedAt = clock.now
            changed.facts =
                ConnectionFacts(type: type, parameters: parameters, secretID: facts.members.string("SecretID") ?? "", request: request)
                .encoded
            guard let parameters else { return changed }
            changed.secret = try await connections.seal(parameters, of: changed)
            changed.state = .authorized
            if input.structure("AuthParameters") != nil { changed.authorizedAt = changed.modifiedAt }
            return changed
        }
    }

    @Sendable private func deauthorize(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        var output = try await change(input, context, verb: "deauthorize") { record in
            var changed = record
            changed.version += 1
            changed.modifiedAt = clock.now
            changed.state = .deauthorized
            changed.secret = nil
            return changed
        }
        output["ConnectionState"] = "DEAUTHORIZING"
        return output
    }

    @Sendable private func delete(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let record = try await retryingConflicts {
            let record = try await find(input, context, verb: "delete")
            try await database.apply([ConnectionStore.delete(record)])
            return record
        }
        var output = answer(record, context)
        output["ConnectionState"] = "DELETING"
        return output
    }

    @Sendable private func describe(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let record = try await find(input, context, verb: "describe")
        let facts = ConnectionFacts(record).members
        var output = answer(record, context)
        output["Name"] = .string(record.name)
        output["AuthorizationType"] = facts["AuthorizationType"]
        output["AuthParameters"] = facts["AuthParameters"]
        output["Description"] = facts["Description"]
        output["KmsKeyIdentifier"] = facts["KmsKeyIdentifier"]
        output["SecretArn"] = .string(
            ARN(
                service: "secretsmanager", region: context.region, account: context.account,
                resource: "secret:events!connection/\(record.name)/\(facts.string("SecretID") ?? "")"
            ).description)
        return output
    }

    @Sendable private func list(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let prefix = input.string("NamePrefix") ?? ""
        let state = input.string("ConnectionState")
        let page = try await FilteredPage<ConnectionRecord>(
            input, operation: "ListConnections", filters: ["NamePrefix", "ConnectionState"], name: \.name,
            read: { after, limit in
                try await database.read { try ConnectionStore.list(account: context.account, after: after, limit: limit, in: $0) }
            },
            where: { $0.name.utf8.starts(with: prefix.utf8) && (state == nil || $0.state.rawValue == state) })
        let connections = page.entries.map { record -> APIValue in
            var entry = answer(record, context)
            entry["Name"] = .string(record.name)
            entry["AuthorizationType"] = ConnectionFacts(record).members["AuthorizationType"]
            return .structure(entry)
        }
        return ["Connections": .list(connections), "NextToken": page.token]
    }

    // MARK: Parts

    private static func type(_ text: String) throws(APIError) -> ConnectionParameters.AuthorizationType {
        guard let type = ConnectionParameters.AuthorizationType(rawValue: text) else {
            throw EventsError.invalidParameter("AuthorizationType")
        }
        return type
    }

    private static func refuseConnectivity(_ input: APIStructure) throws(APIError) {
        guard input["InvocationConnectivityParameters"] != nil else { return }
        throw .validation(
            "InvocationConnectivityParameters are not supported by Nightshift: its connections reach private addresses as they are.")
    }

    private func find(_ input: APIStructure, _ context: RequestContext, verb: String) async throws -> ConnectionRecord {
        let name = try input.requiredString("Name")
        guard let record = try await database.read({ try ConnectionStore.find(name, account: context.account, in: $0) }) else {
            throw APIError("ResourceNotFoundException", "Failed to \(verb) the connection(s). Connection '\(name)' does not exist.")
        }
        return record
    }

    private func change(
        _ input: APIStructure, _ context: RequestContext, verb: String,
        _ body: (ConnectionRecord) async throws -> ConnectionRecord
    ) async throws -> APIStructure {
        let changed = try await retryingConflicts {
            let changed = try await body(try await find(input, context, verb: verb))
            try await database.apply([ConnectionStore.replace(changed)])
            return changed
        }
        return answer(changed, context)
    }

    private func answer(_ record: ConnectionRecord, _ context: RequestContext, showsAuthorization: Bool = true) -> APIStructure {
        var output: APIStructure = [
            "ConnectionArn": .string(
                ARN(
                    service: "events", region: context.region, account: context.account,
                    resource: "connection/\(record.name)/\(record.id)"
                ).description),
            "ConnectionState": .string(record.state.rawValue), "CreationTime": .timestamp(record.createdAt.milliseconds),
            "LastModifiedTime": .timestamp(record.modifiedAt.milliseconds),
        ]
        if showsAuthorization { output["LastAuthorizedTime"] = .optionalTimestamp(record.authorizedAt?.milliseconds) }
        return output
    }
}
