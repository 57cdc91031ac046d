/// What other parts of the server do with commands. Each is asked at its moment; without any a command is just run.
package struct CommandHooks: Sendable {
    /// Asked before each change is written.
    package var observers: [any CommandObserver]
    /// Given the output of commands that want it whole.
    package var outputSink: (any CommandOutputSink)?
    /// Asked in this order before each go.
    package var goPreparers: [any GoPreparer]

    /// These hooks.
    package init(
        observers: [any CommandObserver] = [], outputSink: (any CommandOutputSink)? = nil, goPreparers: [any GoPreparer] = []
    ) {
        self.observers = observers
        self.outputSink = outputSink
        self.goPreparers = goPreparers
    }
}
