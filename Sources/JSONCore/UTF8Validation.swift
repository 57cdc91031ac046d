/// Checks bytes against UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
enum UTF8Validation {
    static func isValid(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var index = 0
        let end = bytes.count
        func isContinuation(_ position: Int, from low: UInt8 = 0x80, to high: UInt8 = 0xBF) -> Bool {
            position < end && bytes[position] >= low && bytes[position] <= high
        }
        while index < end {
            let first = bytes[index]
            switch first {
            case 0..<0x80:
                index += 1
            case 0xC2...0xDF:
                guard isContinuation(index + 1) else { return false }
                index += 2
            case 0xE0...0xEF:
                let low: UInt8 = first == 0xE0 ? 0xA0 : 0x80
                let high: UInt8 = first == 0xED ? 0x9F : 0xBF
                guard isContinuation(index + 1, from: low, to: high), isContinuation(index + 2) else { return false }
                index += 3
            case 0xF0...0xF4:
                let low: UInt8 = first == 0xF0 ? 0x90 : 0x80
                let high: UInt8 = first == 0xF4 ? 0x8F : 0xBF
                guard isContinuation(index + 1, from: low, to: high), isContinuation(index + 2), isContinuation(index + 3)
                else { return false }
                index += 4
            default:
                return false
            }
        }
        return true
    }
}
