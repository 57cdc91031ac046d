import APIServer
import AWSProtocols
import FunctionCode

/// Serves the links to function code that GetFunction hands out, as S3 serves presigned ones.
enum CodeRoute {
    /// The route below `/functions/code/`; the link itself is the proof.
    static func route(links: CodeLinks, code: CodeStore) -> UnsignedRoute {
        UnsignedRoute(method: "GET", path: .prefix(CodeLinks.pathPrefix)) { request in
            guard let digest = links.digest(path: request.head.path, query: request.head.query) else {
                return UnsignedResponse(
                    status: 403, headers: [("Content-Type", "text/plain")], body: .bytes(Array("The link has expired.\n".utf8)))
            }
            guard let archive = try await code.archive(digest) else { return UnsignedResponse(status: 404) }
            return UnsignedResponse(status: 200, headers: [("Content-Type", "application/zip")], body: .bytes(archive))
        }
    }
}
