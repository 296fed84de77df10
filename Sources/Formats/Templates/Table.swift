/// Lines with tabs in them, laid out in columns as Go's text/tabwriter does it for Docker: columns at least 10 wide with 3 blanks
/// between them, a column ending where a line has no more tabs.
package enum Table {
    package static func aligned(_ text: String, minimumWidth: Int = 10, padding: Int = 3) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
            $0.split(separator: "\t", omittingEmptySubsequences: false)
        }
        var widths = lines.map { _ in [Int]() }
        // A column is a run of lines that all have a tab-ended cell there; its width is that of its widest cell.
        let columns = (lines.map(\.count).max() ?? 1) - 1
        for column in 0..<max(0, columns) {
            var start = 0
            while start < lines.count {
                var end = start
                while end < lines.count, lines[end].count - 1 > column { end += 1 }
                if end > start {
                    let widest = lines[start..<end].map { $0[column].unicodeScalars.count }.max() ?? 0
                    // An entirely empty column takes no room.
                    let width = widest == 0 ? 0 : max(minimumWidth, widest + padding)
                    for line in start..<end { widths[line].append(width) }
                }
                start = max(end, start + 1)
            }
        }
        return zip(lines, widths).map { cells, widths in
            var line = ""
            for (index, cell) in cells.enumerated() {
                line += cell
                if index < cells.count - 1 { line += String(repeating: " ", count: max(0, widths[index] - cell.unicodeScalars.count)) }
            }
            return line
        }.joined(separator: "\n")
    }
}
