import Crypto

/// The fingerprint by which a repeated StartExecution is known: SHA-256 of the input's text.
package enum InputHash {
    /// The hash of an input's JSON text.
    package static func of(_ text: [UInt8]) -> [UInt8] {
        Array(SHA256.hash(data: text))
    }
}
