/// `ReaderConfig` of an `ItemReader`.
package struct ReaderConfiguration: Sendable {
    /// What the object is.
    package enum InputType: String, Hashable, Sendable, CaseIterable {
        case csv = "CSV"
        case json = "JSON"
        case jsonLines = "JSONL"
        case parquet = "PARQUET"
        case manifest = "MANIFEST"
    }

    /// Where the names of a CSV file's columns are.
    package enum HeaderLocation: String, Hashable, Sendable, CaseIterable {
        case firstRow = "FIRST_ROW"
        /// In the definition: `CSVHeaders`.
        case given = "GIVEN"
    }

    /// What separates the values of a CSV file.
    package enum Delimiter: String, Hashable, Sendable, CaseIterable {
        case comma = "COMMA"
        case pipe = "PIPE"
        case semicolon = "SEMICOLON"
        case space = "SPACE"
        case tab = "TAB"

        /// The character.
        package var byte: UInt8 {
            switch self {
            case .comma: 0x2C
            case .pipe: 0x7C
            case .semicolon: 0x3B
            case .space: 0x20
            case .tab: 0x09
            }
        }
    }

    /// What a manifest lists.
    package enum ManifestType: String, Hashable, Sendable, CaseIterable {
        /// An Athena UNLOAD manifest: data files.
        case athenaData = "ATHENA_DATA"
        /// An S3 inventory report.
        case inventory = "S3_INVENTORY"
    }

    /// What is done with each listed object.
    package enum Transformation: String, Hashable, Sendable, CaseIterable {
        /// Its metadata is the item.
        case none = "NONE"
        /// Its contents are the items.
        case loadAndFlatten = "LOAD_AND_FLATTEN"
    }

    /// What the object is; nil for listings without a transformation.
    package let inputType: InputType?
    /// Where the names of the columns are; nil unless it is CSV.
    package let headerLocation: HeaderLocation?
    /// The names of the columns when they are given.
    package let headers: [String]
    /// What separates the values of a CSV file.
    package let delimiter: Delimiter
    /// How many items are used at most; nil for all.
    package let maxItems: WholeNumberField?
    /// What a manifest lists; nil when the definition does not say.
    package let manifestType: ManifestType?
    /// What is done with each listed object.
    package let transformation: Transformation
    /// A JSON pointer to the array within a JSON object; nil when the object is the array.
    package let itemsPointer: String?
}
