import DatabasePostgres
import Testing

@Suite("PostgreSQL URLs") struct PostgresURLTests {
    @Test(arguments: [
        ("postgres://night:secret@db.example:5433/nightshift", "postgres://night@db.example:5433/nightshift"),
        ("postgresql://night@db.example/nightshift", "postgresql://night@db.example/nightshift"),
        ("postgres://db.example/nightshift?user=night&password=secret", "postgres://db.example/nightshift?user=night"),
        ("postgres://a:s%40cret@[::1]:5432/n?sslmode=verify-full&sslpassword=secret", "postgres://a@[::1]:5432/n?sslmode=verify-full"),
        ("postgres://a:s:ecret@one:1,two:2/n?PassWord=secret", "postgres://a@one:1,two:2/n"),
        ("postgres:///n?host=/run/postgresql&passfile=/etc/n/pass", "postgres:///n?host=/run/postgresql&passfile=/etc/n/pass"),
    ]) func passwordsAreNotShown(_ text: String, _ redacted: String) throws {
        #expect(try PostgresURL(text).redacted == redacted)
    }

    @Test(arguments: [
        "mysql://a:secret@h/n", "postgres://a:sec@ret@h/n", "postgres://a:sec/ret@h/n", "postgres://a:sec?ret@h/n", "postgres://a:secret@h",
        "postgres://a:secret@h/", "postgres://a:sec ret@h/n", "postgres://a:secr\u{e9}t@h/n", "a:secret@h/n", "",
    ]) func whatIsNoURLIsRefusedWithoutShowingIt(_ text: String) {
        let error = #expect(throws: PostgresURL.Invalid.self) { try PostgresURL(text) }
        #expect(error?.description.contains("sec") == false)
    }
}
