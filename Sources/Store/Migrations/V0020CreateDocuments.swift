extension Migration {
    static let v0020CreateDocuments = Migration(version: 20, name: "create-documents", statements: [])
}
