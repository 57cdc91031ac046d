import ConfigQueries
import Testing

@Suite struct QuerySyntaxTests {
    @Test(arguments: [
        "SELECT *",
        "select resourceId where resourceType = 'AWS::EC2::Instance'",
        "SELECT resourceId, configuration.instanceType WHERE a = 1 AND (b = 'x' OR NOT c IN ('y', 'z'))",
        "SELECT a WHERE b BETWEEN '10.0.0.0' AND '10.0.0.255' AND NOT b < '10.0.0.0'",
        "SELECT a WHERE b NOT IN (1, 2) AND c NOT LIKE 'x%' AND d NOT BETWEEN 1 AND 2",
        "SELECT a WHERE b LIKE 'AWS::EC2::%' OR c <> 2 OR d != TRUE OR e >= 1.5 OR f <= -3",
        "SELECT configuration.'AWS:Application'.Content.Name WHERE configuration.AWS:Network.SchemaVersion = '1.0'",
        "SELECT configuration.\"AWS:Application\".Content.`a b`.Version",
        "SELECT configuration.complianceType, COUNT(*) WHERE a = 'b' GROUP BY configuration.complianceType ORDER BY COUNT(*) DESC",
        "SELECT COUNT(*), MIN(a), MAX(a), SUM(a), AVG(a), COUNT(a)",
        "SELECT a ORDER BY a ASC, b DESC, c",
        "SELECT count WHERE count = 'it''s'",
        """
        SELECT
          resouceId,
          resourceName,
          resourceType,
          configuration.association.publicIp,
          availabilityZone,
          awsRegion
        WHERE
          resourceType='AWS::EC2::NetworkInterface'
          AND configuration.association.publicIp>'0.0.0.0'
        """,
    ])
    func itIsAQuery(_ text: String) throws {
        _ = try Query(text)
    }

    @Test(arguments: [
        ("", 1, 1), ("SELEC a", 1, 1), ("SELECT", 1, 7), ("SELECT a,", 1, 10), ("SELECT *, a", 1, 9), ("SELECT a b", 1, 10),
        ("SELECT DISTINCT a", 1, 8), ("SELECT a AS b", 1, 10), ("SELECT a FROM b", 1, 10), ("SELECT a WHERE", 1, 15),
        ("SELECT a WHERE b", 1, 17), ("SELECT a WHERE b =", 1, 19), ("SELECT a WHERE b = c", 1, 20), ("SELECT a WHERE b IS NULL", 1, 18),
        ("SELECT a WHERE b = NULL", 1, 20), ("SELECT a WHERE b = 'x", 1, 20), ("SELECT a WHERE (b = 1", 1, 22), ("SELECT a WHERE b IN ()", 1, 22),
        ("SELECT a WHERE b BETWEEN 1", 1, 27), ("SELECT a WHERE b LIKE 3", 1, 23), ("SELECT a\nWHERE b = 1\n  b = 2", 3, 3),
        ("SELECT a GROUP a", 1, 16), ("SELECT SUM(*)", 1, 12), ("SELECT COUNT(COUNT(a))", 1, 19), ("SELECT a..b", 1, 10), ("SELECT a WHERE b = 1x", 1, 20),
        ("SELECT a WHERE b ! 1", 1, 18), ("SELECT a; DROP", 1, 9), ("SELECT a WHERE b = 1 HAVING c = 2", 1, 22),
    ])
    func itIsASyntaxErrorThere(_ text: String, _ line: Int, _ column: Int) {
        #expect { try Query(text) } throws: { error in
            (error as? QueryError)?.message == "syntax error at line \(line), column \(column)"
        }
    }

    @Test(arguments: [
        ("SELECT a, COUNT(*)", "property a is not in GROUP BY"), ("SELECT * GROUP BY a", "* cannot be selected with GROUP BY or an aggregate function"),
        ("SELECT a GROUP BY a ORDER BY b", "property b is not in GROUP BY"), ("SELECT a ORDER BY COUNT(*)", "aggregate function without GROUP BY in ORDER BY"),
    ])
    func groupsShowWhatIsTheSameForAll(_ text: String, _ reason: String) {
        #expect { try Query(text) } throws: { ($0 as? QueryError)?.reason == reason }
    }

    @Test func deepNestingIsRefused() {
        let text = "SELECT a WHERE " + String(repeating: "(", count: 1_000) + "b = 1" + String(repeating: ")", count: 1_000)
        #expect(throws: QueryError.self) { try Query(text) }
    }

    @Test(arguments: [
        ("SELECT a", nil), ("SELECT a WHERE resourceType = 'x'", ["x"]), ("SELECT a WHERE resourceType IN ('x', 'y') AND b = 1", ["x", "y"]),
        ("SELECT a WHERE resourceType = 'x' OR resourceType = 'y'", ["x", "y"]), ("SELECT a WHERE resourceType = 'x' OR b = 1", nil),
        ("SELECT a WHERE NOT resourceType = 'x'", nil), ("SELECT a WHERE resourceType = 'x' AND resourceType = 'y'", []),
    ] as [(String, Set<String>?)])
    func itTellsWhatAPropertyMustBe(_ text: String, _ values: Set<String>?) throws {
        #expect(try Query(text).requiredValues(of: "resourceType") == values)
    }
}
