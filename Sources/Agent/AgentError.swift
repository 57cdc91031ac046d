/// Why an agent cannot work at all. Lost connections are none of these: they are tried again.
package enum AgentError: Error, Equatable, CustomStringConvertible {
    /// The data directory is in use.
    case alreadyRunning(directory: String)
    /// No identity in the data directory and no activation given.
    case activationMissing
    /// The server refused the activation.
    case activationRefused(String)
    /// The activation file does not hold an id and a code.
    case damagedActivationFile(String)
    /// The identity file cannot be read.
    case damagedIdentity
    /// `nightshift-run` is not where it should be.
    case supervisorMissing(String)
    /// A file operation on the data directory failed.
    case storage(SystemError)

    /// True where only an operator can help: trying again changes nothing.
    package var needsOperator: Bool {
        switch self {
        case .activationMissing, .activationRefused, .damagedActivationFile, .damagedIdentity, .supervisorMissing: true
        case .alreadyRunning, .storage: false
        }
    }

    package var description: String {
        switch self {
        case .alreadyRunning(let directory): "another agent uses \(directory); give this one its own --data"
        case .activationMissing: "this host is not enrolled: give --activation-id and --activation-code"
        case .activationRefused(let message): "the server refused the activation: \(message)"
        case .damagedActivationFile(let path): "\(path) does not hold the id and the code of an activation"
        case .damagedIdentity: "the identity file is damaged; remove it and enrol with a new activation"
        case .supervisorMissing(let path): "\(path) is missing: nightshift-run belongs beside nightshift"
        case .storage(let error): error.description
        }
    }
}
