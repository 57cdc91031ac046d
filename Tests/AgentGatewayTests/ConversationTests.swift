import AWSProtocols
import AgentProtocol
import Crypto
import Engine
import Store
import Testing
import TimeSource

@testable import AgentGateway

/// Who may talk to the server, and what is refused.
@Suite struct ConversationTests {
    @Test("a host enrols once, however often it asks with the same key")
    func enrolling() async throws {
        let room = try await ServerRoom()
        let activation = try await room.call(
            "CreateActivation",
            ["IamRole": "role", "DefaultInstanceName": "crawler", "Tags": [["Key": "team", "Value": "batch"]]])
        let (id, code) = (activation.string("ActivationId") ?? "", activation.string("ActivationCode") ?? "")
        var agent = AgentDouble(room: room)
        try await agent.enrol(id: id, code: code, tags: [NamedValue(name: "role", value: "crawler")])
        let first = agent.instance
        agent.instance = RequestSignature.unregisteredInstance
        try await agent.enrol(id: id, code: code)
        #expect(agent.instance == first)
        #expect(first.hasPrefix("mi-") && first.utf8.count == 20)
        let list = try await room.call("DescribeActivations").structures("ActivationList")
        #expect(list.first?.integer("RegistrationsCount") == 1)
        let node = try await room.call("DescribeInstanceInformation").structures("InstanceInformationList").first
        #expect(node?.string("Name") == "crawler")
        #expect(node?.string("PingStatus") == "ConnectionLost")
        #expect(node?.string("ComputerName") == "host")
        let tags = try await room.call("ListTagsForResource", ["ResourceType": "ManagedInstance", "ResourceId": .string(first)])
        #expect(tags.structures("TagList").map { $0.string("Key") } == ["role", "team"])
        // The activation was for one host.
        let other = AgentDouble(room: room)
        let refused = try await other.refusal(
            other.request("POST", AgentRoute.register, body: other.registration(id: id, code: code).bytes))
        #expect(refused == .invalidActivation)
        await room.remove()
    }

    @Test("wrong, expired and unknown activations look the same, and too many tries are slowed down")
    func badActivations() async throws {
        let room = try await ServerRoom()
        let activation = try await room.call("CreateActivation", ["IamRole": "role"])
        let (id, code) = (activation.string("ActivationId") ?? "", activation.string("ActivationCode") ?? "")
        let agent = AgentDouble(room: room)
        for (triedID, triedCode) in [(id, "wrong"), ("unknown", code)] {
            let refused = try await agent.refusal(
                agent.request("POST", AgentRoute.register, body: agent.registration(id: triedID, code: triedCode).bytes))
            #expect(refused == .invalidActivation)
        }
        room.clock.advance(by: .seconds(86_400))
        #expect(
            try await agent.refusal(
                agent.request("POST", AgentRoute.register, body: agent.registration(id: id, code: code).bytes)) == .invalidActivation)
        for _ in 0..<9 {
            _ = try await agent.send(agent.request("POST", AgentRoute.register, body: agent.registration(id: id, code: "x").bytes))
        }
        let (status, _) = try await agent.send(
            agent.request("POST", AgentRoute.register, body: agent.registration(id: id, code: "x").bytes))
        #expect(status == 429)
        var elsewhere = agent
        elsewhere.address = "10.0.0.2"
        #expect(
            try await elsewhere.send(
                elsewhere.request("POST", AgentRoute.register, body: elsewhere.registration(id: id, code: "x").bytes)
            ).status == 400)
        await room.remove()
    }

    @Test("each request is checked: key, body, time, nonce, node")
    func signatures() async throws {
        let room = try await ServerRoom()
        var agent = try await room.enrolledAgent()
        try await agent.greet()
        let body = Report(messages: []).bytes
        func refusal(_ request: GatewayRequest) async throws -> Refusal.Code? { try await agent.refusal(request) }
        #expect(try await refusal(agent.request("POST", AgentRoute.report, session: agent.session, body: body)) == nil)
        #expect(
            try await refusal(agent.request("POST", AgentRoute.report, session: agent.session, body: body, signedBody: [1]))
                == .invalidSignature)
        let late = room.clock.now.milliseconds - 301_000
        #expect(
            try await refusal(agent.request("POST", AgentRoute.report, session: agent.session, body: body, at: late)) == .clockSkew)
        let twice = try agent.request("POST", AgentRoute.report, session: agent.session, body: body)
        #expect(try await refusal(twice) == nil)
        #expect(try await refusal(twice) == .invalidSignature)
        var stranger = agent
        stranger.key = .init()
        #expect(
            try await stranger.refusal(stranger.request("POST", AgentRoute.report, session: agent.session, body: body))
                == .invalidSignature)
        stranger = agent
        stranger.instance = "mi-00000000000000000"
        #expect(
            try await stranger.refusal(stranger.request("POST", AgentRoute.report, session: agent.session, body: body))
                == .invalidSignature)
        #expect(
            try await refusal(agent.request("POST", AgentRoute.report, session: "unknown", body: body)) == .sessionEnded)
        #expect(try await agent.send(agent.request("GET", "/agent/v1/else")).status == 404)
        await room.remove()
    }

    @Test("a lower incarnation is quarantined, a deregistered node is told so")
    func refusedNodes() async throws {
        let room = try await ServerRoom()
        var agent = try await room.enrolledAgent()
        agent.incarnation = 5
        try await agent.greet()
        var clone = agent
        clone.incarnation = 4
        #expect(try await clone.refusal(clone.request("POST", AgentRoute.session, body: clone.greeting().bytes)) == .quarantined)
        #expect(
            try await clone.refusal(
                clone.request("POST", AgentRoute.report, session: agent.session, body: Report(messages: []).bytes)) == .quarantined)
        _ = try await room.call("DeregisterManagedInstance", ["InstanceId": .string(agent.instance)])
        #expect(try await agent.refusal(agent.request("POST", AgentRoute.session, body: agent.greeting().bytes)) == .deregistered)
        #expect(try await room.errorCode("DeregisterManagedInstance", ["InstanceId": .string(agent.instance)]) == "InvalidInstanceId")
        await room.remove()
    }

    @Test("a newer session ends the older one, and a restart ends them all")
    func sessions() async throws {
        let room = try await ServerRoom()
        var agent = try await room.enrolledAgent()
        try await agent.greet()
        let old = agent
        try await agent.greet()
        #expect(
            try await old.refusal(old.request("POST", AgentRoute.report, session: old.session, body: Report(messages: []).bytes))
                == .sessionEnded)
        let again = try await room.restarted()
        agent.room = again
        #expect(
            try await agent.refusal(
                agent.request("POST", AgentRoute.report, session: agent.session, body: Report(messages: []).bytes)) == .sessionEnded)
        try await agent.greet()
        #expect(try await agent.report() == [])
        await again.remove()
    }

    @Test("tags of the agent are applied when they change, and those of operators stay")
    func tags() async throws {
        let room = try await ServerRoom()
        var agent = try await room.enrolledAgent(tags: [NamedValue(name: "role", value: "web")])
        let resource: APIStructure = ["ResourceType": "ManagedInstance", "ResourceId": .string(agent.instance)]
        func tags() async throws -> [String] {
            try await room.call("ListTagsForResource", resource).structures("TagList").map {
                "\($0.string("Key") ?? "")=\($0.string("Value") ?? "")"
            }
        }
        var added = resource
        added["Tags"] = [["Key": "owner", "Value": "ops"]]
        _ = try await room.call("AddTagsToResource", added)
        try await agent.greet(tags: [NamedValue(name: "zone", value: "b")])
        #expect(try await tags() == ["owner=ops", "zone=b"])
        var removed = resource
        removed["TagKeys"] = ["zone"]
        _ = try await room.call("RemoveTagsFromResource", removed)
        // Said again it is no news.
        try await agent.greet(tags: [NamedValue(name: "zone", value: "b")])
        #expect(try await tags() == ["owner=ops"])
        await room.remove()
    }

    @Test("a node is Online while its stream is open, and for a moment after")
    func presence() async throws {
        let room = try await ServerRoom()
        var agent = try await room.enrolledAgent()
        func status() async throws -> String? {
            try await room.call("DescribeInstanceInformation").structures("InstanceInformationList").first?.string("PingStatus")
        }
        #expect(try await status() == "ConnectionLost")
        try await agent.greet()
        #expect(try await status() == "Online")
        _ = room.coordinator.sessions.openStream(agent.session, of: agent.instance)
        room.clock.advance(by: .seconds(30))
        #expect(try await status() == "Online")
        room.coordinator.sessions.closeStream(agent.session, of: agent.instance)
        #expect(try await status() == "Online")
        room.clock.advance(by: .seconds(16))
        #expect(try await status() == "ConnectionLost")
        await room.remove()
    }
}
