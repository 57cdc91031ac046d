import Glibc

/// Why a program was not started.
struct LaunchProblem: Error {
    /// Where it failed: `exec`.
    let stage: String
    /// The errno value.
    let code: Int32

    /// The end of a message's command that was not started. A program that is gone or is none fails for every message alike.
    var end: CommandEnd {
        .notStarted(reason: "\(stage): \(String(cString: strerror(code)))", isHopeless: [ENOENT, EACCES, ENOEXEC, ENOTDIR].contains(code))
    }
}
