internal import DockerAPI
internal import Terminal

/// The table of `image ls --tree`: names, and under them the platforms. As Docker 28 prints it where there is no terminal, and on
/// one no wider than that.
struct ImageTree {
    private struct Line {
        var name: String
        var cells: [String]
    }

    /// Headings of the columns after the first, with their widths.
    private static let columns = [("ID", 12), ("DISK USAGE", 10), ("CONTENT SIZE", 12), ("EXTRA", 5)]
    private static let spacing = "   "
    private static let legend = "Info →   U  In Use"

    private var groups: [[Line]] = []
    private let width: Int

    /// `all`: attestations too. `width` in columns: nil without a terminal.
    init(_ images: [ImageSummary], all: Bool, width: Int?) {
        self.width = max(width ?? 80, 20)
        groups = images.sorted { $0.created > $1.created }.map { Self.lines($0, all: all) }
    }

    /// A line for each name, of which the last has the image's sizes, then one for each platform.
    private static func lines(_ image: ImageSummary, all: Bool) -> [Line] {
        let platforms = (image.manifests ?? []).filter { $0.kind == "image" || (all && $0.kind == "attestation") }
        let content = platforms.reduce(0) { $0 + $1.size.content }
        let isUsed = image.containers > 0 || platforms.contains { $0.imageData?.containers.isEmpty == false }
        var lines = (image.repoTags.isEmpty ? ["<untagged>"] : image.repoTags).map { Line(name: ImageNames.familiar($0), cells: []) }
        lines[lines.count - 1].cells = cells(image.id, image.size, content, isUsed)
        for (place, manifest) in platforms.enumerated() {
            let platform = manifest.imageData?.platform ?? OCIPlatform()
            let words =
                manifest.kind == "image"
                ? [platform.os, platform.architecture, platform.variant].filter { !$0.isEmpty }.joined(separator: "/")
                : manifest.kind
            lines.append(
                Line(
                    name: "\(place == platforms.count - 1 ? "└─" : "├─") \(words)",
                    cells: cells(manifest.id, manifest.size.total, manifest.size.content, manifest.imageData?.containers.isEmpty == false)))
        }
        return lines
    }

    private static func cells(_ id: String, _ total: Int, _ content: Int, _ isUsed: Bool) -> [String] {
        [ImageRow.short(id), HumanText.size(total), HumanText.size(content), isUsed ? "U" : ""]
    }

    var text: String {
        var columns = Self.columns[...]
        func rest() -> Int { width - columns.reduce(0) { $0 + $1.1 + Self.spacing.count } }
        // Rather fewer columns than names that cannot be read.
        while rest() < 12, !columns.isEmpty { columns.removeLast() }
        let first = min(rest(), groups.joined().reduce(5) { max($0, $1.name.count) })
        func row(_ name: String, _ cells: [String]) -> String {
            var text = name.count > first ? name.prefix(first - 3) + "..." : name + String(repeating: " ", count: first - name.count)
            for (cell, (heading, width)) in zip(cells, columns) {
                let fill = String(repeating: " ", count: max(0, width - cell.count))
                text += Self.spacing + (heading == "DISK USAGE" || heading == "CONTENT SIZE" ? fill + cell : cell + fill)
            }
            return text + "\n"
        }
        var result = String(repeating: " ", count: max(0, width - Self.legend.count)) + Self.legend + "\n"
        result += row("IMAGE", columns.map(\.0))
        result += groups.map { $0.map { row($0.name, $0.cells) }.joined() }.joined(separator: "\n")
        return result
    }
}
