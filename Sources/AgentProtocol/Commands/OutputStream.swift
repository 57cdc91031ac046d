import JSONCore

/// One of the streams of one step of an attempt: what offsets count in.
package struct OutputStream: Hashable, Sendable {
    package enum Kind: String, Sendable {
        case stdout
        case stderr
    }

    /// Counts from 0 in the order of `CommandGo.steps`.
    package var step: Int
    package var kind: Kind

    package init(step: Int, kind: Kind) {
        self.step = step
        self.kind = kind
    }

    var members: [(JSONString, JSONValue)] { [("step", .integer(step)), ("stream", .text(kind.rawValue))] }
}

extension WireReader {
    /// The stream that a message is about.
    func stream() throws(WireError) -> OutputStream {
        OutputStream(step: try int("step"), kind: try choice("stream"))
    }
}
