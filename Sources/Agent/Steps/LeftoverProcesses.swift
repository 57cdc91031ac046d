import Glibc

/// The processes of an attempt, found by a mark in their environment: where a job's supervisor is gone, and with it the parentage, and no
/// control group keeps them together. A process that took the mark out of its environment is not found.
enum LeftoverProcesses {
    /// The variable that every job has: the spool directory of its attempt, which no other attempt has, of another agent either.
    static let variable = "NIGHTSHIFT_ATTEMPT_DIRECTORY"

    /// Ends all processes that carry the mark of this attempt. They may be multiplying, so it looks again until it finds none, or a hundred times.
    static func end(of directory: SpoolDirectory) {
        let mark = Array("\(variable)=\(directory.path)".utf8)
        for _ in 0..<100 {
            let found = PosixFile.list("/proc").compactMap { pid_t($0) }.filter { carries(mark, $0) }
            if found.isEmpty { return }
            for process in found { kill(process, SIGKILL) }
        }
    }

    /// proc_pid_environ(5). Empty for zombies, unreadable for those of others.
    private static func carries(_ mark: [UInt8], _ process: pid_t) -> Bool {
        guard process != getpid(), let environment = try? PosixFile.read("/proc/\(process)/environ") else { return false }
        return environment.split(separator: 0).contains { $0.elementsEqual(mark) }
    }
}
