import AgentProtocol
import JSONCore

/// What the program of an `aws:downloadContent` step is told, in memory as descriptor 3: the grant in it is a secret.
package struct ContentJob: Equatable, Sendable {
    /// The agent's server.
    var serverURL: String
    /// The text (PEM) of the authorities to trust instead of the system's; nil for those. Not their file: the step's user may not read
    /// that.
    var authorities: String?
    var grant: String
    var source: ContentSource
    /// As the document says it; empty for the working directory.
    var destination: String

    init(serverURL: String, authorities: String?, grant: String, source: ContentSource, destination: String) {
        self.serverURL = serverURL
        self.authorities = authorities
        self.grant = grant
        self.source = source
        self.destination = destination
    }

    /// The job of a step; `path` has been checked by the server.
    init?(_ download: ContentDownload, serverURL: String, authorities: String?) {
        guard let grant = download.grant, let source = ContentSource(url: download.path) else { return nil }
        self.init(
            serverURL: serverURL, authorities: authorities, grant: grant, source: source, destination: download.destination)
    }

    /// Reads a job's text; nil when it is none.
    package init?(bytes: [UInt8]) {
        guard let json = try? JSONParser.parse(bytes), let url = json["server"]?.text, let grant = json["grant"]?.text,
            let bucket = json["bucket"]?.text, let key = json["key"]?.text, let destination = json["destination"]?.text
        else { return nil }
        self.init(
            serverURL: url, authorities: json["authorities"]?.text, grant: grant, source: ContentSource(bucket: bucket, key: key),
            destination: destination)
    }

    /// The job as text.
    var bytes: [UInt8] {
        JSONWriter.bytes(of: [
            "server": .text(serverURL), "authorities": authorities.map { .text($0) } ?? .null, "grant": .text(grant),
            "bucket": .text(source.bucket), "key": .text(source.key), "destination": .text(destination),
        ])
    }
}
