import AWSProtocols
import Testing

@testable import AgentGateway

/// What SendCommand refuses, and how listings are cut into pages.
@Suite struct SendCommandTests {
    struct Refused: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let members: APIStructure
        let code: String
    }

    static let refused: [Refused] = [
        Refused(testDescription: "an unknown node", members: ["InstanceIds": ["mi-00000000000000000"]], code: "InvalidInstanceId"),
        Refused(testDescription: "a node twice", members: ["InstanceIds": ["mi-1", "mi-1"]], code: "DuplicateInstanceId"),
        Refused(testDescription: "an unknown document", members: ["DocumentName": "No-Such"], code: "InvalidDocument"),
        Refused(testDescription: "an unknown version", members: ["DocumentVersion": "7"], code: "InvalidDocumentVersion"),
        Refused(
            testDescription: "an unknown parameter", members: ["Parameters": ["commands": ["x"], "no": ["y"]]], code: "InvalidParameters"),
        Refused(testDescription: "a missing parameter", members: ["Parameters": [:]], code: "InvalidParameters"),
        Refused(testDescription: "no commands", members: ["Parameters": ["commands": []]], code: "InvalidParameters"),
        Refused(
            testDescription: "a timeout that is no number", members: ["Parameters": ["commands": ["x"], "executionTimeout": ["soon"]]],
            code: "InvalidParameters"),
        Refused(
            testDescription: "a timeout of more than 48 hours",
            members: ["Parameters": ["commands": ["x"], "executionTimeout": ["172801"]]], code: "InvalidParameters"),
        Refused(
            testDescription: "two values for one", members: ["Parameters": ["commands": ["x"], "workingDirectory": ["/a", "/b"]]],
            code: "InvalidParameters"),
        Refused(
            testDescription: "a wrong hash", members: ["DocumentHash": "00", "DocumentHashType": "Sha256"], code: "InvalidDocument"),
        Refused(
            testDescription: "nodes and targets", members: ["Targets": [["Key": "tag:a", "Values": ["b"]]]], code: "ValidationException"),
    ]

    @Test("SendCommand refuses", arguments: refused)
    func refusal(_ refused: Refused) async throws {
        let room = try await ServerRoom()
        let agent = try await room.enrolledAgent()
        var input: APIStructure = [
            "DocumentName": "AWS-RunShellScript", "InstanceIds": [.string(agent.instance)], "Parameters": ["commands": ["true"]],
        ]
        for member in refused.members.members { input[member.name] = member.value }
        #expect(try await room.errorCode("SendCommand", input) == refused.code)
        #expect(try await room.call("ListCommands").structures("Commands").isEmpty)
        await room.remove()
    }

    @Test("commands and invocations are listed the latest first, page by page")
    func pages() async throws {
        let room = try await ServerRoom()
        var agent = try await room.enrolledAgent()
        try await agent.greet()
        var sent: [String] = []
        for index in 0..<5 { sent.append(try await room.send("echo \(index)", to: [agent.instance])) }
        try await agent.run(sent[0])
        for (operation, list) in [("ListCommands", "Commands"), ("ListCommandInvocations", "CommandInvocations")] {
            for node in [nil, agent.instance] {
                var listed: [String] = []
                var token: String?
                repeat {
                    var input: APIStructure = ["MaxResults": 2, "NextToken": .optional(token), "InstanceId": .optional(node)]
                    if node == nil { input["InstanceId"] = nil }
                    let page = try await room.call(operation, input)
                    #expect(page.structures(list).count <= 2)
                    listed += page.structures(list).compactMap { $0.string("CommandId") }
                    token = page.string("NextToken")
                } while token != nil
                #expect(listed == sent.reversed())
            }
            let done = try await room.call(operation, ["Filters": [["key": "Status", "value": "Success"]]])
            #expect(done.structures(list).compactMap { $0.string("CommandId") } == [sent[0]])
            #expect(try await room.errorCode(operation, ["NextToken": "broken"]) == "InvalidNextToken")
            #expect(try await room.errorCode(operation, ["Filters": [["key": "InvokedAfter", "value": "soon"]]]) == "InvalidFilterKey")
        }
        await room.remove()
    }

    @Test("an invocation that is none, and a plugin that is none")
    func missing() async throws {
        let room = try await ServerRoom()
        let agent = try await room.enrolledAgent()
        let command = try await room.send("true", to: [agent.instance])
        #expect(
            try await room.errorCode(
                "GetCommandInvocation", ["CommandId": .string(command), "InstanceId": "mi-00000000000000000"])
                == "InvocationDoesNotExist")
        #expect(
            try await room.errorCode(
                "GetCommandInvocation",
                ["CommandId": .string(command), "InstanceId": .string(agent.instance), "PluginName": "other"]) == "InvalidPluginName")
        let found = try await room.call(
            "GetCommandInvocation", ["CommandId": .string(command), "InstanceId": .string(agent.instance)])
        #expect(found.string("Status") == "Pending")
        #expect(found.integer("ResponseCode") == -1)
        #expect(found.string("ExecutionStartDateTime") == "")
        await room.remove()
    }
}
