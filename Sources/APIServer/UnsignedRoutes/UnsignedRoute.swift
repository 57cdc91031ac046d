/// A route that is reached without a signature: health, agents, links in mails. Whoever adds one checks its callers itself.
package struct UnsignedRoute: Sendable {
    /// Which paths the route takes.
    package enum Path: Sendable, Equatable {
        /// This path alone.
        case exact(String)
        /// All paths that begin so: `/agent/v1/`.
        case prefix(String)
    }

    /// Answers a request.
    package typealias Handler = @Sendable (UnsignedRequest) async throws -> UnsignedResponse

    /// The method; nil takes any.
    package let method: String?
    /// The paths.
    package let path: Path
    /// Answers the request. An error that it throws is answered as an internal failure and logged.
    package let handler: Handler

    /// A route of this method and path.
    package init(method: String?, path: Path, handler: @escaping Handler) {
        self.method = method
        self.path = path
        self.handler = handler
    }

    /// The path that the route takes, or the beginning of those that it takes.
    var pathText: String {
        switch path {
        case .exact(let text), .prefix(let text): text
        }
    }

    /// Whether the route takes a path, by whatever method.
    func takes(path candidate: String) -> Bool {
        switch path {
        case .exact(let text): text == candidate
        case .prefix(let text): candidate.hasPrefix(text)
        }
    }
}
