import Glibc

/// The unprivileged user that functions run as.
struct FunctionUser: Sendable, Equatable {
    /// Why there is no such user.
    struct Unknown: Error {
        /// What is wrong and what to do.
        var reason: String
    }

    /// The user's id.
    let uid: UInt32
    /// Its primary group; functions are in no other.
    let gid: UInt32

    /// Looks up a name in the user database, or reads `UID:GID`.
    init(_ text: String) throws(Unknown) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count == 2, let uid = UInt32(parts[0]), let gid = UInt32(parts[1]) {
            self.uid = uid
            self.gid = gid
        } else {
            var entry = passwd()
            var found: UnsafeMutablePointer<passwd>?
            var buffer = [CChar](repeating: 0, count: 16_384)
            let code = getpwnam_r(text, &entry, &buffer, buffer.count, &found)
            guard code == 0, found != nil else {
                throw Unknown(reason: "there is no user '\(text)' to run functions as; create it or name another")
            }
            uid = entry.pw_uid
            gid = entry.pw_gid
        }
        guard geteuid() == 0 || uid == geteuid() else {
            throw Unknown(reason: "running functions as '\(text)' needs root; start the server as root or drop the setting")
        }
    }
}
