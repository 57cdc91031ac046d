/// The plugins that agents run (Systems Manager User Guide, "Command document plugin reference").
enum StepAction: String, Sendable {
    case runShellScript = "aws:runShellScript"
    case runPowerShellScript = "aws:runPowerShellScript"
    case downloadContent = "aws:downloadContent"

    /// What Systems Manager has besides.
    private static let others = [
        "aws:applications", "aws:cloudWatch", "aws:configureDocker", "aws:configurePackage", "aws:domainJoin", "aws:psModule",
        "aws:refreshAssociation", "aws:runDockerAction", "aws:runDocument", "aws:softwareInventory", "aws:updateAgent",
        "aws:updateSsmAgent",
    ]

    /// The plugin of a name.
    /// - Throws: a fault that names it when there is none, or none here.
    init(_ name: String, at path: String) throws(DocumentFault) {
        guard let action = StepAction(rawValue: name) else {
            throw DocumentFault(
                path: path,
                problem: StepAction.others.contains(name)
                    ? "asks for the plugin \(name), which Nightshift's agent does not have" : "asks for an unknown plugin: \(name)")
        }
        self = action
    }

    /// AWS's `PlatformType`s that it is for.
    var platformTypes: [String] {
        switch self {
        case .runShellScript: ["Linux", "MacOS"]
        case .runPowerShellScript, .downloadContent: ["Windows", "Linux", "MacOS"]
        }
    }
}
