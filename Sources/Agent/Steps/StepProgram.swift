import AgentProtocol
import Glibc

/// What a step runs: a program, its arguments and, as descriptor 3, a text in memory.
struct StepProgram: Equatable {
    var program: String
    var arguments: [String]
    /// Given to the program as `ShellScript.path`.
    var script: [UInt8]
    /// Set before the step's own variables.
    var environment: [NamedValue]

    init(program: String, arguments: [String], script: [UInt8], environment: [NamedValue] = []) {
        self.program = program
        self.arguments = arguments
        self.script = script
        self.environment = environment
    }

    /// The program of a step on this node.
    /// - Parameter searchPath: directories divided by colons, where interpreters are looked for.
    /// - Parameter contentServer: where content is fetched; nil where that is not possible.
    /// - Throws: when this node has no such plugin.
    init(_ step: PluginStep, searchPath: String, contentServer: ContentServer? = nil) throws(SupervisorLauncher.Refusal) {
        switch step.action {
        case "aws:runShellScript":
            let script = ShellScript(commands: step.commands)
            self.init(program: script.program, arguments: script.arguments, script: script.bytes)
        case "aws:runPowerShellScript":
            guard let program = Self.find("pwsh", in: searchPath) else {
                throw SupervisorLauncher.Refusal(
                    message: "aws:runPowerShellScript needs PowerShell, and there is no pwsh on this node (PATH: \(searchPath))")
            }
            self.init(
                program: program, arguments: ["pwsh", "-NoLogo", "-NoProfile", "-NonInteractive", "-File", ShellScript.path],
                script: Array((step.commands.joined(separator: "\n") + "\n").utf8))
        case "aws:downloadContent":
            guard let contentServer else { throw SupervisorLauncher.Refusal(message: "this agent downloads no content") }
            self = try contentServer.program(for: step)
        default:
            throw SupervisorLauncher.Refusal(message: "this agent has no plugin \(step.action)")
        }
    }

    /// The first program of that name on a search path.
    static func find(_ name: String, in searchPath: String) -> String? {
        searchPath.split(separator: ":").lazy.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }
}
