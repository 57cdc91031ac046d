import AWSProtocols
import Engine
import EventPatterns
import JSONCore
import Store
import TimeSource

extension RuleService {
    @Sendable func putEvents(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        if let key = context.dedupeKey, let answer = try await earlierAnswer(key) { return answer }
        let entries = input.structures("Entries").map { PutEventsEntry($0) }
        guard entries.reduce(0, { $0 + $1.size }) < PutEventsEntry.sizeLimit else {
            throw APIError.validation("Total size of the entries in the request is over the limit.")
        }
        var events: [BusEvent] = []
        var failures: Int64 = 0
        let results = entries.map { entry -> APIValue in
            do throws(PutEventsEntry.Fault) {
                let event = try entry.event(id: identifiers.uuid(), context)
                events.append(event)
                return ["EventId": .string(event.id)]
            } catch {
                failures += 1
                return ["ErrorCode": .string(error.code), "ErrorMessage": .string(error.message)]
            }
        }
        let answer: APIStructure = ["FailedEntryCount": .integer(failures), "Entries": .list(results)]
        let inbox = context.dedupeKey.map { key in
            [InboxStore.record(key, result: JSONWriter.bytes(of: .object(answer.plainJSON)), at: clock.now)]
        }
        do {
            try await router.put(events, with: inbox ?? [])
        } catch let error as StoreError {
            // The same request was applied between the look and the commit.
            if error.code == .conflict, let key = context.dedupeKey, let answer = try await earlierAnswer(key) { return answer }
            throw error.apiError
        }
        return answer
    }

    @Sendable func testPattern(_ context: RequestContext, _ input: APIStructure) async throws -> APIStructure {
        let event = try? JSONParser.parse(input.requiredString("Event"))
        // What an event must have to be tested (EventBridge API Reference, TestEventPattern, parameter Event); AWS does without the
        // resources that are named there.
        let mandatory: [JSONString] = ["id", "account", "source", "time", "region", "detail-type"]
        guard let event, let members = event.object, mandatory.allSatisfy(members.contains) else {
            throw EventsError.invalidParameter("Event")
        }
        do throws(EventPatternError) {
            return ["Result": .bool(try EventPattern(parsing: input.string("EventPattern") ?? "").matches(event))]
        } catch {
            throw EventsError.invalidEventPattern(error.eventPatternMessage)
        }
    }

    private func earlierAnswer(_ key: String) async throws -> APIStructure? {
        guard let bytes = try await database.read({ try InboxStore.result(of: key, in: $0) }) else { return nil }
        return (try? JSONParser.parse(bytes))?.object.map(APIStructure.init)
    }
}
