import AWSProtocols
import JSONCore
import Store
import TimeSource

extension ParameterService {
    /// How many parameters one call of a listing looks at; with filters a page may therefore be short, or empty with a token.
    private static let scanLimit = 5_000

    /// One page of a listing.
    private struct Page: Sendable {
        var parameters: [ParameterVersion] = []
        /// The name after which the next page starts, nil after the last page.
        var next: String?
    }

    @Sendable func getByPath(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let path = try input.requiredString("Path")
        let recursive = input.bool("Recursive") ?? false
        let filters = try ParameterFilter.byPath(input)
        let label = filters.first { $0.key == .label }
        let tokenScope = "\(recursive) \(path)"
        let page = try await page(
            ParameterName.scope(ofPath: path, recursive: recursive), filters, limit: Int(input.integer("MaxResults") ?? 10),
            after: position(input, "GetParametersByPath", scope: tokenScope)?.text, context)
        var found: [APIValue] = []
        for parameter in page.parameters {
            // With a label, the version that has it is wanted and not the current one.
            let version = try await label == nil ? parameter : labelledVersion(of: parameter, label?.values ?? [])
            let value = try await value(of: version, decrypted: input.bool("WithDecryption") ?? false)
            found.append(describe(version, value, context))
        }
        return ["Parameters": .list(found), "NextToken": token(page.next, "GetParametersByPath", scope: tokenScope)]
    }

    @Sendable func describe(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let filters = try ParameterFilter.describing(input)
        let page = try await page(
            ParameterService.scope(of: filters), filters, limit: Int(input.integer("MaxResults") ?? 50),
            after: position(input, "DescribeParameters")?.text, context)
        return [
            "Parameters": .list(page.parameters.map { parameter in
                var output = metadata(of: parameter)
                output["ARN"] = .string(ParameterName.arn(of: parameter.name, context))
                return .structure(output)
            }),
            "NextToken": token(page.next, "DescribeParameters"),
        ]
    }

    @Sendable func history(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = try input.requiredString("Name")
        guard let reference = ParameterReference(name, context), reference.selectorText == nil else {
            throw ParameterError.notFound(name)
        }
        let limit = Int(input.integer("MaxResults") ?? 50)
        let after = try position(input, "GetParameterHistory", scope: name)?.integer ?? 0
        let (versions, labels) = try await database.read { transaction in
            let name = try reference.find(account: context.account, in: transaction).name
            return (
                try ParameterStore.versions(
                    of: name, account: context.account, after: after, limit: limit + 1, in: transaction),
                try ParameterStore.labels(of: name, account: context.account, in: transaction)
            )
        }
        var shown: [APIValue] = []
        for version in versions.prefix(limit) {
            var output = metadata(of: version)
            output["Value"] = .string(try await value(of: version, decrypted: input.bool("WithDecryption") ?? false))
            output["Labels"] = .strings(labels.filter { $0.version == version.number }.map(\.label))
            shown.append(.structure(output))
        }
        let next = versions.count > limit ? versions[limit - 1].number : nil
        return [
            "Parameters": .list(shown),
            "NextToken": .optional(next.map {
                PageToken(operation: "GetParameterHistory", scope: name, position: .integer($0)).text
            }),
        ]
    }

    // MARK: Pages

    /// Where a filter by path limits the names to be looked at.
    private static func scope(of filters: [ParameterFilter]) throws(APIError) -> ParameterStore.Scope {
        for filter in filters {
            if case .path(let recursive) = filter.key, filter.values.count == 1 {
                return try ParameterName.scope(ofPath: filter.values[0], recursive: recursive)
            }
        }
        return .everything
    }

    private func page(
        _ scope: ParameterStore.Scope, _ filters: [ParameterFilter], limit: Int, after start: String?, _ context: RequestContext
    ) async throws -> Page {
        let account = context.account
        return try await database.read { transaction in
            var page = Page()
            var last = start ?? ""
            var visited = 0
            while true {
                let portion = try ParameterStore.list(scope, account: account, after: last, limit: limit + 1, in: transaction)
                for parameter in portion {
                    if visited == ParameterService.scanLimit || page.parameters.count == limit {
                        page.next = last
                        return page
                    }
                    visited += 1
                    last = parameter.name
                    let isWanted = try filters.allSatisfy { filter in
                        try filter.matches(
                            parameter,
                            tags: {
                                try TagStore.tags(of: ParameterService.tagKey(of: parameter.name), account: account, in: transaction)
                            },
                            labels: {
                                try ParameterStore.labels(of: parameter.name, account: account, in: transaction).map(\.label)
                            })
                    }
                    if isWanted { page.parameters.append(parameter) }
                }
                guard portion.count == limit + 1 else { return page }
            }
        }
    }

    private func labelledVersion(of parameter: ParameterVersion, _ labels: [String]) async throws -> ParameterVersion {
        try await database.read { transaction in
            for label in labels {
                if let version = try ParameterStore.find(
                    parameter.name, label: label, account: parameter.account, in: transaction)
                {
                    return version
                }
            }
            return parameter
        }
    }

    private func position(_ input: APIStructure, _ operation: String, scope: String = "") throws(APIError) -> JSONValue? {
        guard let token = input.string("NextToken") else { return nil }
        do throws(PageToken.Fault) {
            return try PageToken.position(in: token, operation: operation, scope: scope)
        } catch {
            throw ParameterError.invalidToken()
        }
    }

    private func token(_ name: String?, _ operation: String, scope: String = "") -> APIValue {
        .optional(name.map { PageToken(operation: operation, scope: scope, position: .text($0)).text })
    }

    /// What DescribeParameters and GetParameterHistory show alike.
    private func metadata(of version: ParameterVersion) -> APIStructure {
        [
            "Name": .string(version.name), "Type": .string(version.type), "KeyId": .optional(version.keyID),
            "LastModifiedDate": .timestamp(version.modifiedAt.milliseconds), "LastModifiedUser": .string(version.modifiedBy),
            "Description": .optional(version.description), "AllowedPattern": .optional(version.allowedPattern),
            "Version": .integer(version.number), "Tier": .string(version.tier), "Policies": [],
            "DataType": .string(version.dataType),
        ]
    }
}
