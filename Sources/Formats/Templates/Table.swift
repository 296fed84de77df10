/// Lines with tabs in them, laid out in columns as Go's text/tabwriter does it for Docker: columns at least 10 wide with 3 blanks
/// between them, a column ending where a line has no more tabs.
package enum Table {
    package static func aligned(_ text: String, minimumWidth: Int = 10, padding: Int = 3) -> String {
        let bytes = Array(text.utf8)
        var lines = cells(bytes)
        // A column is a run of lines that all have a tab-ended cell there; its width is that of its widest cell.
        let columns = (lines.map(\.count).max() ?? 1) - 1
        for column in 0..<max(0, columns) {
            var start = 0
            while start < lines.count {
                var end = start, widest = 0
                while end < lines.count, lines[end].count - 1 > column {
                    widest = max(widest, lines[end][column].width)
                    end += 1
                }
                // An entirely empty column takes no room.
                let width = widest == 0 ? 0 : max(minimumWidth, widest + padding)
                for line in start..<end { lines[line][column].blanks = width - lines[line][column].width }
                start = max(end, start + 1)
            }
        }
        var result: [UInt8] = []
        result.reserveCapacity(2 * bytes.count)
        for (index, line) in lines.enumerated() {
            if index > 0 { result.append(UInt8(ascii: "\n")) }
            for cell in line {
                result += bytes[cell.text]
                result.append(contentsOf: repeatElement(UInt8(ascii: " "), count: cell.blanks))
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private struct Cell {
        /// Where it stands.
        var text: Range<Int>
        /// In Unicode scalars, which is all that Go counts.
        var width = 0
        /// What fills its column.
        var blanks = 0
    }

    private static func cells(_ bytes: [UInt8]) -> [[Cell]] {
        var lines: [[Cell]] = [], line: [Cell] = [], cell = Cell(text: 0..<0)
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case UInt8(ascii: "\t"), UInt8(ascii: "\n"):
                line.append(cell)
                cell = Cell(text: index + 1..<index + 1)
                if byte == UInt8(ascii: "\n") {
                    lines.append(line)
                    line.removeAll(keepingCapacity: true)
                }
            default:
                cell.text = cell.text.lowerBound..<index + 1
                // Bytes that go on with a scalar are none of their own.
                if byte & 0xC0 != 0x80 { cell.width += 1 }
            }
        }
        return lines + [line + [cell]]
    }
}
