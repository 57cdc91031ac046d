import AgentProtocol
import Glibc

/// What the agent finds out about its host.
enum HostFacts {
    /// `PlatformType` of Systems Manager.
    static let platformType = "Linux"

    /// The facts that the server shows.
    static func read(agentVersion: String) -> NodeFacts {
        let release = osRelease()
        var system = utsname()
        uname(&system)
        return NodeFacts(
            hostname: hostname(), ipAddress: ipAddress() ?? "", platformType: platformType,
            platformName: release["NAME"] ?? "Linux", platformVersion: release["VERSION_ID"] ?? "",
            architecture: text(of: &system.machine), agentVersion: agentVersion)
    }

    /// Names this boot of the machine; empty where the kernel does not say.
    static func bootID() -> String {
        let bytes = (try? PosixFile.read("/proc/sys/kernel/random/boot_id")) ?? nil
        return String(decoding: (bytes ?? []).prefix { $0 != 0x0A }, as: UTF8.self)
    }

    private static func hostname() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
        return string(buffer)
    }

    /// os-release(5): lines of NAME=value, the value bare or quoted.
    private static func osRelease() -> [String: String] {
        guard let bytes = (try? PosixFile.read("/etc/os-release")) ?? nil else { return [:] }
        var result: [String: String] = [:]
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { continue }
            let isQuoted = parts[1].count >= 2 && (parts[1].hasPrefix("\"") || parts[1].hasPrefix("'"))
            result[String(parts[0])] = String(isQuoted ? parts[1].dropFirst().dropLast() : parts[1])
        }
        return result
    }

    /// The first IPv4 address of an interface that is up and not loopback.
    private static func ipAddress() -> String? {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return nil }
        defer { freeifaddrs(first) }
        var current = first
        while let interface = current {
            defer { current = interface.pointee.ifa_next }
            let flags = Int32(bitPattern: interface.pointee.ifa_flags)
            guard let address = interface.pointee.ifa_addr, address.pointee.sa_family == sa_family_t(AF_INET),
                flags & Int32(IFF_UP) != 0, flags & Int32(IFF_LOOPBACK) == 0
            else { continue }
            var buffer = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let length = socklen_t(MemoryLayout<sockaddr_in>.size)
            guard getnameinfo(address, length, &buffer, socklen_t(buffer.count), nil, 0, NI_NUMERICHOST) == 0 else { continue }
            return string(buffer)
        }
        return nil
    }

    private static func string(_ buffer: [CChar]) -> String {
        String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func text<Field>(of field: inout Field) -> String {
        withUnsafeBytes(of: &field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
