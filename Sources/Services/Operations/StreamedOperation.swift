package import AWSProtocols

/// An operation whose body is as large as an object may be, so that it goes through the server in pieces and is never held whole.
///
/// The input holds every member but the streamed one. An operation that takes no body gets an empty one. Whatever it throws before
/// it returns is answered like the error of any other operation; an object of which `body.next()` threw must not become visible.
package typealias StreamedOperationHandler =
    @Sendable (_ context: RequestContext, _ input: APIStructure, _ body: any StreamedInputBody) async throws -> StreamedOutput

/// A request's body while it arrives, without the framing that it travels in (`aws-chunked`).
///
/// One task at a time reads it. The sender waits while nobody reads, so what is held is a piece or two.
package protocol StreamedInputBody: AnyObject, Sendable {
    /// How many bytes the pieces will have together. An end before them, and one byte more, are errors of `next()`.
    var length: Int64 { get }
    /// The trailers that the request announces (`x-amz-trailer`), in lower case: `x-amz-checksum-crc64nvme`. Known before the first
    /// piece, so that the checksum can be computed on the way.
    var announcedTrailers: [String] { get }
    /// The trailers that came, by their names in lower case. Empty until `next()` has returned nil.
    var trailers: [String: String] { get }

    /// The next piece, never empty and of 512 KiB at most; nil after the last, when the length, the body's hash, the signature of each
    /// chunk and that of the trailers have been verified.
    /// - Throws: `APIError` when the body is not what the request said, or ends early.
    func next() async throws -> [UInt8]?
}

/// What a streamed operation answers.
package struct StreamedOutput: Sendable {
    /// The output's members but the streamed one.
    package var output: APIStructure
    /// The bytes of the streamed member; nil when the operation has none.
    package var body: StreamedOutputBody?

    /// An answer of these members, and of these bytes.
    package init(_ output: APIStructure, body: StreamedOutputBody? = nil) {
        self.output = output
        self.body = body
    }
}

/// An answer's body that is made while it is sent.
package struct StreamedOutputBody: Sendable {
    /// Takes a piece to the client, and waits while the client is slower than the server. Pieces of 256 KiB to 1 MiB are best.
    /// It throws when the client is gone or has taken nothing for too long; the writer then ends with that error.
    package typealias Sink = @Sendable (_ piece: [UInt8]) async throws -> Void

    /// How many bytes there will be: the answer's `Content-Length`.
    package let length: Int64
    /// Sends all of the bytes through the sink, in order. Called once at most: not at all when the client has gone before. What it
    /// holds is let go with it, so an open file belongs into a value that closes it when it is no longer referenced.
    ///
    /// Should it throw or send fewer bytes, then the connection is closed, so that the client cannot take the part for the whole.
    package let write: @Sendable (_ sink: Sink) async throws -> Void

    /// A body of this length, written by `write`.
    package init(length: Int64, write: @escaping @Sendable (_ sink: Sink) async throws -> Void) {
        self.length = length
        self.write = write
    }
}
