import AWSProtocols

/// The entries of a batch request, checked as a batch: how many, and their ids (Amazon SQS API Reference, SendMessageBatch).
struct BatchEntries {
    /// An entry and the id by which its answer is known.
    struct Entry {
        let id: String
        let input: APIStructure
    }

    /// The answer of a batch: what each entry came to.
    struct Answer {
        private var successful: [APIValue] = []
        private var failed: [APIValue] = []

        /// An entry succeeded.
        mutating func succeed(_ answer: APIStructure) {
            successful.append(.structure(answer))
        }

        /// An entry failed.
        mutating func fail(_ id: String, _ error: APIError) {
            let isSender = (error.httpStatus ?? 400) < 500
            failed.append([
                "Id": .string(id), "SenderFault": .bool(isSender), "Code": .string(error.code), "Message": .string(error.message),
            ])
        }

        /// The output; lists without elements are left out, as AWS does.
        var output: APIStructure {
            var output = APIStructure()
            if !successful.isEmpty { output.append("Successful", .list(successful)) }
            if !failed.isEmpty { output.append("Failed", .list(failed)) }
            return output
        }
    }

    private static let limit = 10

    /// The entries in their order.
    let entries: [Entry]

    /// The entries of a request.
    /// - Parameter kind: how the Query protocol calls one, `SendMessageBatchRequestEntry`, which errors name.
    init(_ input: APIStructure, kind: String) throws(APIError) {
        let inputs = input.structures("Entries")
        guard !inputs.isEmpty else {
            throw APIError("EmptyBatchRequest", "There should be at least one \(kind) in the request.")
        }
        guard inputs.count <= BatchEntries.limit else {
            throw APIError(
                "TooManyEntriesInBatchRequest",
                "Maximum number of entries per request are \(BatchEntries.limit). You have sent \(inputs.count).")
        }
        var entries: [Entry] = []
        entries.reserveCapacity(inputs.count)
        for input in inputs {
            let id = input.string("Id") ?? ""
            guard (1...80).contains(id.utf8.count), id.utf8.allSatisfy(QueueNameRules.isNameByte) else {
                throw APIError(
                    "InvalidBatchEntryId",
                    "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long."
                )
            }
            guard !entries.contains(where: { $0.id == id }) else {
                throw APIError("BatchEntryIdsNotDistinct", "Id \(id) repeated.")
            }
            entries.append(Entry(id: id, input: input))
        }
        self.entries = entries
    }
}
