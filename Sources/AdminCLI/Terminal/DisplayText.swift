/// Text of others (job output, causes, names) made fit for a terminal.
package enum DisplayText {
    /// The text on one line without anything that a terminal would obey: escape sequences are dropped, other control characters shown as
    /// `^X`, tabs widened to one space, line breaks to ` ⏎ ` or ` | `. Characters that reorder text are dropped.
    package static func line(_ text: String, isUnicode: Bool = true) -> String {
        var output = String.UnicodeScalarView()
        var scalars = text.unicodeScalars.makeIterator()
        var pending = scalars.next()
        while let scalar = pending {
            pending = scalars.next()
            switch scalar.value {
            case 0x1B:
                if pending == "[" { pending = skipSequence(&scalars) }
            case 0x09: output.append(" ")
            case 0x0A: output.append(contentsOf: (isUnicode ? " ⏎ " : " | ").unicodeScalars)
            case 0x0D where pending == "\n" || pending == nil: break
            case 0..<0x20:
                output.append("^")
                output.append(UnicodeScalar(UInt8(scalar.value) + 0x40))
            case 0x7F: output.append(contentsOf: "^?".unicodeScalars)
            case 0x80..<0xA0, 0x202A...0x202E, 0x2066...0x2069: break
            default: output.append(scalar)
            }
        }
        return String(output)
    }

    /// The lines of a text, each made fit as by `line`; an empty last line is dropped.
    package static func lines(_ text: String) -> [String] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines.map { line(String($0)) }
    }

    /// How many columns the text takes.
    package static func width(_ text: String) -> Int {
        text.utf8.allSatisfy { $0 < 0x80 } ? text.utf8.count : text.reduce(0) { $0 + width($1) }
    }

    /// The text cut to that many columns, with an ellipsis where something is missing. A nil width leaves it whole.
    package static func cut(_ text: String, to width: Int?, isUnicode: Bool = true) -> String {
        guard let width, self.width(text) > width else { return text }
        let ellipsis = isUnicode ? "…" : "..."
        var room = width - self.width(ellipsis)
        guard room > 0 else { return String(text.prefix(max(width, 0))) }
        var kept = ""
        for character in text {
            room -= self.width(character)
            guard room >= 0 else { break }
            kept.append(character)
        }
        return kept + ellipsis
    }

    /// The text with spaces up to that many columns.
    package static func pad(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - self.width(text)))
    }

    /// Skips a control sequence (ECMA-48, 5.4) up to its final byte; returns the scalar behind it.
    private static func skipSequence(_ scalars: inout String.UnicodeScalarView.Iterator) -> UnicodeScalar? {
        while let scalar = scalars.next() {
            if (0x40...0x7E).contains(scalar.value) { return scalars.next() }
            guard (0x20..<0x40).contains(scalar.value) else { return scalar }
        }
        return nil
    }

    private static func width(_ character: Character) -> Int {
        guard let scalar = character.unicodeScalars.first else { return 0 }
        if scalar.isASCII { return 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        // East Asian wide and fullwidth blocks (Unicode Standard Annex 11), and emoji.
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
            0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }
}
