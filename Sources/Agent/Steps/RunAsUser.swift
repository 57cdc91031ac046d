import Glibc

/// A user of this host, as the system's name services know it.
struct RunAsUser: Sendable, Equatable {
    let name: String
    let uid: UInt32
    var gid: UInt32
    /// The supplementary groups.
    let groups: [UInt32]
    let home: String
    let shell: String

    /// Looks up a user by name, or by a number in digits; nil when there is none. Blocks, as name services do.
    static func named(_ name: String) -> RunAsUser? {
        let byName = lookUp { entry, buffer, size, result in getpwnam_r(name, entry, buffer, size, result) }
        if byName != nil { return byName }
        guard let uid = UInt32(name) else { return nil }
        return lookUp { entry, buffer, size, result in getpwuid_r(uid, entry, buffer, size, result) }
    }

    /// The id of a group given by name, or by a number in digits; nil when there is none.
    static func groupID(named name: String) -> UInt32? {
        var buffer = [CChar](repeating: 0, count: 64 * 1024)
        var entry = group()
        var found: UnsafeMutablePointer<group>?
        return buffer.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return nil }
            if getgrnam_r(name, &entry, base, buffer.count, &found) == 0, found != nil { return entry.gr_gid }
            guard let id = UInt32(name), getgrgid_r(id, &entry, base, buffer.count, &found) == 0, found != nil else { return nil }
            return id
        }
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
