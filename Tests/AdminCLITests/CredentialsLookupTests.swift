import RequestSigning
import Testing

@testable import AdminCLI

struct CredentialsLookupTests {
    private static let server = "[nightshift]\naws_access_key_id = AKIASERVER\naws_secret_access_key = s3cret=\n"
    private static let files = [
        "/home/op/.aws/credentials": """
        # people's keys
        [default]
        aws_access_key_id=AKIADEFAULT
        aws_secret_access_key=d
        [ night ]
          AWS_ACCESS_KEY_ID = AKIANIGHT
          aws_secret_access_key = n/+
          aws_session_token = t
        [role]
        role_arn = arn:aws:iam::1:role/x
        """,
        "/home/op/.local/share/nightshift/admin-credentials": server, "/srv/data/admin-credentials": server,
    ]

    private func find(
        _ variables: [String: String] = [:], profile: String? = nil, data: String? = nil, files: [String: String] = files
    ) throws -> (key: String, secret: String, token: String?, source: String) {
        let environment = ProcessEnvironment(variables: variables, homeDirectory: "/home/op", isRoot: false)
        let lookup = CredentialsLookup(environment: environment) { path throws(FileProblem) in
            guard let text = files[path] else { throw .missing }
            return text
        }
        let found = try lookup.find(profile: profile, dataDirectory: data)
        let key = found.credentials
        return (key.accessKeyID, key.secretAccessKey, key.sessionToken, found.source)
    }

    @Test func withoutAnythingTheServersOwnKeyIsTaken() throws {
        let found = try find()
        #expect(found.key == "AKIASERVER")
        #expect(found.secret == "s3cret=")
        #expect(found.source == "profile nightshift in /home/op/.local/share/nightshift/admin-credentials")
    }

    @Test func variablesComeBeforeTheServersKeyAndFlagsBeforeVariables() throws {
        let variables = ["AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "e", "AWS_SESSION_TOKEN": "tok", "AWS_PROFILE": "night"]
        #expect(try find(variables).key == "AKIAENV")
        #expect(try find(variables).token == "tok")
        #expect(try find(variables, profile: "default").key == "AKIADEFAULT")
        #expect(try find(variables, data: "/srv/data/").key == "AKIASERVER")
        #expect(try find(["AWS_PROFILE": "night"]).secret == "n/+")
        #expect(try find(["AWS_PROFILE": "night"]).token == "t")
    }

    @Test func theServersProfileNeedsNoCopyInTheUsersFile() throws {
        #expect(try find(["AWS_PROFILE": "nightshift"]).key == "AKIASERVER")
        #expect(
            try find(["AWS_PROFILE": "nightshift", "AWS_SHARED_CREDENTIALS_FILE": "/srv/data/admin-credentials"]).source
                == "profile nightshift in /srv/data/admin-credentials")
        #expect(try find(["NIGHTSHIFT_DATA": "/srv/data"], files: ["/srv/data/admin-credentials": Self.server]).key == "AKIASERVER")
    }

    @Test(
        arguments: [
            (
                ["AWS_PROFILE": "nihgt"], nil,
                "there is no profile nihgt in /home/op/.aws/credentials; it has these profiles: default, night, role"
            ),
            (["AWS_PROFILE": "role"], nil, "profile role in /home/op/.aws/credentials has no aws_access_key_id with aws_secret_access_key"),
            (["AWS_ACCESS_KEY_ID": "A"], nil, "AWS_ACCESS_KEY_ID is set, AWS_SECRET_ACCESS_KEY is not"),
            ([:], "/nowhere", "no credentials: /nowhere/admin-credentials does not exist"),
        ] as [([String: String], String?, String)])
    func failuresSayWhereItWasLookedForAndWhatToDo(variables: [String: String], data: String?, problem: String) throws {
        let failure = #expect(throws: CommandFailure.self) { try find(variables, data: data) }
        #expect(failure?.problem == problem)
        #expect(failure?.advice.isEmpty == false)
    }

    @Test func rootFindsTheServersKeyWhereRootsServerLeavesIt() {
        let root = ProcessEnvironment(variables: [:], homeDirectory: "/root", isRoot: true)
        #expect(root.defaultDataDirectory == "/var/lib/nightshift")
    }
}
