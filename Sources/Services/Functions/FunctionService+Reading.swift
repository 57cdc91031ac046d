import AWSProtocols
import FunctionCode
import JSONCore
import Store

extension FunctionService {
    /// How many functions a page has at most, whatever `MaxItems` says (Lambda API Reference, ListFunctions).
    private static let largestPage = 50

    /// GetFunction, with a link to the code.
    @Sendable func get(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let reference = try reference(input, context)
        let record = try await find(reference)
        let arn = reference.functionARN
        let tags = try await database.read { transaction in
            try TagStore.tags(of: arn, account: record.account, in: transaction).map { ($0.key, $0.value) }
        }
        var output: APIStructure = [
            "Configuration": .structure(try await describe(record, isQualified: reference.qualifier != nil))
        ]
        if let digest = CodeDigest(bytes: record.version.codeSHA256) {
            output["Code"] = [
                "RepositoryType": "S3", "Location": .string(context.endpoint + dependencies.links.link(to: digest)),
            ]
        }
        if !tags.isEmpty { output["Tags"] = .stringMap(tags) }
        if let reserved = record.reservedConcurrency { output["Concurrency"] = ["ReservedConcurrentExecutions": .integer(reserved)] }
        return output
    }

    /// GetFunctionConfiguration.
    @Sendable func getConfiguration(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let reference = try reference(input, context)
        return try await describe(try await find(reference), isQualified: reference.qualifier != nil)
    }

    /// ListFunctions, by name; with `FunctionVersion` ALL each version by itself.
    @Sendable func list(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let showsVersions = input.string("FunctionVersion") == "ALL"
        let limit = FunctionService.pageSize(input)
        let scope = showsVersions ? "ALL" : ""
        let position = try FunctionService.position(input, operation: "ListFunctions", scope: scope)
        let after = (name: position?.array?.first?.text ?? "", version: position?.array?.last?.integer ?? -1)
        let records = try await database.read { transaction in
            try showsVersions
                ? FunctionStore.listVersions(account: context.account, after: after, limit: limit + 1, in: transaction)
                : FunctionStore.list(account: context.account, after: after.name, limit: limit + 1, in: transaction)
        }
        var output: APIStructure = ["Functions": try await descriptions(records.prefix(limit), isQualified: showsVersions)]
        if records.count > limit, let last = records.prefix(limit).last {
            output["NextMarker"] = .string(
                ListPosition.token(
                    .array([.text(last.name), .integer(last.version.number)]), operation: "ListFunctions", scope: scope))
        }
        return output
    }

    /// ListVersionsByFunction, `$LATEST` first.
    @Sendable func listVersions(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let reference = try reference(input, context)
        _ = try await find(reference.unqualified)
        let limit = FunctionService.pageSize(input)
        let position = try FunctionService.position(input, operation: "ListVersionsByFunction", scope: reference.name)
        let after = position?.integer ?? -1
        let records = try await database.read { transaction in
            try FunctionStore.versions(
                of: reference.name, account: reference.account, after: after, limit: limit + 1, in: transaction)
        }
        var output: APIStructure = ["Versions": try await descriptions(records.prefix(limit), isQualified: true)]
        if records.count > limit, let last = records.prefix(limit).last {
            output["NextMarker"] = .string(
                ListPosition.token(.integer(last.version.number), operation: "ListVersionsByFunction", scope: reference.name))
        }
        return output
    }

    /// GetAccountSettings.
    @Sendable func accountSettings(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let usage = try await database.read { try FunctionStore.usage(account: context.account, in: $0) }
        let concurrency = Int64(dependencies.maximumConcurrency)
        return [
            "AccountLimit": [
                "TotalCodeSize": 80_530_636_800, "CodeSizeUnzipped": .integer(Int64(CodeStore.unpackedLimit)),
                "CodeSizeZipped": 52_428_800, "ConcurrentExecutions": .integer(concurrency),
                "UnreservedConcurrentExecutions": .integer(concurrency),
            ],
            "AccountUsage": ["TotalCodeSize": .integer(usage.codeSize), "FunctionCount": .integer(usage.functions)],
        ]
    }

    private func descriptions(_ records: some Sequence<FunctionRecord>, isQualified: Bool) async throws -> APIValue {
        var descriptions: [APIValue] = []
        for record in records { descriptions.append(.structure(try await describe(record, isQualified: isQualified))) }
        return .list(descriptions)
    }

    private static func pageSize(_ input: APIStructure) -> Int {
        min(Int(input.integer("MaxItems") ?? Int64(largestPage)), largestPage)
    }

    private static func position(_ input: APIStructure, operation: String, scope: String) throws(APIError) -> JSONValue? {
        guard let marker = input.string("Marker"), !marker.isEmpty else { return nil }
        do throws(APIError) {
            return try ListPosition.value(marker, operation: operation, scope: scope)
        } catch {
            throw LambdaError.invalidParameter("Invalid Marker")
        }
    }
}
