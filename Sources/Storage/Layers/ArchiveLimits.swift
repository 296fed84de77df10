/// How much one archive may make of a directory; `TarLimits` says what it may make us hold of one member.
///
/// The largest images in use have some hundred thousand members and some hundred gigabytes in a layer. A sparse file claims any size
/// with one block of archive, and whoever reads the layer again reads all of its zeros.
struct ArchiveLimits: Sendable {
    /// Members of any kind.
    var entries = 1 << 22
    /// Bytes of all their names: those of directories are kept until the end, for their times.
    var nameBytes = 1 << 29
    /// Bytes of all regular files, holes included.
    var size: Int64 = 1 << 42
}
