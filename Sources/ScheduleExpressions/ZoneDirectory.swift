import Glibc
import Synchronization

/// The time zones installed on this machine, read when they are first asked for and then kept.
package final class ZoneDirectory: Sendable {
    /// No zone of that name is installed.
    package struct UnknownZone: Error, Hashable, Sendable {
        /// The name that was asked for.
        package var name: String
    }

    private let path: String
    private let zones = Mutex<[String: TimeZoneRules]>(["UTC": .utc])

    /// The zones in the folder `path`, which has the layout of the tz database.
    package init(path: String = "/usr/share/zoneinfo") {
        self.path = path
    }

    /// The rules of the zone with that name, such as `Europe/Zurich`. `UTC` needs no file.
    package func zone(named name: String) throws(UnknownZone) -> TimeZoneRules {
        if let known = zones.withLock({ $0[name] }) { return known }
        guard Self.isZoneName(name), let bytes = Self.contents(of: path + "/" + name),
            let rules = TZifReader(bytes).rules()
        else { throw UnknownZone(name: name) }
        zones.withLock { $0[name] = rules }
        return rules
    }

    /// Names come from users, so they may not lead out of the folder.
    private static func isZoneName(_ name: String) -> Bool {
        let segments = name.split(separator: "/", omittingEmptySubsequences: false)
        return name.utf8.count <= 64
            && segments.allSatisfy { segment in
                guard let first = segment.utf8.first, first != UInt8(ascii: ".") else { return false }
                return segment.utf8.allSatisfy { byte in
                    switch byte {
                    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2D, 0x2E, 0x5F: true
                    default: false
                    }
                }
            }
    }

    /// The file's bytes; nil when it cannot be read or is longer than any zone is.
    private static func contents(of path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var contents: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 8_192)
        while contents.count < 1 << 20 {
            let count = read(descriptor, &chunk, chunk.count)
            if count == 0 { return contents }
            guard count > 0 else { return nil }
            contents.append(contentsOf: chunk[..<count])
        }
        return nil
    }
}
