/// How the pool runs functions.
package struct FunctionPoolConfiguration: Sendable, Equatable {
    /// The URL under which functions reach this server's AWS APIs: their `AWS_ENDPOINT_URL`.
    package var endpointURL: String
    /// The region in ARNs and in the functions' environment.
    package var region: String
    /// Where scratch folders and the records of running processes live; made with mode 0711 when missing. An absolute path.
    ///
    /// With a `user` of their own, functions must be able to pass through its parents.
    package var directory: String
    /// The Python interpreter for `python3.x`: an absolute path or a name to be found on the server's `PATH`. It needs the package awslambdaric.
    package var python: String
    /// The user that functions run as, a name or `UID:GID`; nil means the server's own. Needs root.
    package var user: String?
    /// The server's own environment, of which functions see `PATH` and the locale alone.
    package var serverEnvironment: [String: String]
    /// Most processes at one time, those that start or end included.
    package var maximumProcesses: Int
    /// Most invocations that wait for a process at one time; more are throttled.
    package var maximumWaiting: Int
    /// How long an invocation waits for a process before it is throttled.
    package var waitLimit: Duration
    /// How long a process may take to ask for its first event, the function's timeout not counted; Lambda's ten seconds.
    package var initLimit: Duration
    /// After how long without an event a process ends.
    package var idleLimit: Duration
    /// How long running invocations may go on after shutdown has begun.
    package var drainLimit: Duration
    /// Whether a process that uses more memory than its function may is killed.
    package var enforcesMemory: Bool

    /// A configuration with the defaults: `python3`, the server's own user, 32 processes, 1,000 waiting for at most 30 s, five minutes of idling.
    package init(
        endpointURL: String,
        region: String = "us-east-1",
        directory: String,
        python: String = "python3",
        user: String? = nil,
        serverEnvironment: [String: String] = [:],
        maximumProcesses: Int = 32,
        maximumWaiting: Int = 1_000,
        waitLimit: Duration = .seconds(30),
        initLimit: Duration = .seconds(10),
        idleLimit: Duration = .seconds(300),
        drainLimit: Duration = .seconds(10),
        enforcesMemory: Bool = true
    ) {
        self.endpointURL = endpointURL
        self.region = region
        self.directory = directory
        self.python = python
        self.user = user
        self.serverEnvironment = serverEnvironment
        self.maximumProcesses = maximumProcesses
        self.maximumWaiting = maximumWaiting
        self.waitLimit = waitLimit
        self.initLimit = initLimit
        self.idleLimit = idleLimit
        self.drainLimit = drainLimit
        self.enforcesMemory = enforcesMemory
    }

    /// The configuration itself when it can work; else every problem at once.
    package func validated() throws(InvalidFunctionPoolConfiguration) -> FunctionPoolConfiguration {
        var problems: [String] = []
        if !endpointURL.hasPrefix("http://"), !endpointURL.hasPrefix("https://") {
            problems.append("the endpoint '\(endpointURL)' for functions is not an http or https URL")
        }
        if region.isEmpty { problems.append("the region for functions is empty") }
        if !directory.hasPrefix("/") { problems.append("the functions' directory '\(directory)' is not an absolute path") }
        if python.isEmpty { problems.append("the Python interpreter is empty; name one with --python") }
        if let user {
            do { _ = try FunctionUser(user) } catch { problems.append(error.reason) }
        }
        if maximumProcesses < 1 { problems.append("at least one function process must be allowed") }
        if maximumWaiting < 0 { problems.append("the number of waiting invocations is negative") }
        if [waitLimit, initLimit, idleLimit].contains(where: { $0 <= .zero }) || drainLimit < .zero {
            problems.append("the limits of waiting, starting and idling of functions must be longer than nothing")
        }
        guard problems.isEmpty else { throw InvalidFunctionPoolConfiguration(problems: problems) }
        return self
    }
}

/// Everything that is wrong with a `FunctionPoolConfiguration`, each problem a sentence that says what to change.
package struct InvalidFunctionPoolConfiguration: Error, Sendable, Equatable, CustomStringConvertible {
    /// The problems, in no order; never empty.
    package let problems: [String]

    /// All of them, in one line.
    package var description: String { problems.joined(separator: "; ") }
}
