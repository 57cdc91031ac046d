import AWSProtocols
import Crypto
import JSONCore
package import Store
package import TimeSource

/// Activations: the Systems Manager operations that let hosts enrol.
package final class ActivationService: Sendable {
    /// Length of a code: 100 random bits.
    private static let codeLength = 20
    /// Unless said otherwise an activation lasts a day; at most thirty (Systems Manager API, CreateActivation).
    private static let defaultLife = Duration.seconds(86_400)
    private static let longestLife = Duration.seconds(30 * 86_400)

    private static let filterKeys: Set<String> = ["ActivationIds", "DefaultInstanceName", "IamRole"]
    private static let scanSize = 100

    private let database: any Database
    private let clock: any ClockSource
    private let identifiers: IdentifierSource

    /// A service over the store.
    package init(database: any Database, clock: any ClockSource, identifiers: IdentifierSource) {
        self.database = database
        self.clock = clock
        self.identifiers = identifiers
    }

    /// Adds this service's operations.
    package func register(in registry: inout OperationRegistry) {
        registry.register(
            service: "ssm", operation: "CreateActivation",
            options: OperationOptions(partial: "RegistrationMetadata is ignored"), handler: create)
        registry.register(service: "ssm", operation: "DescribeActivations", handler: describe)
        registry.register(service: "ssm", operation: "DeleteActivation", handler: delete)
    }

    /// How a code is kept.
    static func hash(of code: String) -> [UInt8] {
        Array(SHA256.hash(data: Array(code.utf8)))
    }

    @Sendable private func create(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let now = clock.now
        let expiresAt = input.timestamp("ExpirationDate").map(Timestamp.init(milliseconds:)) ?? now + ActivationService.defaultLife
        guard expiresAt > now, expiresAt <= now + ActivationService.longestLife else {
            throw APIError("InvalidParameters", "ExpirationDate must be in the future, by thirty days at most.")
        }
        let code = identifiers.base32(characters: ActivationService.codeLength)
        let record = ActivationRecord(
            id: identifiers.uuid(), account: context.account, codeHash: ActivationService.hash(of: code),
            description: input.string("Description"), defaultName: input.string("DefaultInstanceName"),
            role: try input.requiredString("IamRole"), registrationLimit: Int(input.integer("RegistrationLimit") ?? 1),
            expiresAt: expiresAt, createdAt: now)
        let tags = try ResourceTags.parse(input.structures("Tags"))
        do {
            try await database.apply(
                [ActivationStore.create(record)]
                    + tags.map { TagStore.set($0.key, to: $0.value, of: record.id, account: context.account) })
        } catch {
            throw error.apiError
        }
        return ["ActivationId": .string(record.id), "ActivationCode": .string(code)]
    }

    @Sendable private func delete(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let id = try input.requiredString("ActivationId")
        let isDeleted = try await database.applyUnlessConflict([
            ActivationStore.delete(id, account: context.account), TagStore.removeAll(of: id, account: context.account),
        ])
        guard isDeleted else { throw APIError("InvalidActivationId", "The activation ID \(id) is not valid.") }
        return [:]
    }

    @Sendable private func describe(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let limit = Int(input.integer("MaxResults") ?? 50)
        let after = try RunCommandToken.text(input.string("NextToken"), operation: "DescribeActivations") ?? ""
        let filters = input.structures("Filters").map { ($0.string("FilterKey") ?? "", $0.strings("FilterValues")) }
        for (key, _) in filters where !ActivationService.filterKeys.contains(key) {
            throw APIError("InvalidFilter", "The filter name is not valid: \(key).")
        }
        let now = clock.now
        let (shown, last) = try await database.read { transaction in
            var shown: [APIValue] = []
            var (last, reached) = (after, "")
            while true {
                let page = try ActivationStore.list(
                    account: context.account, after: last, limit: ActivationService.scanSize, in: transaction)
                for record in page where ActivationService.matches(record, filters) {
                    if shown.count == limit { return (shown, reached as String?) }
                    let tags = try TagStore.tags(of: record.id, account: record.account, in: transaction)
                    shown.append(ActivationService.describe(record, tags, now))
                    reached = record.id
                }
                guard page.count == ActivationService.scanSize, let end = page.last else { return (shown, nil) }
                last = end.id
            }
        }
        return [
            "ActivationList": .list(shown),
            "NextToken": .optional(last.map { RunCommandToken.token(.text($0), operation: "DescribeActivations") }),
        ]
    }

    private static func matches(_ record: ActivationRecord, _ filters: [(String, [String])]) -> Bool {
        filters.allSatisfy { key, values in
            switch key {
            case "ActivationIds": values.contains(record.id)
            case "DefaultInstanceName": values.contains(record.defaultName ?? "")
            default: values.contains(record.role)
            }
        }
    }

    private static func describe(
        _ record: ActivationRecord, _ tags: [(key: String, value: String)], _ now: Timestamp
    ) -> APIValue {
        [
            "ActivationId": .string(record.id), "Description": .optional(record.description),
            "DefaultInstanceName": .optional(record.defaultName), "IamRole": .string(record.role),
            "RegistrationLimit": .integer(Int64(record.registrationLimit)),
            "RegistrationsCount": .integer(Int64(record.registrations)),
            "ExpirationDate": .timestamp(record.expiresAt.milliseconds), "Expired": .bool(record.expiresAt <= now),
            "CreatedDate": .timestamp(record.createdAt.milliseconds), "Tags": ResourceTags.value(tags),
        ]
    }
}
