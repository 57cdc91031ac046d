/// Why a secret could not be sealed or opened. No case and no text carries a key or a plaintext.
package enum SecretError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Others than its owner may read or write the key file, or it belongs to somebody else.
    case laxPermissions(path: String, mode: UInt32)
    /// The key file is not a regular file of 32 bytes.
    case malformedKeyFile(path: String)
    /// A system call on the key file failed.
    case keyFileFailure(path: String, call: String, errno: Int32)
    /// The account's data key was wrapped under a master key that is not here.
    case unknownMasterKey(account: String)
    /// The account has no data key, or the secret was sealed under another one.
    case unknownDataKey(account: String)
    /// The bytes are no sealed secret, or are of a version that this program does not know.
    case malformed
    /// The bytes were changed, or belong to another account or context.
    case authenticationFailed

    /// What happened and what to do about it.
    package var description: String {
        switch self {
        case .laxPermissions(let path, let mode):
            "\(path) has mode 0\(String(mode, radix: 8)) or a foreign owner; it must belong to the server's user with mode 0600"
        case .malformedKeyFile(let path): "\(path) is not a master key (a file of 32 bytes); restore it from the backup"
        case .keyFileFailure(let path, let call, let errno): "\(call) of \(path) failed with error \(errno)"
        case .unknownMasterKey(let account):
            "the data key of account \(account) is wrapped under another master key; restore the master key file from the backup"
        case .unknownDataKey(let account): "a secret of account \(account) is sealed under a data key that is not stored"
        case .malformed: "the stored secret has an unknown format"
        case .authenticationFailed: "the stored secret was changed or belongs to another place"
        }
    }
}
