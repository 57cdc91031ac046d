import Crypto
package import StatesInterpreter
package import Store
package import TimeSource

/// The secrets that the engine derives from: kept in the database, never shown.
package struct EngineKeys: Sendable {
    private let root: SymmetricKey

    /// Keys under this root of 32 bytes.
    package init(root: [UInt8]) {
        self.root = SymmetricKey(data: root)
    }

    /// The secret from which an execution draws its randomness.
    func executionSecret(_ id: ExecutionID) -> ExecutionSecret {
        ExecutionSecret(bytes: mac("execution-secret", bytes(id.value)))
    }

    /// The token by which outsiders complete a task: it names execution and effect and cannot be made by others.
    func taskToken(account: String, execution: ExecutionID, effect: EffectNumber) -> String {
        let body = bytes(execution.value) + bytes(effect.rawValue)
        return TaskToken.text(body + mac("task-token", Array(account.utf8) + body).prefix(24))
    }

    /// The task that a token names, nil when the token is not one of ours for this account.
    package func task(of token: String, account: String) -> (execution: ExecutionID, effect: EffectNumber)? {
        guard let raw = TaskToken.bytes(token), raw.count == 40 else { return nil }
        let body = Array(raw.prefix(16))
        let expected = mac("task-token", Array(account.utf8) + body).prefix(24)
        var difference: UInt8 = 0
        for (left, right) in zip(expected, raw.dropFirst(16)) { difference |= left ^ right }
        guard difference == 0 else { return nil }
        return (ExecutionID(value: number(body.prefix(8))), EffectNumber(rawValue: number(body.suffix(8))))
    }

    /// The seal of a permission to fetch content for a step of a command.
    package func contentSeal(_ text: [UInt8]) -> [UInt8] {
        mac("content-grant", text)
    }

    private func mac(_ purpose: String, _ message: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(purpose.utf8) + [0] + message, using: root))
    }

    private func bytes(_ value: Int64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - $0 * 8)) }
    }

    private func number(_ bytes: some Sequence<UInt8>) -> Int64 {
        bytes.reduce(0) { $0 << 8 | Int64($1) }
    }
}

extension EngineKeys {
    private static let setting = "engine-root-key"

    /// The keys of a database, made at its first start.
    package static func load(from database: any Database, random: any RandomSource) async throws -> EngineKeys {
        if let root = try await database.read({ try SettingStore.value(setting, in: $0) }) { return EngineKeys(root: root) }
        let root = random.bytes(32)
        try await database.apply([SettingStore.insert(setting, root)])
        return EngineKeys(root: root)
    }
}
