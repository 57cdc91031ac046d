import AWSProtocols
import Store

extension FunctionService {
    /// PutFunctionConcurrency.
    @Sendable func putConcurrency(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let reserved = input.integer("ReservedConcurrentExecutions") ?? 0
        try await reserve(reserved, try reference(input, context), context)
        return ["ReservedConcurrentExecutions": .integer(reserved)]
    }

    /// GetFunctionConcurrency.
    @Sendable func getConcurrency(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let record = try await find(try reference(input, context).unqualified)
        return ["ReservedConcurrentExecutions": .optional(record.reservedConcurrency)]
    }

    /// DeleteFunctionConcurrency.
    @Sendable func deleteConcurrency(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        try await reserve(nil, try reference(input, context), context)
        return [:]
    }

    private func reserve(_ reserved: Int64?, _ reference: FunctionReference, _ context: RequestContext) async throws {
        _ = try await change(reference, expecting: nil, at: context.receivedAt) { (change) throws(APIError) in
            change.record.reservedConcurrency = reserved
            change.isNewRevision = false
        }
    }
}
