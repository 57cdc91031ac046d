import AWSProtocols
import AgentProtocol
import Testing

@testable import Services

/// What makes a text a command document, and what is said of one that is none.
struct CommandDocumentTests {
    private func document(_ text: String, _ format: DocumentText.Format = .json) throws -> CommandDocument {
        try CommandDocument(name: "d", text: DocumentText(text: text, format: format))
    }

    /// A document of schema 2.2 with these parameters and steps.
    private func document(parameters: String = "{}", steps: String) throws -> CommandDocument {
        try document(#"{"schemaVersion": "2.2", "parameters": \#(parameters), "mainSteps": \#(steps)}"#)
    }

    private static func step(_ inputs: String, _ more: String = "") -> String {
        #"[{"action": "aws:runShellScript", "name": "s"\#(more), "inputs": \#(inputs)}]"#
    }

    @Test func whatIsBuiltInIsWhole() {
        #expect(
            CommandDocument.builtIn.map(\.name)
                == ["AWS-RunPowerShellScript", "AWS-RunRemoteScript", "AWS-RunShellScript", "Nightshift-RunShellScript"])
        let everywhere = ["Windows", "Linux", "MacOS"]
        #expect(CommandDocument.builtIn.map(\.platformTypes) == [everywhere, everywhere, ["Linux", "MacOS"], ["Linux", "MacOS"]])
    }

    @Test func bothFormatsMakeTheSameDocument() throws {
        let json = try document(
            parameters: #"{"who": {"type": "String", "default": "all"}}"#,
            steps: Self.step(#"{"runCommand": ["echo {{ who }}"], "timeoutSeconds": "60"}"#))
        let yaml = try document(
            """
            schemaVersion: '2.2'
            parameters:
              who: {type: String, default: all, description: }
            mainSteps:
              - action: aws:runShellScript
                name: s
                inputs:
                  timeoutSeconds: 60
                  runCommand:
                    - echo {{ who }}
            """, .yaml)
        #expect(try json.steps(with: []) == yaml.steps(with: []))
        #expect(try json.steps(with: [("who", ["me"])])[0].commands == ["echo me"])
    }

    @Test(arguments: [
        (#"{"schemaVersion": "2.2""#, "JSON not well-formed. at Line: 1, Column: 24"), ("[]", "must be an object"),
        ("{}", "schemaVersion is missing"), (#"{"schemaVersion": "2.2"}"#, "mainSteps must have at least one step"),
        (#"{"schemaVersion": "2.2", "mainSteps": {}}"#, "mainSteps must be a list"),
        (#"{"schemaVersion": "2.2", "mainSteps": ["x"]}"#, "mainSteps[0] must be an object"),
        (#"{"schemaVersion": "2.2", "runtimeConfig": {}}"#, "runtimeConfig is unknown here"),
        (#"{"schemaVersion": "1.2", "mainSteps": []}"#, "mainSteps is unknown here"),
        (#"{"schemaVersion": "1.2"}"#, "runtimeConfig is missing"),
        (#"{"schemaVersion": "1.2", "runtimeConfig": {}}"#, "runtimeConfig must have 1 to 64 plugins"),
        (#"{"schemaVersion": "1.2", "runtimeConfig": {"aws:applications": {"properties": []}}}"#, "does not have"),
        (
            #"{"schemaVersion": "1.2", "runtimeConfig": {"aws:runShellScript": {}}}"#,
            "runtimeConfig.aws:runShellScript.properties is missing"
        ),
        (
            #"{"schemaVersion": "1.2", "runtimeConfig": {"aws:runShellScript": {"properties": [{}]}}}"#,
            "runtimeConfig.aws:runShellScript.properties[0].runCommand is missing"
        ),
        (#"{"schemaVersion": "2.2", "description": 1, "mainSteps": []}"#, "description must be a string"),
        (#"{"schemaVersion": "2.2", "schemaVersion": "2.2"}"#, "JSON not well-formed"),
    ])
    func aTextThatIsNoDocumentIsRefused(text: String, message: String) throws {
        let error = #expect(throws: APIError.self) { try document(text) }
        #expect(error?.code == "InvalidDocumentContent")
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test func malformedYAMLIsToldWithItsPlace() {
        let error = #expect(throws: APIError.self) { try document("schemaVersion: '2.2'\nmainSteps: [", .yaml) }
        #expect(error?.code == "InvalidDocumentContent")
        #expect(error?.message.hasPrefix("YAML not well-formed. at Line: ") == true)
    }

    @Test(arguments: ["0.3", "1.0", "2.1", "3.0", "x"])
    func otherSchemaVersionsAreRefused(version: String) {
        let error = #expect(throws: APIError.self) { try document(#"{"schemaVersion": "\#(version)", "mainSteps": []}"#) }
        #expect(error?.code == "InvalidDocumentSchemaVersion")
    }

    @Test(arguments: [
        (#"[{"name": "s", "inputs": {}}]"#, "mainSteps[0].action is missing"),
        (#"[{"action": "aws:runShellScript", "inputs": {}}]"#, "mainSteps[0].name is missing"),
        (#"[{"action": "aws:runShellScript", "name": "a b", "inputs": {}}]"#, "mainSteps[0].name must have"),
        (#"[{"action": "aws:runShellScript", "name": "s"}]"#, "mainSteps[0].inputs is missing"),
        (#"[{"action": "aws:runShellScript", "name": "s", "inputs": {}}]"#, "mainSteps[0].inputs.runCommand is missing"),
        (#"[{"action": "aws:runShellScript", "name": "s", "inputs": [{"runCommand": []}]}]"#, "mainSteps[0].inputs must be an object"),
        (#"[{"action": "aws:dance", "name": "s", "inputs": {}}]"#, "unknown plugin: aws:dance"),
        (#"[{"action": "aws:domainJoin", "name": "s", "inputs": {}}]"#, "aws:domainJoin, which Nightshift's agent does not have"),
        (#"[{"action": "aws:runShellScript", "name": "s", "inputs": {"runCommand": ["a"]}, "next": "x"}]"#, "mainSteps[0].next is unknown"),
        (step(#"{"runCommand": [{}]}"#), "mainSteps[0].inputs.runCommand[0] must be a string"),
        (step(#"{"runCommand": {"a": 1}}"#), "runCommand must be a list of strings"),
        (step(#"{"runCommand": "{{ nothing }}"}"#), "mainSteps[0].inputs.runCommand names the parameter nothing, which is not declared"),
        (step(#"{"runCommand": ["a", "{{ nothing }}"]}"#), "mainSteps[0].inputs.runCommand[1] names the parameter nothing"),
        (step(#"{"runCommand": ["a"], "workingDirectry": "/"}"#), "mainSteps[0].inputs.workingDirectry is unknown here"),
        (step(#"{"runCommand": ["a"], "timeoutSeconds": 0}"#), "timeoutSeconds must be a whole number from 1 to 172800"),
        (step(#"{"runCommand": ["a"], "timeoutSeconds": "soon"}"#), "timeoutSeconds must be a whole number"),
        (step(#"{"runCommand": ["a"], "onFailure": "abort"}"#), "inputs.onFailure must be one of exit, successAndExit, continue"),
        (step(#"{"runCommand": ["a"], "onSuccess": "successAndExit"}"#), "inputs.onSuccess must be one of exit, continue"),
        (step(#"{"runCommand": ["a"]}"#, #", "onFailure": "Abort""#), "mainSteps[0].onFailure must be one of"),
        (step(#"{"runCommand": ["a"], "finallyStep": "maybe"}"#), "finallyStep must be true or false"),
        (step(#"{"runCommand": ["a"]}"#, #", "precondition": {"StringNotEquals": ["a", "b"]}"#), "precondition.StringNotEquals is unknown"),
        (step(#"{"runCommand": ["a"]}"#, #", "precondition": {"StringEquals": ["platformType"]}"#), "StringEquals must have two strings"),
        (step(#"{"runCommand": ["a"]}"#, #", "precondition": {"StringEquals": ["{{ os }}", "x"]}"#), "names the parameter os"),
        (step(#"{"runCommand": ["a"], "umask": "999"}"#), "umask must be an octal number"),
        (step(#"{"runCommand": ["a"], "nice": 30}"#), "nice must be a whole number from -20 to 19"),
        (step(#"{"runCommand": ["a"], "limits": {"files": 1}}"#), "limits.files is no limit"),
        (step(#"{"runCommand": ["a"], "limits": {"nofile": "9:1"}}"#), "limits.nofile must be a number"),
        (step(#"{"runCommand": ["a"], "memoryMax": "lots"}"#), "memoryMax must be a number of bytes"),
        (step(#"{"runCommand": ["a"], "memoryMax": "9999999999T"}"#), "memoryMax must be a number of bytes"),
        (step(#"{"runCommand": ["a"], "cpuQuota": "50"}"#), "cpuQuota must be a percentage"),
        (step(#"{"runCommand": ["a"], "runAsUser": "a:b"}"#), "runAsUser must be a name or a number"),
        (step(#"{"runCommand": ["a"], "environment": {"A=B": "x"}}"#), "environment.A=B is no environment variable"),
        (step(#"{"runCommand": ["a"], "environment": ["x"]}"#), "environment must be an object of strings"),
        (#"[{"action": "aws:downloadContent", "name": "s", "inputs": {"sourceType": "S3"}}]"#, "inputs.sourceInfo is missing"),
        (
            #"[{"action": "aws:downloadContent", "name": "s", "inputs": {"sourceType": "FTP", "sourceInfo": {}}}]"#,
            "sourceType must be one of"
        ),
        (
            #"[{"action": "aws:downloadContent", "name": "s", "inputs": {"sourceType": "S3", "sourceInfo": "no"}}]"#,
            "sourceInfo must be an object"
        ),
        (
            #"[{"action": "aws:downloadContent", "name": "s", "inputs": {"sourceType": "S3", "sourceInfo": {}}}]"#,
            "sourceInfo.path is missing"
        ),
        (
            #"[{"action": "aws:runShellScript", "name": "s", "inputs": {"runCommand": ["a"]}}, {"action": "aws:runShellScript", "name": "s", "inputs": {"runCommand": ["a"]}}]"#,
            "mainSteps[1] has the name s"
        ),
        (
            #"[{"action": "aws:runShellScript", "name": "s", "inputs": {"runCommand": ["a"], "finallyStep": true}}, {"action": "aws:runShellScript", "name": "t", "inputs": {"runCommand": ["a"]}}]"#,
            "mainSteps[0].inputs.finallyStep is for the last step only"
        ),
    ])
    func aFaultInAStepIsNamedWithItsPath(steps: String, message: String) {
        let error = #expect(throws: APIError.self) { try document(steps: steps) }
        #expect(error?.code == "InvalidDocumentContent")
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test(arguments: [
        (#"{"p": "String"}"#, "parameters.p must be an object"), (#"{"p": {}}"#, "parameters.p.type is missing"),
        (#"{"p": {"type": "Text"}}"#, "parameters.p.type must be one of String, StringList, Boolean"),
        (#"{"p q": {"type": "String"}}"#, "parameters.p q is no name"),
        (#"{"p": {"type": "String", "maxLength": 1}}"#, "parameters.p.maxLength is unknown here"),
        (#"{"p": {"type": "String", "default": []}}"#, "parameters.p.default is no String"),
        (#"{"p": {"type": "Integer", "default": "x"}}"#, "parameters.p.default is no Integer"),
        (#"{"p": {"type": "String", "default": "c", "allowedValues": ["a", "b"]}}"#, "parameters.p.default is not one of allowedValues"),
        (#"{"p": {"type": "String", "allowedValues": "a"}}"#, "parameters.p.allowedValues must be a list"),
        (#"{"p": {"type": "String", "allowedPattern": "("}}"#, "parameters.p.allowedPattern is no regular expression"),
        (#"{"p": {"type": "String", "minChars": -1}}"#, "parameters.p.minChars must be a whole number"),
        (#"{"p": {"type": "String", "minChars": 2, "maxChars": 1}}"#, "parameters.p.maxChars is less than minChars"),
        (#"{"p": {"type": "StringList", "minItems": 2, "maxItems": 1}}"#, "parameters.p.maxItems is less than minItems"),
        (#"{"p": {"type": "String", "displayType": "radio"}}"#, "parameters.p.displayType must be"),
        (#"{"p": {"type": "String", "interpolationType": "X"}}"#, "parameters.p.interpolationType must be ENV_VAR"),
        ("[]", "parameters must be an object"),
    ])
    func aFaultInAParameterIsNamedWithItsPath(parameters: String, message: String) {
        let error = #expect(throws: APIError.self) {
            try document(parameters: parameters, steps: Self.step(#"{"runCommand": ["a"]}"#))
        }
        #expect(error?.code == "InvalidDocumentContent")
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test func aPreconditionNeedsSchema22() {
        let steps = Self.step(#"{"runCommand": ["a"]}"#, #", "precondition": {"StringEquals": ["platformType", "Linux"]}"#)
        #expect(throws: Never.self) { try document(steps: steps) }
        let error = #expect(throws: APIError.self) { try document(#"{"schemaVersion": "2.0", "mainSteps": \#(steps)}"#) }
        #expect(error?.message == "mainSteps[0].precondition is not supported before schema version 2.2.")
    }

    @Test func platformsAreThoseOfTheSteps() throws {
        let power =
            #"{"action": "aws:runPowerShellScript", "name": "p", "precondition": {"StringEquals": ["platformType", "Windows"]}, "inputs": {"runCommand": ["a"]}}"#
        #expect(try document(steps: "[\(power)]").platformTypes == ["Windows"])
        let shell = Self.step(#"{"runCommand": ["a"]}"#, #", "precondition": {"StringEquals": ["platformType", "Linux"]}"#).dropFirst()
        #expect(try document(steps: "[\(power), \(shell)").platformTypes == ["Windows", "Linux"])
    }

    @Test func bracesOfAScriptAreItsOwn() throws {
        let made = try document(steps: Self.step(#"{"runCommand": ["docker ps --format '{{.Names}}'", "echo {{ nothing }} here"]}"#))
        #expect(try made.steps(with: [])[0].commands == ["docker ps --format '{{.Names}}'", "echo {{ nothing }} here"])
    }
}
