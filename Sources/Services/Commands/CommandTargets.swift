import AWSProtocols

/// Which nodes a command is for, as SendCommand's caller wrote it.
enum CommandTargets: Sendable {
    /// These, each of which must be there.
    case nodes([String])
    /// Those that meet all of the criteria.
    case matching([CommandTarget])

    private static let mostNodes = 50
    private static let mostCriteria = 5

    /// Reads `InstanceIds` and `Targets`.
    /// - Throws: `ValidationException`, `DuplicateInstanceId`.
    init(_ input: APIStructure) throws(APIError) {
        let ids = input.strings("InstanceIds")
        let targets = input.structures("Targets")
        guard ids.isEmpty || targets.isEmpty else {
            throw .validation("InstanceIds and Targets cannot be given together.")
        }
        guard targets.isEmpty else {
            guard targets.count <= CommandTargets.mostCriteria else {
                throw .validation("Targets must have at most \(CommandTargets.mostCriteria) elements.")
            }
            var criteria: [CommandTarget] = []
            for target in targets { criteria.append(try CommandTarget(target)) }
            self = .matching(criteria)
            return
        }
        guard !ids.isEmpty else { throw .validation("InstanceIds or Targets must be given.") }
        guard ids.count <= CommandTargets.mostNodes else {
            throw .validation("InstanceIds must have at most \(CommandTargets.mostNodes) elements.")
        }
        var seen: Set<String> = []
        for id in ids where !seen.insert(id).inserted { throw RunCommandError.duplicateNode(id) }
        self = .nodes(ids)
    }
}
