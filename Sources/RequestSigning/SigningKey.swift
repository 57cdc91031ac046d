import Crypto

/// The key that signs for one access key within one credential scope.
///
/// It is derived from the secret by four nested HMACs ("Create a signed AWS API request" in the IAM User Guide, step
/// "Calculate the signature"). Unlike the secret it is useless outside its scope, which is why it may be cached.
package struct SigningKey: Sendable {
    private let key: SymmetricKey

    /// Derives the key for `scope` from a secret access key.
    package init(secretAccessKey: String, scope: CredentialScope) {
        var key = SymmetricKey(data: Array("AWS4".utf8) + Array(secretAccessKey.utf8))
        for part in [scope.date, scope.region, scope.service, CredentialScope.terminator] {
            let code = HMAC<SHA256>.authenticationCode(for: Array(part.utf8), using: key)
            key = SymmetricKey(data: code)
        }
        self.key = key
    }

    /// The signature of a string to sign: 32 bytes.
    package func signature(of stringToSign: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: stringToSign, using: key))
    }

    /// Whether `signature` is that of the string to sign, found in a time that does not depend on where they differ.
    package func isValid(_ signature: [UInt8], of stringToSign: [UInt8]) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(signature, authenticating: stringToSign, using: key)
    }
}
