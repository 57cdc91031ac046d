import Glibc

/// A user of this host, as the system's name services know it.
struct RunAsUser: Sendable, Equatable {
    let name: String
    let uid: UInt32
    let gid: UInt32
    let groups: [UInt32]
    let home: String
    let shell: String

    /// Looks up a user by name; nil when there is none. Blocks, as name services do.
    static func named(_ name: String) -> RunAsUser? {
        lookUp { entry, buffer, size, result in getpwnam_r(name, entry, buffer, size, result) }
    }

    /// The user that the agent itself runs as.
    static func current() -> RunAsUser? {
        let own = geteuid()
        return lookUp { entry, buffer, size, result in getpwuid_r(own, entry, buffer, size, result) }
    }

    private static func lookUp(
        _ ask: (
            UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int,
            UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
        ) -> Int32
    ) -> RunAsUser? {
        var buffer = [CChar](repeating: 0, count: 16 * 1024)
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        return buffer.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress, ask(&entry, base, buffer.count, &found) == 0, found != nil else { return nil }
            return RunAsUser(
                name: String(cString: entry.pw_name), uid: entry.pw_uid, gid: entry.pw_gid,
                groups: groups(of: entry.pw_name, primary: entry.pw_gid), home: String(cString: entry.pw_dir),
                shell: String(cString: entry.pw_shell))
        }
    }

    private static func groups(of name: UnsafePointer<CChar>, primary: UInt32) -> [UInt32] {
        var count: Int32 = 64
        var list = [gid_t](repeating: 0, count: Int(count))
        while getgrouplist(name, primary, &list, &count) < 0 {
            guard Int(count) > list.count else { return [primary] }
            list = [gid_t](repeating: 0, count: Int(count))
        }
        return Array(list.prefix(Int(count)))
    }
}
