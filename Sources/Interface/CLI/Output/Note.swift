internal import DockerAPI
internal import Terminal

/// Something that a user should know beside what was asked for, as Docker's client shows it.
enum Note {
    static let pushedPlatform = """
        Using --platform pushes only the specified platform manifest of a multi-platform image index.
        Other components, like attestations, will not be included.
        To push the complete multi-platform image, remove the --platform flag.

        """

    static func pushedManifest(_ aux: JSONAux) -> String {
        """
        Not all multiplatform-content is present and only the available single-platform image was pushed
        \(aux.originalIndex?.digest ?? "") -> \(aux.selectedManifest?.digest ?? "")
        """
    }

    /// An empty line, and the note beside its header.
    static func print(_ text: String) {
        let header = TerminalDevice.outputIsTerminal ? "\u{1B}[1;30;106mi\u{1B}[0m \u{1B}[96mInfo →\u{1B}[0m " : " Info -> "
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        Console.output("\n" + header + lines.joined(separator: "\n         ") + "\n")
    }
}
