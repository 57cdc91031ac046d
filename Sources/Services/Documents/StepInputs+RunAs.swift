import AgentProtocol

extension StepInputs {
    /// The inputs that AWS does not have: as whom and within which limits a script runs.
    static let runAsNames = ["runAsUser", "runAsGroup", "umask", "nice", "limits", "memoryMax", "cpuQuota", "tasksMax"]

    /// As whom and within which limits the step runs; nil when its inputs say nothing of it.
    func runAs() throws(DocumentFault) -> RunAs? {
        let runAs = RunAs(
            user: try account("runAsUser"), group: try account("runAsGroup"), umask: try umask(),
            nice: try integer("nice", in: -20...19), limits: try limits(), memoryBytes: try bytes("memoryMax"),
            cpuPercent: try percent("cpuQuota"), tasks: try integer("tasksMax", in: 1...Int(Int32.max)))
        return runAs.isEmpty ? nil : runAs
    }

    private func account(_ name: String) throws(DocumentFault) -> String? {
        guard let text = try text(name) else { return nil }
        let isAllowed = text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: "/") }
        guard isAllowed, text.utf8.count <= 256 else { throw fault(name, "must be a name or a number") }
        return text
    }

    private func umask() throws(DocumentFault) -> Int? {
        guard let text = try text("umask") else { return nil }
        guard let mask = Int(text, radix: 8), (0...0o777).contains(mask) else { throw fault("umask", "must be an octal number up to 0777") }
        return mask
    }

    /// `{"nofile": "1024:4096", "core": 0, "nproc": "unlimited"}`: soft and hard limit, or both at once.
    private func limits() throws(DocumentFault) -> [ResourceLimit] {
        var limits: [ResourceLimit] = []
        for pair in try pairs("limits") where !pair.value.isEmpty {
            let name = "limits.\(pair.name)"
            guard ResourceLimit.names.contains(pair.name) else {
                throw fault(name, "is no limit: there are \(ResourceLimit.names.joined(separator: ", "))")
            }
            let parts = pair.value.split(separator: ":", omittingEmptySubsequences: false).map(StepInputs.limit)
            guard (1...2).contains(parts.count), let soft = parts.first ?? nil, let hard = parts.last ?? nil, soft.isAtMost(hard) else {
                throw fault(name, "must be a number, unlimited, or a soft and a higher hard limit with a colon between them")
            }
            limits.append(ResourceLimit(name: pair.name, soft: soft.count, hard: hard.count))
        }
        return limits
    }

    /// A limit as it is written.
    private struct Limit {
        /// Nil is unlimited.
        let count: Int64?

        func isAtMost(_ other: Limit) -> Bool {
            guard let most = other.count else { return true }
            guard let count else { return false }
            return count <= most
        }
    }

    private static func limit(_ text: Substring) -> Limit? {
        if text == "unlimited" || text == "infinity" { return Limit(count: nil) }
        guard let count = Int64(text), count >= 0 else { return nil }
        return Limit(count: count)
    }

    /// `512M`, `2G`, `1048576`: powers of 1,024.
    private func bytes(_ name: String) throws(DocumentFault) -> Int64? {
        guard let text = try text(name) else { return nil }
        let units: [Character: Int64] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40]
        let unit = text.last.flatMap { units[$0] }
        guard let number = Int64(unit == nil ? text : String(text.dropLast())), number > 0 else {
            throw fault(name, "must be a number of bytes, or one with K, M, G or T behind it")
        }
        let (bytes, isTooMuch) = number.multipliedReportingOverflow(by: unit ?? 1)
        guard !isTooMuch else { throw fault(name, "is more than there can be") }
        return bytes
    }

    /// `50%` of one core, `250%` of two and a half.
    private func percent(_ name: String) throws(DocumentFault) -> Int? {
        guard let text = try text(name) else { return nil }
        guard text.hasSuffix("%"), let percent = Int(text.dropLast()), (1...100_000).contains(percent) else {
            throw fault(name, "must be a percentage of one core, such as 50%")
        }
        return percent
    }
}
