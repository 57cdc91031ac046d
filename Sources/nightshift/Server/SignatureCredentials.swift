import RequestSigning
import Services

/// Gives the signature check the keys of the access key directory.
struct SignatureCredentials: CredentialResolver {
    let directory: AccessKeyDirectory

    func credential(accessKeyID: String) throws -> AccessCredential? {
        directory.key(accessKeyID).map { key in
            AccessCredential(
                accessKeyID: key.id, secretAccessKey: key.secret, sessionToken: key.sessionToken, expiresAt: key.expiresAt,
                principal: RequestSigning.Principal(accountID: key.account, arn: key.principalARN))
        }
    }
}
