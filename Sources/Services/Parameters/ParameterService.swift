import AWSProtocols
import ByteCoding
package import SecretEncryption
package import Store
import TimeSource

/// Parameter Store: the Systems Manager operations on parameters, their versions and labels.
///
/// A SecureString is sealed for its name and version before it is stored; what a database's backup shows of it opens with the
/// master key alone.
package final class ParameterService: Sendable {
    let database: any Database
    let vault: SecretVault

    /// A service over the store.
    package init(database: any Database, vault: SecretVault) {
        self.database = database
        self.vault = vault
    }

    /// Adds this service's operations.
    package func register(in registry: inout OperationRegistry) {
        registry.register(
            service: "ssm", operation: "PutParameter",
            options: OperationOptions(
                partial: "no policies; KeyId is stored and shown, encryption is with the account's own data key; AMI ids are not looked up"),
            handler: put)
        registry.register(service: "ssm", operation: "GetParameter", handler: get)
        registry.register(service: "ssm", operation: "GetParameters", handler: getSeveral)
        registry.register(service: "ssm", operation: "GetParametersByPath", handler: getByPath)
        registry.register(service: "ssm", operation: "GetParameterHistory", handler: history)
        registry.register(
            service: "ssm", operation: "DescribeParameters", options: OperationOptions(partial: "Shared is ignored"),
            handler: describe)
        registry.register(service: "ssm", operation: "DeleteParameter", handler: delete)
        registry.register(service: "ssm", operation: "DeleteParameters", handler: deleteSeveral)
        registry.register(service: "ssm", operation: "LabelParameterVersion", handler: label)
        registry.register(service: "ssm", operation: "UnlabelParameterVersion", handler: unlabel)
    }

    /// Parameters as the tag operations know them: the resource's id is the parameter's name.
    package var taggableResource: TaggableResource {
        TaggableResource(type: "Parameter") { [database] name, context in
            let parameter = try await database.read { try ParameterStore.find(name, account: context.account, in: $0) }
            return parameter.map { ParameterService.tagKey(of: $0.name) }
        }
    }

    /// Under which id `TagStore` has a parameter's tags. The ARN would not tell `name` from `/name`.
    static func tagKey(of name: String) -> String { "parameter:\(name)" }

    // MARK: Reading

    @Sendable private func get(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = try input.requiredString("Name")
        guard let reference = ParameterReference(name, context) else { throw ParameterError.notFound(name) }
        let version = try await database.read { try reference.find(account: context.account, in: $0) }
        let value = try await value(of: version, decrypted: input.bool("WithDecryption") ?? false)
        return ["Parameter": describe(version, value, selector: reference.selectorText, context)]
    }

    @Sendable private func getSeveral(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let isDecrypted = input.bool("WithDecryption") ?? false
        var found: [APIValue] = []
        var invalid: [String] = []
        var seen: Set<String> = []
        for name in input.strings("Names") where seen.insert(name).inserted {
            let reference = ParameterReference(name, context)
            let version = try await database.read { transaction -> ParameterVersion? in
                do {
                    return try reference?.find(account: context.account, in: transaction)
                } catch is APIError {
                    return nil
                }
            }
            guard let version else {
                invalid.append(name)
                continue
            }
            let value = try await value(of: version, decrypted: isDecrypted)
            found.append(describe(version, value, selector: reference?.selectorText, context))
        }
        return ["Parameters": .list(found), "InvalidParameters": .strings(invalid)]
    }

    /// A version's value as a reader gets it: a SecureString that is not to be decrypted shows as Base64 of what is stored.
    func value(of version: ParameterVersion, decrypted: Bool) async throws -> String {
        guard version.type == "SecureString" else { return String(decoding: version.value, as: UTF8.self) }
        guard decrypted else { return Base64.text(version.value) }
        let plaintext = try await vault.open(
            version.value, account: version.account,
            context: ParameterService.sealContext(name: version.name, version: version.number))
        return String(decoding: plaintext, as: UTF8.self)
    }

    /// What binds a SecureString to its place.
    static func sealContext(name: String, version: Int64) -> [String] { ["parameter", name, String(version)] }

    /// A version as GetParameter and its relatives show it.
    func describe(
        _ version: ParameterVersion, _ value: String, selector: String? = nil, _ context: RequestContext
    ) -> APIValue {
        [
            "Name": .string(version.name), "Type": .string(version.type), "Value": .string(value),
            "Version": .integer(version.number), "Selector": .optional(selector),
            "LastModifiedDate": .timestamp(version.modifiedAt.milliseconds),
            "ARN": .string(ParameterName.arn(of: version.name, context)), "DataType": .string(version.dataType),
        ]
    }

    // MARK: Deleting

    @Sendable private func delete(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = try input.requiredString("Name")
        guard try await delete(name, account: context.account) else { throw ParameterError.notFound(name) }
        return [:]
    }

    @Sendable private func deleteSeveral(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        var deleted: [String] = []
        var invalid: [String] = []
        var seen: Set<String> = []
        for name in input.strings("Names") where seen.insert(name).inserted {
            if try await delete(name, account: context.account) { deleted.append(name) } else { invalid.append(name) }
        }
        return ["DeletedParameters": .strings(deleted), "InvalidParameters": .strings(invalid)]
    }

    /// Deletes a parameter with its tags; false when there is none.
    private func delete(_ name: String, account: String) async throws(APIError) -> Bool {
        do throws(StoreError) {
            try await database.apply(
                ParameterStore.delete(name, account: account)
                    + [TagStore.removeAll(of: ParameterService.tagKey(of: name), account: account)])
            return true
        } catch where error.code == .conflict {
            return false
        } catch {
            throw error.apiError
        }
    }
}
