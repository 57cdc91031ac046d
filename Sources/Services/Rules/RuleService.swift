import AWSProtocols
package import Engine
import JSONCore
package import Store
package import TimeSource

/// Rules of event buses and their targets: operations of Amazon EventBridge.
package final class RuleService: Sendable {
    let database: any Database
    let ticker: ScheduleTicker
    let clock: any ClockSource
    let identifiers: IdentifierSource

    /// Entries of a page when the request does not say.
    static let pageSize = 100
    /// How often a change is tried again when another request, or a tick, was faster.
    private static let raceAttempts = 5

    /// A service over the store, which tells the ticker of every change.
    package init(database: any Database, ticker: ScheduleTicker, clock: any ClockSource, identifiers: IdentifierSource) {
        self.database = database
        self.ticker = ticker
        self.clock = clock
        self.identifiers = identifiers
    }

    /// Adds this service's operations.
    package func register(in registry: inout OperationRegistry) {
        func add(_ operation: String, partial: String? = nil, _ handler: @escaping OperationHandler) {
            registry.register(service: "events", operation: operation, options: OperationOptions(partial: partial), handler: handler)
        }
        add("PutRule", partial: "schedules on the default bus; an `EventPattern` is checked and stored, not matched yet", put)
        add("DeleteRule", delete)
        add("DescribeRule", describe)
        add("ListRules", list)
        add("EnableRule", enable)
        add("DisableRule", disable)
        add(
            "PutTargets",
            partial: "called are state machines, functions, topics and Run Command; `DeadLetterConfig` is stored, not acted on", putTargets)
        add("RemoveTargets", removeTargets)
        add("ListTargetsByRule", listTargets)
        add("ListRuleNamesByTarget", listRuleNames)
        add("TagResource", tag)
        add("UntagResource", untag)
        add("ListTagsForResource", listTags)
        add("TestEventPattern", testPattern)
        add("DescribeEventBus", partial: "the default bus only", describeBus)
        add("ListEventBuses", partial: "the default bus only", listBuses)
    }

    /// The rule of a request.
    func rule(_ name: String, bus: String, _ context: RequestContext) async throws -> RuleRecord {
        let record = try await database.read {
            try RuleStore.find(name: name, bus: bus, account: context.account, in: $0)
        }
        guard let record else { throw EventsError.ruleNotFound(name, bus: bus) }
        return record
    }

    /// Runs `body` again when another request was faster; `.conflict` is what the store answers then.
    func retryingRaces<Value>(_ body: () async throws -> Value) async throws -> Value {
        for _ in 1..<RuleService.raceAttempts {
            do {
                return try await body()
            } catch let error as StoreError where error.code == .conflict {}
        }
        do {
            return try await body()
        } catch let error as StoreError {
            throw error.apiError
        }
    }

    /// The text after which a page begins; empty for the first one.
    func position(_ input: APIStructure, operation: String, scope: String = "") throws(APIError) -> String {
        guard let token = input.string("NextToken") else { return "" }
        do throws(PageToken.Fault) {
            guard let text = try PageToken.position(in: token, operation: operation, scope: scope).text else { throw .malformed }
            return text
        } catch {
            throw EventsError.invalidParameter("NextToken")
        }
    }

    /// The entries of a page, and its token when there are more.
    /// - Parameter read: reads up to so many entries.
    func page<Entry: Sendable>(
        _ input: APIStructure, operation: String, scope: String = "", position: (Entry) -> String,
        read: (_ limit: Int) async throws -> [Entry]
    ) async throws -> (entries: [Entry], token: APIValue) {
        let limit = input.integer("Limit").map(Int.init) ?? RuleService.pageSize
        let entries = try await read(limit + 1)
        guard entries.count > limit, limit > 0 else { return (entries, .null) }
        let token = PageToken(operation: operation, scope: scope, position: .text(position(entries[limit - 1])))
        return (Array(entries.prefix(limit)), .string(token.text))
    }
}
