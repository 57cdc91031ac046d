package import JSONCore

/// What must hold for a step to run: `StringEquals` of a document's `precondition`, its only operator.
package struct StepPrecondition: WireMessage, Hashable {
    /// Stands for the node's platform on either side; then the comparison ignores case.
    package static let platformType = "platformType"

    /// The two arguments, parameters filled in.
    package var left: String
    package var right: String

    package init(left: String, right: String) {
        self.left = left
        self.right = right
    }

    /// Whether it holds on a node of this platform, such as `Linux`.
    package func holds(platform: String) -> Bool {
        if left == Self.platformType { return right.lowercased() == platform.lowercased() }
        if right == Self.platformType { return left.lowercased() == platform.lowercased() }
        return left == right
    }

    /// As Systems Manager's agent writes it in the output of a skipped step.
    package var text: String { "\"StringEquals\": [\(left), \(right)]" }

    package init(json: JSONValue) throws(WireError) {
        let reader = try WireReader(json)
        left = try reader.text("left")
        right = try reader.text("right")
    }

    package var json: JSONValue { ["left": .text(left), "right": .text(right)] }
}
