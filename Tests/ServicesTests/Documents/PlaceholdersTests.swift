import JSONCore
import Testing

@testable import Services

/// How `{{ name }}` is filled in, compared with Systems Manager's agent.
struct PlaceholdersTests {
    private let placeholders = Placeholders(replacements: [
        "name": .init("ada"), "list": .init(["a", "b c"]), "flag": .init(true), "count": .init(3), "map": .init(["k": "v"]),
        "tricky": .init("{{ name }}"), "ssm:/prod/db:3": .init(reference: ["x"]), "ssm:hosts": .init(reference: ["h1", "h2"]),
    ])

    @Test(arguments: [
        ("hello {{ name }}, {{name}}", "hello ada, ada"), ("{{\tname\n}}!", "ada!"), ("{{list}}.", #"["a","b c"]."#),
        ("n={{ count }} f={{ flag }} m={{ map }}", #"n=3 f=true m={"k":"v"}"#), ("{{ unknown }} {{ name }}", "{{ unknown }} ada"),
        ("{{.Names}} {{ range . }} {{", "{{.Names}} {{ range . }} {{"), ("{{{ name }}}", "{ada}"), ("{{ tricky }}.", "{{ name }}."),
        ("{{ssm:/prod/db:3}}/{{ ssm:hosts }}", "x/h1,h2"), ("{{ssm-secure:key}}", "{{ssm-secure:key}}"), ("{{}}{{ }}", "{{}}{{ }}"),
        ("{{ na me }}", "{{ na me }}"), ("ä{{name}}ß", "äadaß"),
    ])
    func insideOfATextValuesAreText(text: String, filled: String) {
        #expect(placeholders.fillText(text) == filled)
    }

    @Test func aTextThatIsOneKeepsTheType() {
        #expect(placeholders.fill("{{ list }}") == ["a", "b c"])
        #expect(placeholders.fill("{{flag}}") == true)
        #expect(placeholders.fill("{{ count }}") == 3)
        #expect(placeholders.fill(" {{ count }}") == " 3")
        #expect(placeholders.fill(["x": "{{ map }}", "{{ name }}": 1]) == ["x": ["k": "v"], "{{ name }}": 1])
    }

    @Test func aListInAListGivesItsElements() {
        #expect(
            placeholders.fill(["set -e", "{{ list }}", "{{ ssm:hosts }}", "echo {{ list }}"])
                == ["set -e", "a", "b c", "h1", "h2", #"echo ["a","b c"]"#])
        #expect(placeholders.fill([["{{ name }}"], 1, nil]) == [["ada"], 1, nil])
    }
}
