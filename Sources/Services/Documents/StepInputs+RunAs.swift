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
        guard RunAsText.isAccount(text) else { throw fault(name, "must be a name or a number") }
        return text
    }

    private func umask() throws(DocumentFault) -> Int? {
        guard let text = try text("umask") else { return nil }
        guard let mask = RunAsText.umask(text) else { throw fault("umask", "must be an octal number up to 0777") }
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
            guard let limit = RunAsText.limit(pair.name, pair.value) else {
                throw fault(name, "must be a number, unlimited, or a soft and a higher hard limit with a colon between them")
            }
            limits.append(limit)
        }
        return limits
    }

    private func bytes(_ name: String) throws(DocumentFault) -> Int64? {
        guard let text = try text(name) else { return nil }
        guard let bytes = RunAsText.bytes(text) else { throw fault(name, "must be a number of bytes, or one with K, M, G or T behind it") }
        return bytes
    }

    private func percent(_ name: String) throws(DocumentFault) -> Int? {
        guard let text = try text(name) else { return nil }
        guard let percent = RunAsText.percent(text) else { throw fault(name, "must be a percentage of one core, such as 50%") }
        return percent
    }
}
