import AWSProtocols
import JSONCore

/// A page of a list by name of which a request wants a part: by a prefix of the name, a state or another fact.
///
/// Pages are read until there are enough entries, at most so many: a list of which little is wanted may have an empty page with a
/// token (core rule 3).
struct FilteredPage<Entry: Sendable>: Sendable {
    /// What is shown.
    let entries: [Entry]
    /// `NextToken`, null at the end.
    let token: APIValue

    private static var pageSize: Int { 100 }
    private static var reads: Int { 20 }

    /// Reads the page that a request asks for.
    /// - Parameters:
    ///   - filters: the members of the request that say which entries it wants; a token is good for the same ones alone.
    ///   - read: reads entries by name, those after one, at most so many.
    ///   - isWanted: whether an entry is shown.
    init(
        _ input: APIStructure, operation: String, filters: [String], name: (Entry) -> String,
        read: (_ after: String, _ limit: Int) async throws -> [Entry], where isWanted: (Entry) -> Bool
    ) async throws {
        let scope = filters.map { input.string($0) ?? "" }.joined(separator: "\n")
        let limit = input.integer("Limit").map { max(1, min(Int($0), Self.pageSize)) } ?? Self.pageSize
        var last = try Self.position(input, operation: operation, scope: scope)
        var shown: [Entry] = []
        var isOver = false
        for _ in 0..<Self.reads where !isOver && shown.count < limit {
            let page = try await read(last, Self.pageSize)
            isOver = page.count < Self.pageSize
            for entry in page {
                if shown.count == limit {
                    guard isWanted(entry) else { continue }
                    isOver = false
                    break
                }
                last = name(entry)
                if isWanted(entry) { shown.append(entry) }
            }
        }
        entries = shown
        token = isOver ? .null : .string(PageToken(operation: operation, scope: scope, position: .text(last)).text)
    }

    private static func position(_ input: APIStructure, operation: String, scope: String) throws(APIError) -> String {
        guard let token = input.string("NextToken") else { return "" }
        do throws(PageToken.Fault) {
            guard let text = try PageToken.position(in: token, operation: operation, scope: scope).text else { throw .malformed }
            return text
        } catch {
            throw EventsError.invalidParameter("NextToken")
        }
    }
}
