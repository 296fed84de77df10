import Testing

/// The built program, as root, on roots of its own. One test after the other: what a test leaves behind could not be told from what another
/// is just doing. Tests name the acceptance rows they show.
@Suite(.serialized, .enabled(if: Installation.isPossible, "needs root and a built davit with its command line"))
struct Integration {}
