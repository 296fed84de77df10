internal import OCI

/// Every path below a registry's root, which is laid out as Docker's registry lays it out, so that its directories are served as they are.
///
/// ```
/// <root>/docker/registry/v2/
/// ├── blobs/<algorithm>/<first two digits>/<digits>/data
/// ├── repositories/<name>/
/// │   ├── _layers/<algorithm>/<digits>/link          the repository may give this blob out; holds the digest
/// │   ├── _manifests/revisions/<algorithm>/<digits>/link
/// │   ├── _manifests/tags/<tag>/current/link         the digest that the tag names
/// │   ├── _manifests/tags/<tag>/index/<algorithm>/<digits>/link    those it ever named
/// │   ├── _manifests/referrers/<algorithm>/<digits>/<algorithm>-<digits>   ours: who names it as subject
/// │   └── _uploads/<id>/{data,startedat}
/// ├── davit.lock                                     ours: held by the process that the directory belongs to
/// └── davit.sock                                     ours: where it can be asked to collect garbage
/// ```
/// Names come from `RepositoryName`, `Digest`, tags and ids that were checked: none of them can leave its place.
struct RegistryPaths: Sendable, Hashable {
    /// `<root>/docker/registry/v2`.
    let base: String

    init(root: String) { base = "\(root)/docker/registry/v2" }

    var blobs: String { "\(base)/blobs" }
    var repositories: String { "\(base)/repositories" }
    var lock: String { "\(base)/davit.lock" }
    static let socketName = "davit.sock"

    func blobDirectory(_ digest: Digest) -> String { "\(blobs)/\(digest.algorithm)/\(digest.hex.prefix(2))/\(digest.hex)" }
    func blob(_ digest: Digest) -> String { "\(blobDirectory(digest))/data" }

    func repository(_ name: RepositoryName) -> String { "\(repositories)/\(name)" }
    func layers(_ name: RepositoryName) -> String { "\(repository(name))/_layers" }
    func layer(_ name: RepositoryName, _ digest: Digest) -> String { "\(layers(name))/\(digest.algorithm)/\(digest.hex)" }
    func manifests(_ name: RepositoryName) -> String { "\(repository(name))/_manifests" }
    func revisions(_ name: RepositoryName) -> String { "\(manifests(name))/revisions" }
    func revision(_ name: RepositoryName, _ digest: Digest) -> String { "\(revisions(name))/\(digest.algorithm)/\(digest.hex)" }
    func tags(_ name: RepositoryName) -> String { "\(manifests(name))/tags" }
    func tag(_ name: RepositoryName, _ tag: String) -> String { "\(tags(name))/\(tag)" }
    func tagCurrent(_ name: RepositoryName, _ tag: String) -> String { "\(self.tag(name, tag))/current" }
    func tagIndex(_ name: RepositoryName, _ tag: String, _ digest: Digest) -> String {
        "\(self.tag(name, tag))/index/\(digest.algorithm)/\(digest.hex)"
    }
    func referrers(_ name: RepositoryName) -> String { "\(manifests(name))/referrers" }
    func referrers(_ name: RepositoryName, of subject: Digest) -> String { "\(referrers(name))/\(subject.algorithm)/\(subject.hex)" }
    func uploads(_ name: RepositoryName) -> String { "\(repository(name))/_uploads" }
    func upload(_ name: RepositoryName, _ id: UploadID) -> String { "\(uploads(name))/\(id)" }
}

/// The name of an upload: a random UUID (RFC 9562, version 4), so that nobody guesses another's.
package struct UploadID: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    package init() {
        var generator = SystemRandomNumberGenerator()
        let high = (generator.next() as UInt64) & 0xffff_ffff_ffff_0fff | 0x4000
        let low = (generator.next() as UInt64) & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000
        func digits(_ number: UInt64) -> String {
            let text = String(number, radix: 16)
            return String(repeating: "0", count: 16 - text.utf8.count) + text
        }
        let text = Array((digits(high) + digits(low)).utf8)
        description = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(decoding: text[$0], as: UTF8.self) }.joined(separator: "-")
    }

    /// Nil for what is no UUID in small letters.
    package init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == 36 else { return nil }
        for (index, byte) in bytes.enumerated() {
            let isDash = index == 8 || index == 13 || index == 18 || index == 23
            guard isDash ? byte == UInt8(ascii: "-") : (byte >= 48 && byte <= 57) || (byte >= 97 && byte <= 102) else { return nil }
        }
        description = String(text)
    }
}
