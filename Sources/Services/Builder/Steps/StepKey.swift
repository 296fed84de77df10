internal import Archive
internal import OCI

/// What decides on a step's outcome, as one digest: the layers below, the words, and the contents of all that goes in; no times, and none of
/// the configuration that the step does not see.
struct StepKey {
    private var parts: [String]

    /// `layers`: the chain that the step is made over; empty for none.
    init(_ kind: String, layers: String, platform: Platform) { parts = ["1", kind, layers, "\(platform)"] }

    mutating func add(_ name: String, _ values: [String]) { parts += ["\(name) \(values.count)"] + values }

    /// The length stands before each part, so that no two lists look the same.
    var digest: Digest { ContentHasher.digest(Array(parts.map { "\($0.utf8.count):\($0)" }.joined().utf8)) }
}
