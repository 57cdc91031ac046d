import AWSProtocols
import AgentProtocol
import Testing

@testable import Services

/// What nodes get of a document, with the values that callers give.
struct CommandDocumentStepsTests {
    private func document(_ parameters: String, _ steps: String) throws -> CommandDocument {
        let text = #"{"schemaVersion": "2.2", "parameters": \#(parameters), "mainSteps": \#(steps)}"#
        return try CommandDocument(name: "d", text: DocumentText(text: text, format: .json))
    }

    private func builtIn(_ name: String) throws -> CommandDocument {
        try #require(CommandDocument.builtIn.first { $0.name == name })
    }

    private func refusal(_ document: CommandDocument, _ values: [(String, [String])]) -> String? {
        let error = #expect(throws: APIError.self) { try document.steps(with: values) }
        #expect(error?.code == "InvalidParameters")
        return error?.message
    }

    @Test func awsRunShellScript() throws {
        let steps = try builtIn("AWS-RunShellScript").steps(with: [
            ("commands", ["echo 1", "echo {{ workingDirectory }}"]), ("workingDirectory", ["/srv"]), ("executionTimeout", ["60"]),
        ])
        #expect(
            steps == [
                PluginStep(
                    name: "aws:runShellScript", commands: ["echo 1", "echo {{ workingDirectory }}"], workingDirectory: "/srv",
                    timeoutSeconds: 60)
            ])
        #expect(try builtIn("AWS-RunShellScript").steps(with: [("commands", ["a"])])[0].workingDirectory == nil)
    }

    @Test func nightshiftRunShellScript() throws {
        let document = try builtIn("Nightshift-RunShellScript")
        #expect(try document.steps(with: [("commands", ["a"])]) == [PluginStep(name: "runShellScript", commands: ["a"])])
        let step = try document.steps(with: [
            ("commands", ["a"]), ("runAsUser", ["app"]), ("runAsGroup", ["100"]), ("umask", ["027"]), ("nice", ["5"]),
            ("environment", [#"{"A":"1","B":"x y"}"#]), ("limits", [#"{"nofile":"1024:4096","core":"0","nproc":"unlimited"}"#]),
            ("memoryMax", ["512M"]), ("cpuQuota", ["150%"]), ("tasksMax", ["64"]),
        ])[0]
        #expect(step.environment == [NamedValue(name: "A", value: "1"), NamedValue(name: "B", value: "x y")])
        #expect(
            step.runAs
                == RunAs(
                    user: "app", group: "100", umask: 0o27, nice: 5,
                    limits: [
                        ResourceLimit(name: "nofile", soft: 1_024, hard: 4_096), ResourceLimit(name: "core", soft: 0, hard: 0),
                        ResourceLimit(name: "nproc", soft: nil, hard: nil),
                    ], memoryBytes: 512 << 20, cpuPercent: 150, tasks: 64))
        #expect(
            refusal(document, [("commands", ["a"]), ("umask", ["x"])]) == "mainSteps[0].inputs.umask must be an octal number up to 0777.")
    }

    @Test func awsRunRemoteScript() throws {
        let steps = try builtIn("AWS-RunRemoteScript").steps(with: [
            ("sourceType", ["S3"]), ("sourceInfo", [#"{"path":"https://s3.amazonaws.com/b/run.sh"}"#]), ("commandLine", ["run.sh a b"]),
        ])
        #expect(steps.map(\.name) == ["downloadContent", "runPowerShellScript", "runShellScript"])
        #expect(steps[0].download == ContentDownload(sourceType: "S3", path: "https://s3.amazonaws.com/b/run.sh", destination: ""))
        #expect(steps[2].commands[3] == " run.sh a b ")
        #expect(steps[2].preconditions == [StepPrecondition(left: "platformType", right: "Linux")])
    }

    @Test(
        arguments: [
            ([("commands", ["a"]), ("nothing", ["x"])], "has no parameter named nothing"),
            ([], "The required parameter commands is missing."),
            ([("commands", [])], "must have at least 1"), ([("commands", ["a"]), ("executionTimeout", ["0"])], "must match"),
            ([("commands", ["a"]), ("executionTimeout", ["1", "2"])], "must have exactly one value"),
        ] as [([(String, [String])], String)])
    func valuesThatTheDocumentDoesNotAllowAreRefused(values: [(String, [String])], text: String) throws {
        let message = try #require(refusal(try builtIn("AWS-RunShellScript"), values))
        #expect(message.contains(text), "\(message)")
    }

    @Test func typesAndLimitsOfParameters() throws {
        let document = try document(
            """
            {"s": {"type": "String", "default": "ab", "allowedValues": ["ab", "cd"]}, "n": {"type": "Integer", "default": 7},
             "b": {"type": "Boolean", "default": false}, "l": {"type": "StringList", "default": ["x"], "maxItems": 2},
             "m": {"type": "StringMap", "default": {"K": "V"}}, "ms": {"type": "MapList", "default": [{"a": 1}]},
             "c": {"type": "String", "default": "", "minChars": 2, "maxChars": 3}}
            """,
            """
            [{"action": "aws:runShellScript", "name": "s", "inputs": {"timeoutSeconds": "{{ n }}", "environment": "{{ m }}",
              "runCommand": ["{{ s }}", "{{ l }}", "{{ n }} {{ b }}", "{{ ms }}.", "{{ l }}."], "finallyStep": "{{ b }}"}}]
            """)
        let step = try document.steps(with: [])[0]
        #expect(step.commands == ["ab", "x", "7 false", #"[{"a":1}]."#, #"["x"]."#])
        #expect(step.timeoutSeconds == 7)
        #expect(step.environment == [NamedValue(name: "K", value: "V")])
        let given = try document.steps(with: [
            ("s", ["cd"]), ("n", ["9"]), ("b", ["True"]), ("l", ["1", "2"]), ("m", [#"{"Z":"1"}"#]), ("ms", [#"{"b":2}"#, #"{"c":3}"#]),
        ])[0]
        #expect(given.commands == ["cd", "1", "2", "9 true", #"[{"b":2},{"c":3}]."#, #"["1","2"]."#])
        #expect(given.isFinally)
        for (name, values, text) in [
            ("s", ["ef"], "must be one of ab, cd"), ("n", ["x"], "must be of type Integer"), ("b", ["2"], "must be of type Boolean"),
            ("l", ["1", "2", "3"], "at most 2 values"), ("m", ["[]"], "one JSON object"), ("ms", ["1"], "JSON objects"),
            ("c", ["a"], "at least 2 characters"), ("c", ["abcd"], "at most 3 characters"), ("n", ["-5"], "must be a whole number from 1"),
        ] {
            let message = try #require(refusal(document, [(name, values)]))
            #expect(message.contains(text), "\(message)")
        }
    }

    @Test func controlFlowIsTakenFromInputsAndBesideThem() throws {
        let steps = try document(
            #"{"os": {"type": "String", "default": "web"}}"#,
            """
            [{"action": "aws:runShellScript", "name": "a", "inputs": {"runCommand": "x", "onFailure": "exit"}},
             {"action": "aws:runShellScript", "name": "b", "onFailure": "successAndExit", "onSuccess": "exit", "timeoutSeconds": 9,
              "inputs": {"runCommand": "x"}},
             {"action": "aws:runPowerShellScript", "name": "c", "precondition": {"StringEquals": ["platformType", "Windows"]},
              "inputs": {"runCommand": ["x"]}},
             {"action": "aws:runShellScript", "name": "d", "precondition": {"StringEquals": ["{{ os }}", "web"]}, "isEnd": true,
              "inputs": {"runCommand": ["x"]}},
             {"action": "aws:runShellScript", "name": "e", "inputs": {"runCommand": ["x"], "finallyStep": true}}]
            """
        ).steps(with: [])
        #expect(steps.map(\.onFailure) == [.exit, .successAndExit, .carryOn, .exit, .carryOn])
        #expect(steps.map(\.onSuccess) == [.carryOn, .exit, .carryOn, .exit, .carryOn])
        #expect(steps.map(\.isFinally) == [false, false, false, false, true])
        #expect(steps[1].timeoutSeconds == 9)
        #expect(steps[2].preconditions == [StepPrecondition(left: "platformType", right: "Windows")])
        #expect(steps[3].preconditions == [StepPrecondition(left: "web", right: "web")])
        #expect(steps[2].action == "aws:runPowerShellScript")
    }

    @Test func downloads() throws {
        let document = try document(
            #"{"info": {"type": "String"}, "to": {"type": "String", "default": "/tmp/x"}}"#,
            """
            [{"action": "aws:downloadContent", "name": "a", "inputs": {"sourceType": "S3", "sourceInfo": "{{ info }}", "destinationPath": "{{ to }}"}},
             {"action": "aws:downloadContent", "name": "b", "inputs": {"sourceType": "GitHub", "sourceInfo": {"owner": "x", "path": "y"}}}]
            """)
        let steps = try document.steps(with: [("info", [#"{"path":"https://s3.amazonaws.com/b/k"}"#])])
        #expect(steps[0].download == ContentDownload(sourceType: "S3", path: "https://s3.amazonaws.com/b/k", destination: "/tmp/x"))
        #expect(steps[1].download == ContentDownload(sourceType: "GitHub", path: "y", destination: ""))
        #expect(refusal(document, [("info", ["{}"])]) == "mainSteps[0].inputs.sourceInfo.path is missing.")
    }

    @Test func pluginsOfSchema12HaveTheirNames() throws {
        let text = """
            {"schemaVersion": "1.2", "runtimeConfig": {"aws:runShellScript": {"properties": [
                {"id": "first", "runCommand": ["a"]}, {"runCommand": ["b"]}]}, "aws:runPowerShellScript": {"properties": {"runCommand": "c"}}}}
            """
        let document = try CommandDocument(name: "d", text: DocumentText(text: text, format: .json))
        let steps = try document.steps(with: [])
        #expect(steps.map(\.name) == ["first", "1.aws:runShellScript", "aws:runPowerShellScript"])
        #expect(steps.map(\.commands) == [["a"], ["b"], ["c"]])
    }

    @Test func referencesAreListedAndFilledIn() throws {
        let document = try document(
            """
            {"p": {"type": "String", "default": "{{ssm:/a}}", "allowedPattern": "[a-z]+"}, "l": {"type": "StringList"}}
            """,
            """
            [{"action": "aws:runShellScript", "name": "s", "inputs": {"runCommand": ["{{ p }}", "{{ l }}", "{{ssm:b:2}} {{ssm-secure:c}}"]}}]
            """)
        let values = [("l", ["{{ ssm:hosts }}", "plain", "x-{{ssm:/a}}"])]
        #expect(try document.references(with: values) == ["/a", "hosts", "b:2"])
        let references = ["/a": ["abc"], "hosts": ["h1", "h2"], "b:2": ["{{ p }}"]]
        #expect(
            try document.steps(with: values, references: references)[0].commands
                == ["abc", "h1", "h2", "plain", "x-abc", "{{ p }} {{ssm-secure:c}}"])
        let error = #expect(throws: APIError.self) { try document.steps(with: values, references: ["/a": ["ABC"]]) }
        #expect(error?.message.contains("must match [a-z]+") == true)
    }

    @Test func aParameterMayReachTheScriptByItsEnvironment() throws {
        let document = try document(
            #"{"text": {"type": "String", "interpolationType": "ENV_VAR"}}"#,
            """
            [{"action": "aws:runShellScript", "name": "s", "inputs": {"runCommand": ["echo \\"{{ text }}\\""], "workingDirectory": "/{{ text }}"}},
             {"action": "aws:runPowerShellScript", "name": "p", "inputs": {"runCommand": ["echo {{ text }}"]}}]
            """)
        let steps = try document.steps(with: [("text", ["$(reboot)"])])
        #expect(steps.map(\.commands) == [[#"echo "${SSM_text}""#], ["echo ${env:SSM_text}"]])
        #expect(steps[0].environment == [NamedValue(name: "SSM_text", value: "$(reboot)")])
        #expect(steps[0].workingDirectory == "/$(reboot)")
    }
}
