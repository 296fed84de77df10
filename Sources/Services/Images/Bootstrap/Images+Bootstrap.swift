package import Diagnostics
package import OCI

extension Images {
    /// Makes a base image out of what the distribution ships, without any registry, and gives it `name`:
    /// `busybox[:tag]`, or `debian:<suite>` and `debian:<suite>-slim`. `include` are further Debian packages.
    ///
    /// `progress` gets lines for people to read. Returns the image's id. Making the same again from the same packages gives the same id.
    package func bootstrap(name: String, include: [String] = [], progress: (String) -> Void = { _ in }) throws(Fault) -> Digest {
        let reference = try newName(name)
        try prepare()
        let hold = try ingestHold()
        defer { _ = hold }
        switch reference.familiarName {
        case "busybox":
            guard include.isEmpty else { throw Fault(.invalid, "packages can be included in debian images only") }
            return try asFault("cannot make \(reference.familiar)") { try bootstrapBusybox(reference, progress) }
        case "debian":
            guard let tag = reference.tag, tag != Reference.defaultTag else {
                throw Fault(.invalid, "name the suite to make an image of, such as debian:stable or debian:stable-slim")
            }
            return try asFault("cannot make \(reference.familiar)") { try bootstrapDebian(reference, tag: tag, include: include, progress) }
        default: throw Fault(.invalid, "cannot make \(reference.familiar): only busybox and debian:<suite>[-slim] can be made here")
        }
    }
}

/// What both kinds of base image have in their environment.
let defaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
