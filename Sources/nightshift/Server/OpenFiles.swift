import Glibc

/// How many files and connections the server may have open.
enum OpenFiles {
    /// Raises the limit to what the system allows this process: shells give 1,024, and each waiting poll and each agent is a connection.
    /// Where that is refused, the server makes do with what it has.
    static func raiseLimit() {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(resource, &limit)
    }
}
