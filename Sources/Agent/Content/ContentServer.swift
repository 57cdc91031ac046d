import AgentProtocol

/// Where and how the programs of `aws:downloadContent` steps fetch.
struct ContentServer: Sendable {
    /// This executable: a step's program is its `fetch-content` subcommand.
    let program: String
    let url: String
    /// The text (PEM) of the authorities to trust instead of the system's; nil for those.
    let authorities: String?

    /// The server of an agent.
    /// - Throws: when the file of authorities cannot be read.
    init(configuration: AgentConfiguration, program: String) throws(AgentError) {
        self.program = program
        url = configuration.baseURL
        authorities = try configuration.authorities().map { String(decoding: $0, as: UTF8.self) }
    }

    /// The program of a step.
    func program(for step: PluginStep) throws(SupervisorLauncher.Refusal) -> StepProgram {
        guard let download = step.download, download.sourceType == "S3" else {
            let type = step.download?.sourceType ?? "nowhere"
            throw SupervisorLauncher.Refusal(message: "this agent downloads content from S3 only, not from \(type)")
        }
        guard let job = ContentJob(download, serverURL: url, authorities: authorities) else {
            throw SupervisorLauncher.Refusal(message: "the server gave no permission to fetch \(download.path)")
        }
        return StepProgram(program: program, arguments: ["nightshift", "agent", "fetch-content"], script: job.bytes)
    }
}
