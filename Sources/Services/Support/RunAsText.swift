import AWSProtocols
package import AgentProtocol

/// How documents and operators write as whom and within which limits jobs run, in the words of systemd.resource-control(5) and ulimit, and
/// how that is shown again.
package enum RunAsText {
    /// `512M`, `2G` or a number of bytes; the powers are those of 1,024. nil when it is none.
    package static func bytes(_ text: String) -> Int64? {
        let units: [(suffix: UInt8, shift: Int64)] = [(0x4B, 10), (0x4D, 20), (0x47, 30), (0x54, 40)]
        guard let last = text.utf8.last else { return nil }
        // Small letters are meant the same.
        let unit = units.first { $0.suffix == last & ~0x20 && last > 0x40 }
        guard let number = whole(unit == nil ? text[...] : text.dropLast()), number > 0 else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: Int64(1) << (unit?.shift ?? 0))
        return overflow ? nil : bytes
    }

    /// The shortest text of a number of bytes that says it exactly.
    package static func text(bytes: Int64) -> String {
        for (suffix, shift) in [("T", 40), ("G", 30), ("M", 20), ("K", 10)] as [(String, Int64)]
        where bytes != 0 && bytes & ((Int64(1) << shift) - 1) == 0 {
            return "\(bytes >> shift)\(suffix)"
        }
        return "\(bytes)"
    }

    /// `50%`: hundredths of one core. nil when it is none.
    package static func percent(_ text: String) -> Int? {
        guard text.utf8.last == 0x25, let number = whole(text.dropLast()), (1...100_000).contains(number) else { return nil }
        return Int(number)
    }

    /// `022`: octal digits. nil when it is none.
    package static func umask(_ text: String) -> Int? {
        guard (1...5).contains(text.utf8.count), let mask = Int(text, radix: 8), (0...0o777).contains(mask), text.utf8.first != 0x2B else {
            return nil
        }
        return mask
    }

    /// The text of a mask, three digits.
    package static func text(umask: Int) -> String {
        let digits = String(umask, radix: 8)
        return String(repeating: "0", count: max(0, 3 - digits.utf8.count)) + digits
    }

    /// `1024`, `1024:4096`, `unlimited` or a mix of them. nil when it is none, or the soft limit is above the hard one.
    package static func limit(_ name: String, _ text: String) -> ResourceLimit? {
        guard ResourceLimit.names.contains(name) else { return nil }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let soft = parts.first.flatMap(amount), let hard = parts.last.flatMap(amount) else { return nil }
        if let hard, (soft ?? .max) > hard { return nil }
        return ResourceLimit(name: name, soft: soft, hard: hard)
    }

    /// The text of a limit.
    package static func text(limit: ResourceLimit) -> String {
        let (soft, hard) = (limit.soft.map { "\($0)" } ?? "unlimited", limit.hard.map { "\($0)" } ?? "unlimited")
        return soft == hard ? soft : "\(soft):\(hard)"
    }

    /// A name of passwd(5) or group(5), those of directory services such as `batch@example.com` included, or a number.
    package static func isAccount(_ text: String) -> Bool {
        guard let first = text.utf8.first, first != UInt8(ascii: "-"), text.utf8.count <= 256 else { return false }
        return text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: "/") }
    }

    /// Digits alone as a number.
    package static func whole(_ text: Substring) -> Int64? {
        text.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } ? Int64(text) : nil
    }

    private static func amount(_ text: Substring) -> Int64?? {
        if text == "unlimited" || text == "infinity" { return .some(nil) }
        return whole(text).map(Optional.some)
    }
}
