/// Why a file could not be read; the description continues a sentence that begins with its path.
package enum FileProblem: Error, CustomStringConvertible {
    /// There is none.
    case missing
    /// This user may not read it.
    case denied
    /// Anything else, in the system's words.
    case other(String)

    package var description: String {
        switch self {
        case .missing: "does not exist"
        case .denied: "may not be read by this user"
        case .other(let reason): "cannot be read: \(reason)"
        }
    }
}
