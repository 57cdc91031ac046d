import AWSProtocols
import AgentProtocol

/// As whom and within which limits jobs of a node run, as UpdateNodeSettings takes it and DescribeNodeSettings shows it.
struct NodeSettings: Sendable, Hashable {
    private(set) var runAs: RunAs

    /// What is stored of a node; nothing is set where nothing is stored.
    init(stored: [UInt8]?) {
        runAs = stored.flatMap { try? RunAs(bytes: $0) } ?? RunAs()
    }

    /// What to store; nil when nothing is set.
    var stored: [UInt8]? { runAs.isEmpty ? nil : runAs.bytes }

    /// Takes over what a request says: an absent member stays as it is, an empty one is set back.
    /// - Throws: `ValidationException` for what is no user, no size, …
    mutating func change(by input: APIStructure) throws(APIError) {
        if let user = try account(input, "RunAsUser", runAs.user) { runAs.user = user.isEmpty ? nil : user }
        if let group = try account(input, "RunAsGroup", runAs.group) { runAs.group = group.isEmpty ? nil : group }
        runAs.umask = try value(input, "Umask", runAs.umask, "octal digits from 000 to 777", RunAsText.umask)
        runAs.nice = try value(input, "Nice", runAs.nice, "a whole number from -20 to 19") { text in
            Int(text).flatMap { (-20...19).contains($0) ? $0 : nil }
        }
        runAs.memoryBytes = try value(
            input, "MemoryMax", runAs.memoryBytes, "a number of bytes, or one with K, M, G or T", RunAsText.bytes)
        runAs.cpuPercent = try value(input, "CpuQuota", runAs.cpuPercent, "a percentage of one core, such as 150%", RunAsText.percent)
        runAs.tasks = try value(input, "TasksMax", runAs.tasks, "a whole number above 0") { text in
            RunAsText.whole(text[...]).flatMap { $0 > 0 && $0 <= Int64(Int32.max) ? Int($0) : nil }
        }
        for (name, text) in input.stringMap("Limits") {
            runAs.limits.removeAll { $0.name == name }
            guard !text.isEmpty else { continue }
            guard let limit = RunAsText.limit(name, text) else {
                throw .validation("'\(text)' is no limit of '\(name)': SOFT:HARD or one number for both, for one of \(ResourceLimit.names.joined(separator: ", ")).")
            }
            runAs.limits.append(limit)
        }
    }

    /// The members of `NodeSettings` that are set.
    var members: [(String, APIValue)] {
        [
            ("RunAsUser", .optional(runAs.user)), ("RunAsGroup", .optional(runAs.group)),
            ("Umask", .optional(runAs.umask.map(RunAsText.text(umask:)))), ("Nice", .optional(runAs.nice.map { "\($0)" })),
            ("Limits", runAs.limits.isEmpty ? .null : .stringMap(runAs.limits.map { ($0.name, RunAsText.text(limit: $0)) })),
            ("MemoryMax", .optional(runAs.memoryBytes.map(RunAsText.text(bytes:)))),
            ("CpuQuota", .optional(runAs.cpuPercent.map { "\($0)%" })), ("TasksMax", .optional(runAs.tasks.map { "\($0)" })),
        ]
    }

    private func account(_ input: APIStructure, _ member: String, _ present: String?) throws(APIError) -> String? {
        guard let text = input.string(member) else { return present }
        guard text.isEmpty || RunAsText.isAccount(text) else { throw .validation("\(member) must be a name or a number, not '\(text)'.") }
        return text
    }

    private func value<Value>(
        _ input: APIStructure, _ member: String, _ present: Value?, _ wanted: String, _ parse: (String) -> Value?
    ) throws(APIError) -> Value? {
        guard let text = input.string(member) else { return present }
        if text.isEmpty { return nil }
        guard let value = parse(text) else { throw .validation("\(member) must be \(wanted), not '\(text)'.") }
        return value
    }
}
