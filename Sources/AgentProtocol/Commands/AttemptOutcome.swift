package import JSONCore

/// How an attempt ended. Sent until the server answers `closed`; sent again it is the same.
package struct AttemptOutcome: WireMessage {
    /// Why there is no orderly end.
    package enum Failure: String, Sendable {
        /// The node restarted while it ran. It is not run again.
        case nodeRebooted = "NodeRebooted"
        /// The supervisor vanished within one boot. What the job did is unknown; it is not run again.
        case supervisorLost = "SupervisorLost"
        /// The agent could not even begin: no such user, no supervisor program, an unknown plugin, a limit that this node cannot keep.
        /// Nothing ran.
        case couldNotStart = "CouldNotStart"
    }

    /// Who ended a job before its own end.
    package enum Stop: String, Sendable {
        case none
        /// Execution timeout of the step.
        case timeout
        /// The server's `cancel`.
        case cancel
        /// Someone else on the node, as at a shutdown.
        case terminated
    }

    /// The exit code of a script that ends its document as a success: the step succeeded, the later ones are skipped.
    package static let exitWithSuccess = 168
    /// The exit code of a script that ends its document as a failure: the step failed, the later ones are skipped.
    package static let exitWithFailure = 169

    /// How one step ended.
    package struct Step: WireMessage {
        /// nil when a signal ended it, it could not start, or it was skipped.
        package var exitCode: Int?
        /// The signal that ended it.
        package var signal: Int?
        package var stopped: Stop
        package var startedAtMilliseconds: Int64
        package var endedAtMilliseconds: Int64
        /// Bytes that each stream has in all: what the server will have had once all output has arrived.
        package var stdoutBytes: Int64
        package var stderrBytes: Int64
        /// Why it could not start, such as `working directory: No such file or directory`; the text is on its stderr too.
        package var startError: String?
        /// Why it was passed over, in the words of Systems Manager's agent; the text is on its stdout too. It counts as success.
        package var skipped: String?
        /// The kernel killed processes of it, because they exceeded the step's limit of memory. A line on its stderr says so too.
        package var outOfMemory: Bool

        package init(
            exitCode: Int?, signal: Int? = nil, stopped: Stop = .none, startedAtMilliseconds: Int64,
            endedAtMilliseconds: Int64, stdoutBytes: Int64 = 0, stderrBytes: Int64 = 0, startError: String? = nil,
            skipped: String? = nil, outOfMemory: Bool = false
        ) {
            self.exitCode = exitCode
            self.signal = signal
            self.stopped = stopped
            self.startedAtMilliseconds = startedAtMilliseconds
            self.endedAtMilliseconds = endedAtMilliseconds
            self.stdoutBytes = stdoutBytes
            self.stderrBytes = stderrBytes
            self.startError = startError
            self.skipped = skipped
            self.outOfMemory = outOfMemory
        }

        package init(json: JSONValue) throws(WireError) {
            let reader = try WireReader(json)
            exitCode = reader.optional("exitCode") == nil ? nil : try reader.int("exitCode")
            signal = reader.optional("signal") == nil ? nil : try reader.int("signal")
            stopped = try reader.choice("stopped")
            startedAtMilliseconds = try reader.integer("startedAt")
            endedAtMilliseconds = try reader.integer("endedAt")
            stdoutBytes = try reader.integer("stdoutBytes")
            stderrBytes = try reader.integer("stderrBytes")
            startError = try reader.optionalText("startError")
            skipped = try reader.optionalText("skipped")
            outOfMemory = try reader.flag("outOfMemory")
        }

        package var json: JSONValue {
            var object = JSONObject.of(
                ("stopped", .text(stopped.rawValue)), ("startedAt", .integer(startedAtMilliseconds)),
                ("endedAt", .integer(endedAtMilliseconds)), ("stdoutBytes", .integer(stdoutBytes)),
                ("stderrBytes", .integer(stderrBytes))
            )
            if let exitCode { object["exitCode"] = .integer(exitCode) }
            if let signal { object["signal"] = .integer(signal) }
            object.setText("startError", startError)
            object.setText("skipped", skipped)
            if outOfMemory { object["outOfMemory"] = true }
            return .object(object)
        }
    }

    package var attempt: AttemptID
    /// nil after an orderly end, whatever the exit codes.
    package var failure: Failure?
    /// A sentence for the operator when `failure` is set.
    package var message: String?
    /// Who ended the attempt as a whole: never `timeout`, which ends a step and not the steps after it. With `cancel` and no steps
    /// nothing ever ran.
    package var stopped: Stop
    package var endedAtMilliseconds: Int64
    /// The steps that were begun or skipped, in order; fewer than ordered when the attempt was stopped.
    package var steps: [Step]

    package init(
        attempt: AttemptID, failure: Failure? = nil, message: String? = nil, stopped: Stop = .none,
        endedAtMilliseconds: Int64, steps: [Step] = []
    ) {
        self.attempt = attempt
        self.failure = failure
        self.message = message
        self.stopped = stopped
        self.endedAtMilliseconds = endedAtMilliseconds
        self.steps = steps
    }

    package init(json: JSONValue) throws(WireError) {
        let reader = try WireReader(json)
        attempt = try reader.attempt()
        failure = reader.optional("failure") == nil ? nil : try reader.choice("failure")
        message = try reader.optionalText("message")
        stopped = try reader.choice("stopped")
        endedAtMilliseconds = try reader.integer("endedAt")
        steps = try reader.list("steps") { (value: JSONValue) throws(WireError) in try Step(json: value) }
    }

    package var json: JSONValue {
        var object = JSONObject.of(("attempt", attempt.json))
        object.setText("failure", failure?.rawValue)
        object.setText("message", message)
        object["stopped"] = .text(stopped.rawValue)
        object["endedAt"] = .integer(endedAtMilliseconds)
        object["steps"] = .array(steps.map(\.json))
        return .object(object)
    }
}
