/// The product's version.
enum Version {
    /// As `nightshift --version` prints it.
    static let text = "0.1.0"
}
