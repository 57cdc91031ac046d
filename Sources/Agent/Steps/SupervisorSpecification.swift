import AgentProtocol

/// The text of a job for `nightshift-run`: `specification.h` of the supervisor gives its format.
struct SupervisorSpecification {
    private(set) var bytes: [UInt8] = []

    /// Everything that the supervisor needs to run these steps, in a control group unless that is nil.
    init(_ plans: [StepPlan], controlGroup: String?, configuration: AgentConfiguration, inherited: [NamedValue]) {
        record("q", number: UInt64(configuration.spoolQuotaBytes))
        record("s", number: UInt64(configuration.segmentBytes))
        record("k", number: UInt64(max(0, configuration.terminationGrace / .milliseconds(1))))
        if let controlGroup { record("c", text: controlGroup) }
        for plan in plans { append(plan, inherited: inherited) }
        record("Z", [])
    }

    private mutating func append(_ plan: StepPlan, inherited: [NamedValue]) {
        record("S", [])
        if let job = plan.job {
            append(job, plan.step, inherited: inherited)
        } else {
            record("w", text: plan.skipped)
        }
        record("W", text: plan.skippedAfterExit)
        switch plan.step.onFailure {
        case .carryOn: break
        case .exit: record("x", [])
        case .successAndExit: record("y", [])
        }
        if plan.step.onSuccess == .exit { record("o", []) }
        if plan.step.isFinally { record("f", []) }
    }

    private mutating func append(_ job: StepPlan.Job, _ step: PluginStep, inherited: [NamedValue]) {
        let user = job.user
        record("p", text: job.program.program)
        for argument in job.program.arguments { record("a", text: argument) }
        for variable in Self.environment(user: user, inherited: inherited, own: job.program.environment + step.environment) {
            record("e", text: "\(variable.name)=\(variable.value)")
        }
        record("d", text: step.workingDirectory ?? (PosixFile.exists(user.home) ? user.home : "/"))
        record("t", number: UInt64(max(0, step.timeoutSeconds)) * 1000)
        record("i", job.program.script)
        if job.changesUser {
            record("u", littleEndian(user.uid) + littleEndian(user.gid))
            record("g", user.groups.flatMap(littleEndian))
        }
        for limit in job.limits { record("l", littleEndian(limit.resource) + littleEndian(limit.soft) + littleEndian(limit.hard)) }
        if let umask = job.runAs.umask { record("m", number: UInt64(umask)) }
        if let nice = job.runAs.nice { record("n", littleEndian(Int64(nice))) }
        if let memory = job.runAs.memoryBytes { record("M", number: UInt64(memory)) }
        if let percent = job.runAs.cpuPercent { record("C", number: UInt64(percent)) }
        if let tasks = job.runAs.tasks { record("T", number: UInt64(tasks)) }
    }

    /// A login's essentials, then what the agent passes on, then the step's own, of which the last word counts.
    static func environment(user: RunAsUser, inherited: [NamedValue], own: [NamedValue]) -> [NamedValue] {
        var result = [
            NamedValue(name: "PATH", value: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
            NamedValue(name: "HOME", value: user.home), NamedValue(name: "USER", value: user.name),
            NamedValue(name: "LOGNAME", value: user.name),
            NamedValue(name: "SHELL", value: user.shell.isEmpty ? "/bin/sh" : user.shell),
        ]
        for variable in inherited + own {
            if let place = result.firstIndex(where: { $0.name == variable.name }) {
                result[place] = variable
            } else {
                result.append(variable)
            }
        }
        return result
    }

    private mutating func record(_ tag: Unicode.Scalar, _ content: [UInt8]) {
        bytes.append(UInt8(ascii: tag))
        bytes += littleEndian(UInt32(content.count))
        bytes += content
    }

    private mutating func record(_ tag: Unicode.Scalar, text: String) {
        record(tag, Array(text.utf8))
    }

    private mutating func record(_ tag: Unicode.Scalar, number: UInt64) {
        record(tag, littleEndian(number))
    }

    private func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
}
