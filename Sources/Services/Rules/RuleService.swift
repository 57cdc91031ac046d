import AWSProtocols
package import Engine
import JSONCore
package import Store
package import TimeSource

/// Rules of event buses and their targets: operations of Amazon EventBridge.
package final class RuleService: Sendable {
    let database: any Database
    let ticker: ScheduleTicker
    let router: EventRouter
    let clock: any ClockSource
    let identifiers: IdentifierSource

    /// Entries of a page when the request does not say.
    static let pageSize = 100
    /// A detail may be escaped in the request's JSON, so that it takes twice its size or more.
    private static let putEventsBodyLimit = 4 << 20
    /// How often a change is tried again when another request, or a tick, was faster.
    private static let raceAttempts = 5

    /// A service over the store, which tells the ticker and the router of every change.
    package init(
        database: any Database, ticker: ScheduleTicker, router: EventRouter, clock: any ClockSource, identifiers: IdentifierSource
    ) {
        self.database = database
        self.ticker = ticker
        self.router = router
        self.clock = clock
        self.identifiers = identifiers
    }

    /// Adds this service's operations.
    package func register(in registry: inout OperationRegistry) {
        func add(
            _ operation: String, partial: String? = nil, bodyLimit: Int? = nil, isQuick: Bool = false,
            _ handler: @escaping OperationHandler
        ) {
            let options = OperationOptions(partial: partial, bodyLimit: bodyLimit, isQuick: isQuick)
            registry.register(service: "events", operation: operation, options: options, handler: handler)
        }
        add("PutEvents", bodyLimit: RuleService.putEventsBodyLimit, isQuick: true, putEvents)
        add("PutRule", put)
        add("DeleteRule", delete)
        add("DescribeRule", describe)
        add("ListRules", list)
        add("EnableRule", enable)
        add("DisableRule", disable)
        add(
            "PutTargets",
            partial: """
                state machines, functions, queues, topics, event buses, log groups, Run Command and API destinations of the same account \
                and region
                """, putTargets)
        add("RemoveTargets", removeTargets)
        add("ListTargetsByRule", listTargets)
        add("ListRuleNamesByTarget", listRuleNames)
        add("TagResource", tag)
        add("UntagResource", untag)
        add("ListTagsForResource", listTags)
        add("TestEventPattern", testPattern)
        add("CreateEventBus", partial: "no partner event sources; key, logging and dead-letter queue are stored", createBus)
        add("UpdateEventBus", partial: "key, logging and dead-letter queue are stored", updateBus)
        add("DeleteEventBus", deleteBus)
        add("DescribeEventBus", describeBus)
        add("ListEventBuses", listBuses)
        add("PutPermission", partial: "the policy is stored and returned, not evaluated", putPermission)
        add("RemovePermission", removePermission)
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
