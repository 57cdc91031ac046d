import JSONCore

/// What operators call state machines and executions, turned into ARNs.
struct ReferenceResolver {
    private let server: any APICaller

    /// A resolver that asks this server.
    init(_ server: any APICaller) {
        self.server = server
    }

    /// The names and ARNs of all state machines.
    func stateMachines() async throws -> [(name: String, arn: String)] {
        try await server.list(.states("ListStateMachines", ["maxResults": 1000]), "stateMachines").compactMap { machine in
            guard let name = machine["name"]?.text, let arn = machine["stateMachineArn"]?.text else { return nil }
            return (name, arn)
        }
    }

    /// The ARN of a state machine that is given by its name or its ARN.
    func stateMachine(_ reference: String) async throws -> String {
        if reference.hasPrefix("arn:") { return reference }
        let machines = try await stateMachines()
        if let machine = machines.first(where: { $0.name == reference }) { return machine.arn }
        throw CommandFailure(
            "there is no state machine \(reference)",
            advice: machines.isEmpty
                ? "There are no state machines yet."
                : "\(Suggestion.sentence(for: reference, of: machines.map(\.name))) `nightshift executions` lists what ran.".trimmed)
    }

    /// The ARN of an execution that is given by its ARN or as `STATE-MACHINE:NAME`, the end of its ARN.
    func execution(_ reference: String) async throws -> String {
        if reference.hasPrefix("arn:") { return reference }
        let parts = reference.split(separator: ":")
        guard parts.count == 2 else {
            throw CommandFailure(
                "\(reference) names no execution", advice: "Give its ARN, or STATE-MACHINE:NAME as `nightshift executions` shows it.")
        }
        let machine = try await stateMachine(String(parts[0]))
        return machine.replacing(":stateMachine:", with: ":execution:") + ":" + parts[1]
    }
}

extension String {
    fileprivate var trimmed: String { String(drop { $0 == " " }) }
}
