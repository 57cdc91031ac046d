import AgentProtocol
import Glibc

/// A network interface that is not loopback: one row of `AWS:Network`.
struct NetworkInterface: Equatable {
    var name: String
    var macAddress = ""
    var ipv4: [String] = []
    var ipv6: [String] = []
    var subnetMasks: [String] = []
    var gateway = ""
    var nameServers: [String] = []

    /// Those of this host by name.
    static func all() -> [NetworkInterface] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return [] }
        defer { freeifaddrs(first) }
        let gateways = gateways(routes: text("/proc/net/route"))
        let servers = nameServers(resolvConf: text("/etc/resolv.conf"))
        var found: [String: NetworkInterface] = [:]
        var current = first
        while let entry = current?.pointee {
            current = entry.ifa_next
            guard Int32(bitPattern: entry.ifa_flags) & Int32(IFF_LOOPBACK) == 0 else { continue }
            let name = String(cString: entry.ifa_name)
            var interface = found[name] ?? NetworkInterface(
                name: name, macAddress: text("/sys/class/net/\(name)/address"), gateway: gateways[name] ?? "", nameServers: servers)
            switch entry.ifa_addr.map({ Int32($0.pointee.sa_family) }) {
            case AF_INET:
                interface.ipv4 += numeric(entry.ifa_addr, MemoryLayout<sockaddr_in>.size)
                interface.subnetMasks += numeric(entry.ifa_netmask, MemoryLayout<sockaddr_in>.size)
            case AF_INET6:
                // The scope is no part of the address: "fe80::1%eth0".
                interface.ipv6 += numeric(entry.ifa_addr, MemoryLayout<sockaddr_in6>.size).map { String($0.prefix { $0 != "%" }) }
            default: break
            }
            found[name] = interface
        }
        return found.values.sorted { $0.name < $1.name }
    }

    /// The default gateway of each interface by the text of `/proc/net/route`, where addresses are hexadecimal in the machine's byte order.
    static func gateways(routes: String) -> [String: String] {
        var result: [String: String] = [:]
        for line in routes.split(separator: "\n").dropFirst() {
            let fields = line.split { $0 == "\t" || $0 == " " }
            guard fields.count > 3, fields[1] == "00000000", let address = UInt32(fields[2], radix: 16), address != 0 else { continue }
            let bytes = withUnsafeBytes(of: address) { Array($0) }
            result[String(fields[0])] = bytes.map { String($0) }.joined(separator: ".")
        }
        return result
    }

    /// resolv.conf(5).
    static func nameServers(resolvConf: String) -> [String] {
        resolvConf.split(separator: "\n").compactMap { line in
            let words = line.split { $0 == " " || $0 == "\t" }
            return words.count >= 2 && words[0] == "nameserver" ? String(words[1]) : nil
        }
    }

    /// Under AWS's names; what there is several of is separated by commas, as Systems Manager's agent does.
    var attributes: [NamedValue] {
        [
            NamedValue(name: "Name", value: name),
            NamedValue(name: "MacAddress", value: macAddress),
            NamedValue(name: "IPV4", value: ipv4.joined(separator: ", ")),
            NamedValue(name: "IPV6", value: ipv6.joined(separator: ", ")),
            NamedValue(name: "SubnetMask", value: subnetMasks.joined(separator: ", ")),
            NamedValue(name: "Gateway", value: gateway),
            NamedValue(name: "DNSServer", value: nameServers.joined(separator: ", ")),
        ]
    }

    private static func numeric(_ address: UnsafeMutablePointer<sockaddr>?, _ size: Int) -> [String] {
        var buffer = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        guard let address, getnameinfo(address, socklen_t(size), &buffer, socklen_t(buffer.count), nil, 0, NI_NUMERICHOST) == 0
        else { return [] }
        return [String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)]
    }

    private static func text(_ path: String) -> String {
        let bytes = ((try? PosixFile.read(path)) ?? nil) ?? []
        return String(decoding: bytes.last == 0x0A ? bytes.dropLast() : bytes[...], as: UTF8.self)
    }
}
