import AWSProtocols
import Engine
import EventPatterns
import JSONCore
import Store

extension RuleService {
    @Sendable func describeBus(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = try EventBusName.value(input.string("Name"))
        return ["Name": .string(name), "Arn": .string(EventBusName.arn(name, context))]
    }

    @Sendable func listBuses(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let name = RuleRecord.defaultBus
        guard name.utf8.starts(with: (input.string("NamePrefix") ?? "").utf8) else { return ["EventBuses": []] }
        return ["EventBuses": [["Name": .string(name), "Arn": .string(EventBusName.arn(name, context))]]]
    }

    @Sendable func testPattern(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let event = try? JSONParser.parse(input.requiredString("Event"))
        // What an event must have to be tested (EventBridge API Reference, TestEventPattern, parameter Event).
        let mandatory: [JSONString] = ["id", "account", "source", "time", "region", "resources", "detail-type"]
        guard let event, let members = event.object, mandatory.allSatisfy(members.contains) else {
            throw EventsError.invalidParameter("Event")
        }
        do throws(EventPatternError) {
            return ["Result": .bool(try EventPattern(parsing: input.string("EventPattern") ?? "").matches(event))]
        } catch {
            throw EventsError.invalidEventPattern(error.eventPatternMessage)
        }
    }
}
