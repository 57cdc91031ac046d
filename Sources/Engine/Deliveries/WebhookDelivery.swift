import JSONCore

/// A POST on its way: what stands in the body of deliveries of the kind `webhook`.
package struct WebhookDelivery: Sendable, Hashable {
    /// A header line.
    package struct Header: Sendable, Hashable {
        /// The name.
        package let name: String
        /// The value.
        package let value: String

        /// A header of this name and value.
        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The kind.
    package static let kind = "webhook"

    /// The address, `http://` or `https://`.
    package var url: String
    /// The headers, beside those of HTTP itself.
    package var headers: [Header]
    /// The content.
    package var content: String
    /// When it is sent again.
    package var retryPolicy: WebhookRetryPolicy

    /// A POST of these parts.
    package init(url: String, headers: [Header], content: String, retryPolicy: WebhookRetryPolicy) {
        self.url = url
        self.headers = headers
        self.content = content
        self.retryPolicy = retryPolicy
    }

    /// The body of the delivery.
    package var encoded: [UInt8] {
        JSONWriter.bytes(of: [
            "url": .text(url), "headers": .array(headers.map { [.text($0.name), .text($0.value)] }), "content": .text(content),
            "retry": [
                "numRetries": .integer(retryPolicy.numRetries), "numNoDelayRetries": .integer(retryPolicy.numNoDelayRetries),
                "numMinDelayRetries": .integer(retryPolicy.numMinDelayRetries),
                "numMaxDelayRetries": .integer(retryPolicy.numMaxDelayRetries),
                "minDelayTarget": .integer(retryPolicy.minDelayTarget), "maxDelayTarget": .integer(retryPolicy.maxDelayTarget),
                "backoffFunction": .text(retryPolicy.backoffFunction.rawValue),
            ],
        ])
    }

    /// Reads a body; nil when it is none.
    package init?(encoded: [UInt8]) {
        guard let value = try? JSONParser.parse(encoded), let url = value["url"]?.text, let content = value["content"]?.text,
            let headers = value["headers"]?.array, let retry = value["retry"]
        else { return nil }
        var policy = WebhookRetryPolicy()
        let numbers: [(String, WritableKeyPath<WebhookRetryPolicy, Int>)] = [
            ("numRetries", \.numRetries), ("numNoDelayRetries", \.numNoDelayRetries), ("numMinDelayRetries", \.numMinDelayRetries),
            ("numMaxDelayRetries", \.numMaxDelayRetries), ("minDelayTarget", \.minDelayTarget), ("maxDelayTarget", \.maxDelayTarget),
        ]
        for (name, path) in numbers {
            if let number = retry[name]?.integer { policy[keyPath: path] = Int(number) }
        }
        if let name = retry["backoffFunction"]?.text, let backoff = WebhookRetryPolicy.Backoff(rawValue: name) {
            policy.backoffFunction = backoff
        }
        self.init(
            url: url,
            headers: headers.compactMap { header in
                guard let pair = header.array, pair.count == 2, let name = pair[0].text, let value = pair[1].text else { return nil }
                return Header(name, value)
            }, content: content, retryPolicy: policy)
    }
}
