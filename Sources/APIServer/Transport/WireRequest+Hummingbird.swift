import AWSProtocols
import HTTPTypes
import HummingbirdCore
import NIOCore

extension WireRequest {
    /// The head of an HTTP request, without its body.
    init(head: HTTPRequest) {
        let target = head.path ?? "/"
        let mark = target.utf8.firstIndex(of: UInt8(ascii: "?"))
        var headers: [(name: String, value: String)] = []
        headers.reserveCapacity(head.headerFields.count + 1)
        // Hummingbird keeps the host apart; signatures cover it like any header.
        if let authority = head.authority { headers.append(("host", authority)) }
        for field in head.headerFields { headers.append((field.name.canonicalName, field.value)) }
        self.init(
            method: head.method.rawValue, path: String(target[..<(mark ?? target.endIndex)]),
            query: mark.map { String(target[target.utf8.index(after: $0)...]) } ?? "", headers: headers)
    }
}

extension WireResponse {
    /// The answer as Hummingbird sends it; it adds the body's length.
    var response: Response {
        Response(
            status: HTTPResponse.Status(code: status), headers: HTTPFields(headers),
            body: body.isEmpty ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}

extension HTTPFields {
    /// The fields of these names and values; names that HTTP does not allow are left out.
    init(_ headers: [(name: String, value: String)]) {
        self.init()
        for header in headers {
            if let name = HTTPField.Name(header.name) { append(HTTPField(name: name, value: header.value)) }
        }
    }
}
