package import JSONCore

/// What an `aws:downloadContent` step fetches.
package struct ContentDownload: WireMessage, Hashable {
    /// `S3` is the only one there is.
    package var sourceType: String
    /// The `path` of `sourceInfo`: the URL of an object, or of a folder (ends in `/`).
    package var path: String
    /// `destinationPath`: a file or folder of the node, absolute or below the step's working directory.
    package var destination: String
    /// The server's permission to fetch it, made for one go and stored nowhere; a secret. nil before.
    package var grant: String?

    package init(sourceType: String, path: String, destination: String, grant: String? = nil) {
        self.grant = grant
        self.sourceType = sourceType
        self.path = path
        self.destination = destination
    }

    package init(json: JSONValue) throws(WireError) {
        let reader = try WireReader(json)
        sourceType = try reader.text("sourceType")
        path = try reader.text("path")
        destination = try reader.text("destination")
        grant = try reader.optionalText("grant")
    }

    package var json: JSONValue {
        var object = JSONObject.of(
            ("sourceType", .text(sourceType)), ("path", .text(path)), ("destination", .text(destination)))
        object.setText("grant", grant)
        return .object(object)
    }
}
