import TimeSource

extension RuntimeProcess {
    /// Runs one invocation: gives it to the process, sees to its limits and writes the lines around it.
    ///
    /// nil means that the process ended before it saw the event, through no fault of it: give it to another.
    func serve(_ invocation: FunctionInvocation) async -> InvocationResult? {
        let flight = InFlight(invocation)
        let assigned = clock.monotonic
        assign(flight)
        let expire: @Sendable () -> Void = { [self] in self.expire(flight) }
        // Lambda starts a process that has not come up within the limit once more, within the function's timeout. Here it
        // just gets the two together.
        let upBy = assigned + surroundings.configuration.initLimit + specification.timeout
        let delivered = await flight.delivered.wait(until: upBy, on: clock, expire: expire)
        let answer =
            if let delivered {
                await flight.answer.wait(until: delivered + specification.timeout, on: clock, expire: expire)
            } else {
                await flight.answer.wait()
            }
        if answer.answer == .neverSeen { return nil }
        drainOutput()
        return conclude(invocation, answer.answer, took: answer.at - (delivered ?? assigned), wasDelivered: delivered != nil)
    }

    private func conclude(
        _ invocation: FunctionInvocation, _ answer: ProcessAnswer, took duration: Duration, wasDelivered: Bool
    ) -> InvocationResult {
        let id = invocation.requestID
        if case .notStarted(.server(let message)) = answer { return InvocationResult(.unavailable(message: message)) }
        let ending = self.ending(id, answer)
        let report = InvocationReport(
            duration: duration, initDuration: takeInitDuration(), memorySize: specification.memorySize,
            maxMemoryUsed: min((peakMemory() + 1_048_575) / 1_048_576, specification.memorySize), failure: ending.failure)
        // A process that did not come up has had no START line.
        let lines =
            (wasDelivered ? [] : [LogLines.start(requestID: id, version: specification.version)]) + ending.lines
            + [LogLines.end(requestID: id), LogLines.report(requestID: id, report)]
        return InvocationResult(outcome: ending.outcome, logTail: log.finish(lines), report: report)
    }

    private struct Ending {
        var outcome: InvocationOutcome
        /// What Lambda says in the log, besides the usual.
        var lines: [String] = []
        var failure: InvocationReport.Failure?
    }

    private func ending(_ id: String, _ answer: ProcessAnswer) -> Ending {
        switch answer {
        case .response(let payload): return Ending(outcome: .success(payload: payload))
        case .oversizedResponse:
            return Ending(
                outcome: .functionError(.unhandled, payload: FunctionErrorPayload.responseTooLarge()),
                failure: .error(type: "Function.ResponseSizeTooLarge"))
        case .error(let kind, let type, let payload):
            let payload = payload.isEmpty ? FunctionErrorPayload.make(type: type ?? "Error", message: "") : payload
            return Ending(outcome: .functionError(kind, payload: payload))
        case .initError(let type, let payload):
            let type = type ?? "Runtime.Unknown"
            let payload = payload.isEmpty ? FunctionErrorPayload.make(type: type, message: "") : payload
            return Ending(outcome: .initError(payload: payload), failure: .error(type: type))
        case .timedOut: return timedOut(id, after: specification.timeout) { .timedOut(payload: $0) }
        case .initTimedOut: return timedOut(id, after: specification.timeout) { .initError(payload: $0) }
        case .exited(let exit): return exited(id, exit) { .runtimeExited(payload: $0) }
        case .initExited(let exit): return exited(id, exit) { .initError(payload: $0) }
        case .notStarted(.function(let type, let message)):
            let message = "RequestId: \(id) Error: \(message)"
            return Ending(
                outcome: .initError(payload: FunctionErrorPayload.make(type: type, message: message)),
                lines: ["\(message)\n\(type)\n"], failure: .error(type: type))
        case .notStarted(.server), .neverSeen: preconditionFailure("answered before")
        }
    }

    private func timedOut(_ id: String, after limit: Duration, outcome: ([UInt8]) -> InvocationOutcome) -> Ending {
        let sentence = LogLines.timedOut(requestID: id, after: limit, at: clock.now)
        return Ending(
            outcome: outcome(FunctionErrorPayload.make(type: "Sandbox.Timedout", message: sentence)),
            lines: [sentence + "\n"], failure: .timeout)
    }

    private func exited(_ id: String, _ exit: ProcessExit, outcome: ([UInt8]) -> InvocationOutcome) -> Ending {
        Ending(
            outcome: outcome(FunctionErrorPayload.exited(requestID: id, exit)),
            lines: [FunctionErrorPayload.exitMessage(requestID: id, exit) + "\nRuntime.ExitError\n"],
            failure: .error(type: "Runtime.ExitError"))
    }
}
